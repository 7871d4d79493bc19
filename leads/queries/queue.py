"""The queue: what waits for a person's verdict, in which order, and what they have done today."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from statistics import median
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db.models import Exists, OuterRef

from crm.models import User
from crm.queries.organisation import settings_at
from crm.rules.calendar import civil_day
from crm.rules.permissions import Permission
from leads.models import Assessment, Claim, Lead, Transition
from leads.models.lead import LeadQuerySet
from leads.queries.derived import act_in_force
from leads.rules.facts import AssessmentKind, Channel, TransitionKind

MOST_COUNTED = 99
UNDONE_WITHIN = timedelta(minutes=10)
STEPS_BACK = 30  # acts of the last ten minutes among which the last that still holds is looked for


@dataclass(frozen=True, slots=True)
class Waiting:
    """How many leads wait, counted only as far as it fits a badge."""

    counted: int

    @property
    def is_more(self) -> bool:
        """Whether there are more than are counted."""
        return self.counted > MOST_COUNTED

    @property
    def shown(self) -> int:
        """The number to show."""
        return min(self.counted, MOST_COUNTED)


@dataclass(frozen=True, slots=True)
class Today:
    """What a person has judged today, and how long the middle one of them took."""

    judged: int
    seconds: float | None


@dataclass(frozen=True, slots=True)
class Undoable:
    """The last act of a person that still may be undone; `code` names it."""

    code: str
    act: Assessment | Transition
    lead: Lead


def waiting(*, actor: User) -> LeadQuerySet:
    """Select the leads whose verdict this person may give and nobody has given."""
    return LeadQuerySet(Lead).reached(actor, Permission.JUDGE_LEAD).waiting()


def offered(*, actor: User, at: datetime) -> LeadQuerySet:
    """Leave out of them what somebody else has at hand, and what the person has set aside."""
    kept = Claim.objects.filter(lead=OuterRef("pk"), until_at__gt=at)
    others, aside = kept.filter(is_set_aside=False).exclude(by=actor), kept.filter(is_set_aside=True, by=actor)
    return waiting(actor=actor).filter(~Exists(others), ~Exists(aside))


def upcoming(*, leads: LeadQuerySet, at: datetime, besides: Collection[UUID] = (), size: int) -> list[Lead]:
    """Read the next leads in their order: overdue ones, the longest overdue first, then the newest.

    The two parts are asked for apart: each is a stretch of one index, however many leads there are.
    """
    leads = leads.exclude(public_id__in=besides) if besides else leads
    found = list(leads.filter(verdict_due_at__lt=at).order_by("verdict_due_at", "id")[:size])
    if len(found) < size:
        found += leads.filter(verdict_due_at__gte=at).order_by("-received_at", "-id")[: size - len(found)]
    return found


def count(*, actor: User) -> Waiting:
    """Count what waits for a person, as far as a badge shows it."""
    return Waiting(waiting(actor=actor).order_by()[: MOST_COUNTED + 1].count())


def today(*, actor: User, at: datetime) -> Today:
    """Tell what a person has judged since midnight, without what they have taken back."""
    zone = settings_at(at).time_zone
    midnight = datetime.combine(civil_day(at, zone), time.min, tzinfo=ZoneInfo(zone))
    acts = Assessment.objects.filter(by=actor, recorded_at__gte=midnight)
    kept = acts.filter(is_retraction=False, superseded_by=None).exclude(kind=AssessmentKind.AUDIT).order_by()
    spent = list(kept.values_list("seconds_spent", flat=True))
    told = [seconds for seconds in spent if seconds is not None]
    return Today(len(spent), median(told) if told else None)


def undoable(*, actor: User, at: datetime, code: str = "") -> Undoable | None:
    """Find the last judgement or loss of a person that may still be undone, or the one named."""
    acts: Sequence[Assessment | Transition] = sorted(
        (*_judgements(actor, at), *_losses(actor, at)), key=lambda act: act.recorded_at, reverse=True
    )
    for act in acts:
        name = code_of(act)
        if (not code or code == name) and _holds(act):
            return Undoable(name, act, act.lead)
    return None


def code_of(act: Assessment | Transition) -> str:
    """Name an act the way forms do."""
    return f"loss-{act.pk}" if isinstance(act, Transition) else f"judgement-{act.pk}"


def earlier_requests(*, lead: Lead, actor: User, most: int = 5) -> list[Lead]:
    """List what the same person asked for before, as far as the reader may see it; the newest first."""
    seen = LeadQuerySet(Lead).visible_to(actor).filter(contact=lead.contact_id, received_at__lte=lead.received_at)
    return list(seen.exclude(pk=lead.pk).order_by("-received_at", "-id")[:most])


def loss_reasons(*, leads: Collection[Lead]) -> dict[int, str]:
    """Name the reasons for which leads were lost the last time."""
    losses = Transition.objects.filter(lead__in=leads, kind=TransitionKind.LOSE).prefetch_related("reasons")
    by_lead = {loss.lead_id: loss for loss in losses.order_by("effective_at", "recorded_at", "id")}
    return {pk: ", ".join(reason.name for reason in loss.reasons.all()) for pk, loss in by_lead.items()}


def holder(*, lead: Lead, actor: User, at: datetime) -> User | None:
    """Tell who else has a lead open."""
    others = Claim.objects.filter(lead=lead, until_at__gt=at, is_set_aside=False).exclude(by=actor)
    found = others.select_related("by").first()
    return found.by if found else None


def _judgements(actor: User, at: datetime) -> list[Assessment]:
    mine = Assessment.objects.filter(by=actor, recorded_at__gte=at - UNDONE_WITHIN, is_retraction=False)
    counted = mine.filter(channel=Channel.PAGE).exclude(kind=AssessmentKind.AUDIT)
    return list(counted.select_related("lead").order_by("-recorded_at", "-id")[:STEPS_BACK])


def _losses(actor: User, at: datetime) -> list[Transition]:
    mine = Transition.objects.filter(by=actor, recorded_at__gte=at - UNDONE_WITHIN, kind=TransitionKind.LOSE)
    counted = mine.filter(channel=Channel.PAGE)
    return list(counted.select_related("lead").order_by("-recorded_at", "-id")[:STEPS_BACK])


def _holds(act: Assessment | Transition) -> bool:
    """Tell whether an act is what holds of its lead now."""
    if isinstance(act, Assessment):
        now = act_in_force(act.lead.assessments.all())
        return now is not None and now.pk == act.pk
    last = act.lead.transitions.order_by("effective_at", "recorded_at", "id").values_list("pk", flat=True).last()
    return last == act.pk
