"""One page of a lead's history: which facts are on it, found by their keys alone however long the history is."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import F, IntegerField, Q, QuerySet, Value
from django.db.models.functions import Coalesce

from crm.models import AuditEvent
from leads.models import Lead, NextStep
from leads.rules.facts import TransitionKind
from leads.rules.timeline import Place, Show

PAGE = 25
EDITED = "lead.amend"


@dataclass(frozen=True, slots=True)
class Asked:
    """What of the history is asked for: everything or one kind, from the newest or older than a place."""

    show: Show | None = None
    before: Place | None = None


@dataclass(frozen=True, slots=True)
class Found:
    """The places of a page, the newest first, each with its kind of fact, and whether anything is older."""

    places: Sequence[tuple[str, Place]]
    has_older: bool


# In what order one request writes its facts, all at one moment; its arrival comes first.
TURNS = (
    "arrival",
    "edit",
    "owner",
    "link",
    "step",
    "touch",
    "assessment",
    "transition",
    "step_closed",
    "sale",
    "escalation",
)
SHOWN: Mapping[Show, Sequence[str]] = {
    Show.JUDGEMENTS: ("assessment",),
    Show.MOVES: ("arrival", "transition"),
    Show.TOUCHES: ("touch",),
    Show.STEPS: ("step", "step_closed"),
    Show.OWNERS: ("owner",),
    Show.DUPLICATES: ("link",),
    Show.SALES: ("sale",),
    Show.OVERDUE: ("escalation",),
    Show.EDITS: ("edit",),
}


def find(*, lead: Lead, asked: Asked) -> Found:
    """Find the facts of one page in a single question."""
    wanted = TURNS if asked.show is None else SHOWN[asked.show]
    keys = [_keys(lead, fact, asked.before) for fact in wanted]
    together: QuerySet[Any, Any] = keys[0].union(*keys[1:], all=True) if keys[1:] else keys[0]
    rows = list(together.order_by("-place_at", "-turn", "-key")[: PAGE + 1])
    places = [(TURNS[turn], Place(at, turn, key)) for at, turn, key in rows[:PAGE]]
    return Found(places, has_older=len(rows) > PAGE)


def _keys(lead: Lead, fact: str, before: Place | None) -> QuerySet[Any, Any]:
    turn = TURNS.index(fact)
    rows, time = _facts(lead, fact)
    keys: QuerySet[Any, Any] = rows.order_by().annotate(place_at=time, turn=Value(turn, IntegerField()), key=F("pk"))
    if before is not None:
        same = Q(place_at=before.at)
        older = Q(place_at__lt=before.at)
        if turn == before.turn:
            older |= same & Q(pk__lt=before.pk)
        elif turn < before.turn:
            older |= same
        keys = keys.filter(older)
    places: QuerySet[Any, Any] = keys.values_list("place_at", "turn", "key")
    return places


def _facts(lead: Lead, fact: str) -> tuple[QuerySet[Any, Any], F | Coalesce]:
    recorded = F("recorded_at")
    steps = NextStep.objects.filter(lead=lead)
    is_arrival = Q(kind=TransitionKind.ARRIVE)
    closed = Q(done_at__isnull=False) | Q(dropped_at__isnull=False, replaced_by__isnull=True)
    facts: Mapping[str, tuple[QuerySet[Any, Any], F | Coalesce]] = {
        "arrival": (lead.transitions.filter(is_arrival), recorded),
        "edit": (
            AuditEvent.objects.filter(object_type=Lead._meta.label_lower, object_id=str(lead.pk), action=EDITED),
            F("at"),
        ),
        "owner": (lead.owner_changes.all(), recorded),
        "link": (lead.links.all(), recorded),
        "step": (steps, F("created_at")),
        "touch": (lead.touches.all(), recorded),
        "assessment": (lead.assessments.all(), recorded),
        "transition": (lead.transitions.exclude(is_arrival), recorded),
        "step_closed": (steps.filter(closed), Coalesce("done_at", "dropped_at")),
        "sale": (lead.sales.all(), recorded),
        "escalation": (lead.escalations.all(), F("at")),
    }
    return facts[fact]
