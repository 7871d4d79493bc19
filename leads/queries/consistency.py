"""What the facts say about a lead, and where the Lead row says otherwise.

Each function here derives one part of what a Lead row repeats, for many leads at once. Operations write these very
values; `check_facts` compares them.
"""

from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from itertools import islice

from django.db.models import Min, Q, QuerySet

from crm.models import OrganisationSettings
from crm.queries.organisation import default_settings
from crm.rules.calendar import civil_day
from funnels.rules.moves import Outcome
from funnels.rules.verdict import Verdict
from leads.models import Assessment, Lead, LeadLink, OwnerChange, Touch, Transition
from leads.rules.facts import AssessmentKind, LinkKind, TouchActor, TouchResult, TransitionKind

Values = Mapping[str, object]
Part = Callable[[Collection[int]], dict[int, Values]]

CHUNK = 500
FIRST_TOUCHES = Q(is_inbound=False, actor=TouchActor.HUMAN) | Q(is_inbound=True, result=TouchResult.REACHED)
CLOSING = {TransitionKind.WIN: Outcome.WON, TransitionKind.LOSE: Outcome.LOST}
UNJUDGED: Values = {
    "definition_id": None,
    "verdict": Verdict.UNDECIDED.value,
    "verdict_at": None,
    "fail_mask": 0,
    "soft_fail_mask": 0,
    "assessed_mask": 0,
}
NOWHERE: Values = {"stage_id": None, "outcome": Outcome.OPEN.value, "outcome_at": None}


@dataclass(frozen=True, slots=True)
class Difference:
    """A field of a Lead row that the facts do not bear out."""

    lead: str
    field: str
    stored: object
    derived: object

    def __str__(self) -> str:
        return f"{self.lead} {self.field}: stored {self.stored}, derived {self.derived}"


def state_of(ids: Collection[int]) -> dict[int, Values]:
    """Derive verdict and masks: the greatest (effective, recorded, id) of the assessments that are no audits."""
    result = dict.fromkeys(ids, UNJUDGED)
    acts = Assessment.objects.filter(lead_id__in=ids).exclude(kind=AssessmentKind.AUDIT)
    for act in acts.order_by("effective_at", "recorded_at", "id"):
        result[act.lead_id] = {
            "definition_id": act.definition_id,
            "verdict": act.verdict,
            "verdict_at": act.effective_at,
            "fail_mask": act.fail_mask,
            "soft_fail_mask": act.soft_fail_mask,
            "assessed_mask": act.assessed_mask,
        }
    return result


def place_of(ids: Collection[int]) -> dict[int, Values]:
    """Derive stage and outcome from the last transition. A lost lead stays where it was lost."""
    result = dict.fromkeys(ids, NOWHERE)
    moves = Transition.objects.filter(lead_id__in=ids).order_by("effective_at", "recorded_at", "id")
    for lead_id, kind, stage_id, effective_at in moves.values_list("lead_id", "kind", "to_stage_id", "effective_at"):
        outcome = CLOSING.get(TransitionKind(kind), Outcome.OPEN)
        result[lead_id] = {
            "stage_id": stage_id,
            "outcome": outcome.value,
            "outcome_at": None if outcome is Outcome.OPEN else effective_at,
        }
    return result


def first_touch_of(ids: Collection[int]) -> dict[int, Values]:
    """Derive the first attempt of a person, or the first request from the other side that was answered."""
    touches = Touch.objects.filter(FIRST_TOUCHES, lead_id__in=ids).order_by()
    first = dict(touches.values_list("lead_id").annotate(first=Min("occurred_at")))
    return {pk: {"first_touch_at": first.get(pk)} for pk in ids}


def owner_of(ids: Collection[int]) -> dict[int, Values]:
    """Derive who answers for the lead."""
    changes = OwnerChange.objects.filter(lead_id__in=ids).order_by("recorded_at", "id")
    last = dict(changes.values_list("lead_id", "owner_id"))
    return {pk: {"owner_id": last.get(pk)} for pk in ids}


def ties_of(ids: Collection[int]) -> dict[int, Values]:
    """Derive what a lead duplicates and repeats. A duplicate of a duplicate points at the lead that is counted."""
    masters = _masters(ids)
    repeats = LeadLink.objects.filter(lead_id__in=ids, kind=LinkKind.REPEAT).order_by("recorded_at", "id")
    repeated = dict(repeats.values_list("lead_id", "master_id"))
    return {pk: {"duplicate_of_id": _root(pk, masters), "repeat_of_id": repeated.get(pk)} for pk in ids}


def _masters(ids: Collection[int]) -> dict[int, int | None]:
    """Read the last tie of these leads, of their masters, and so on upwards."""
    masters: dict[int, int | None] = {}
    asked = set(ids)
    while asked:
        links = LeadLink.objects.filter(lead_id__in=asked).exclude(kind=LinkKind.REPEAT).order_by("recorded_at", "id")
        last = {lead: (kind, master) for lead, kind, master in links.values_list("lead_id", "kind", "master_id")}
        for pk in asked:
            kind, master = last.get(pk, (LinkKind.UNMERGE, None))
            masters[pk] = None if kind == LinkKind.UNMERGE else master
        asked = {master for pk in asked if (master := masters[pk]) is not None} - set(masters)
    return masters


def _root(pk: int, masters: Mapping[int, int | None]) -> int | None:
    root = masters[pk]
    while root is not None and (above := masters[root]) is not None:
        root = above
    return root


PARTS: tuple[Part, ...] = (state_of, place_of, first_touch_of, owner_of, ties_of)


def differences(*, leads: QuerySet[Lead] | None = None) -> list[Difference]:
    """List every field of these leads, or of all, that differs from what the facts say."""
    zones = _Zones()
    found: list[Difference] = []
    for chunk in _chunks((Lead.objects.all() if leads is None else leads).order_by("id")):
        derived: dict[int, dict[str, object]] = {
            lead.pk: {"cohort_day": civil_day(lead.received_at, zones.at(lead.received_at))} for lead in chunk
        }
        for part in PARTS:
            for pk, values in part(list(derived)).items():
                derived[pk].update(values)
        for lead in chunk:
            found += _compared(lead, derived[lead.pk])
    return found


def _compared(lead: Lead, derived: Values) -> Iterator[Difference]:
    for name, value in derived.items():
        stored = getattr(lead, name)
        if stored != value:
            yield Difference(lead=lead.code, field=name.removesuffix("_id"), stored=stored, derived=value)


def _chunks(leads: QuerySet[Lead]) -> Iterator[list[Lead]]:
    rows = leads.iterator(chunk_size=CHUNK)
    while chunk := list(islice(rows, CHUNK)):
        yield chunk


class _Zones:
    """The time zone in force at any instant, all versions read once."""

    def __init__(self) -> None:
        self.versions = list(OrganisationSettings.objects.order_by("-valid_from_at"))

    def at(self, instant: datetime) -> str:
        for version in self.versions:
            if version.valid_from_at <= instant:
                return version.time_zone
        return self.versions[-1].time_zone if self.versions else default_settings(at=instant).time_zone
