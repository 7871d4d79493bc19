"""What waits for a person today: of salespeople their own leads, of their head the team's, of others what is broken."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from django.db.models import Exists, OuterRef, Q
from django.utils.translation import gettext_lazy as _

from crm.models import User
from crm.queries.organisation import settings_at
from crm.queries.webhooks import endpoint_lines
from crm.rules.calendar import civil_day
from crm.rules.errors import DomainError
from funnels.rules.moves import Outcome
from leads.models import Assessment, AssignmentRule, Escalation, Lead, Source, Submission, Touch, Transition
from leads.models.lead import LeadQuerySet
from leads.queries.listing import NOBODY
from leads.queries.narrowing import Narrowing, narrowed
from leads.queries.next_steps import steps_of
from leads.queries.overdue import LateCount, is_over, late_counts, overdue, words_of
from leads.queries.presentation import LeadRow, rows, with_shown
from leads.rules.facts import SubmissionState, TransitionKind
from leads.rules.sla import Late

SHOWN = 8


class Heap(StrEnum):
    """A pile of leads that a number on the page counts."""

    UNTOUCHED = "untouched"
    QUEUE = "queue"
    TOUCHED = "touched"
    JUDGED = "judged"
    CLOSED = "closed"
    INTAKE = "intake"
    ESCALATED = "escalated"


class UnknownHeap(DomainError):
    """A list of leads by a name that means nothing."""

    def __init__(self) -> None:
        super().__init__("unknown_heap", _("There is no such list."))


@dataclass(frozen=True, slots=True)
class WaitingLead:
    """A lead that waits, and in words how much working time it has left."""

    row: LeadRow
    words: str
    is_over: bool


@dataclass(frozen=True, slots=True)
class StepDue:
    """A promise due today or before."""

    pk: int
    what: str
    due_at: datetime
    is_late: bool
    row: LeadRow


@dataclass(frozen=True, slots=True, kw_only=True)
class SellersDay:
    """The day of somebody who works on leads."""

    first_touch: int
    verdict: int
    untouched: int
    queue: int
    steps_count: int
    late: Sequence[WaitingLead]
    fresh: Sequence[WaitingLead]
    steps: Sequence[StepDue]
    touched: int
    judged: int
    closed: int


@dataclass(frozen=True, slots=True, kw_only=True)
class HeadsDay:
    """The day of somebody who answers for a team."""

    lines: Sequence[LateCount]
    first_touch: int
    verdict: int
    unassigned: int
    intake: int
    escalated: int
    escalations: Sequence[WaitingLead]
    steps: Sequence[StepDue]
    steps_count: int


@dataclass(frozen=True, slots=True, kw_only=True)
class AdministratorsDay:
    """What is broken or undecided in the machinery."""

    failed_deliveries: int
    failed_submissions: int
    unconfirmed_sources: int
    has_rules: bool


def sellers_day(*, actor: User, at: datetime) -> SellersDay:
    """Read the day of somebody who works on leads."""
    mine = LeadQuerySet(Lead).visible_to(actor).filter(owner=actor)
    is_late = Q(overdue(kind=Late.FIRST_TOUCH, at=at) | overdue(kind=Late.VERDICT, at=at))
    late = mine.filter(is_late).order_by("verdict_due_at", "id")
    fresh = behind(heap=Heap.UNTOUCHED, actor=actor, at=at).exclude(is_late).order_by("first_touch_due_at", "id")
    steps = steps_of(actor=actor, until=_midnight(at))
    return SellersDay(
        first_touch=mine.filter(overdue(kind=Late.FIRST_TOUCH, at=at)).count(),
        verdict=mine.filter(overdue(kind=Late.VERDICT, at=at)).count(),
        untouched=behind(heap=Heap.UNTOUCHED, actor=actor, at=at).count(),
        queue=behind(heap=Heap.QUEUE, actor=actor, at=at).count(),
        steps_count=steps.count(),
        late=_waiting(late, actor, at=at),
        fresh=_waiting(fresh, actor, at=at),
        steps=_steps(actor, at=at),
        touched=behind(heap=Heap.TOUCHED, actor=actor, at=at).count(),
        judged=behind(heap=Heap.JUDGED, actor=actor, at=at).count(),
        closed=behind(heap=Heap.CLOSED, actor=actor, at=at).count(),
    )


def heads_day(*, actor: User, at: datetime) -> HeadsDay:
    """Read the day of somebody who answers for a team."""
    lines = late_counts(actor=actor, at=at)
    escalated = behind(heap=Heap.ESCALATED, actor=actor, at=at)
    return HeadsDay(
        lines=lines,
        first_touch=sum(line.first_touch for line in lines),
        verdict=sum(line.verdict for line in lines),
        unassigned=narrowed(actor=actor, by=Narrowing(owner=NOBODY, outcome=Outcome.OPEN), at=at).count(),
        intake=behind(heap=Heap.INTAKE, actor=actor, at=at).count(),
        escalated=escalated.count(),
        escalations=_waiting(escalated.order_by("verdict_due_at", "id"), actor, at=at),
        steps=_steps(actor, at=at),
        steps_count=steps_of(actor=actor, until=_midnight(at)).count(),
    )


def administrators_day() -> AdministratorsDay:
    """Count what is broken or waits for a yes."""
    return AdministratorsDay(
        failed_deliveries=sum(line.failed for line in endpoint_lines()),
        failed_submissions=Submission.objects.filter(state=SubmissionState.FAILED).count(),
        unconfirmed_sources=Source.objects.filter(is_confirmed=False, archived_at__isnull=True).count(),
        has_rules=AssignmentRule.objects.filter(archived_at__isnull=True).exists(),
    )


def behind(*, heap: Heap, actor: User, at: datetime) -> LeadQuerySet:
    """Pick exactly the leads a number of the page counts, as far as the person may see them."""
    leads = LeadQuerySet(Lead).visible_to(actor)
    since = _midnight(at, days=0)
    closing = (TransitionKind.WIN, TransitionKind.LOSE)
    match heap:
        case Heap.UNTOUCHED:
            return leads.valid().filter(owner=actor, first_touch_at__isnull=True, outcome=Outcome.OPEN)
        case Heap.QUEUE:
            return leads.waiting().filter(owner=actor)  # what the tagging queue holds of theirs
        case Heap.TOUCHED:
            return leads.filter(pk__in=Touch.objects.filter(by=actor, recorded_at__gte=since).values("lead"))
        case Heap.JUDGED:
            return leads.filter(pk__in=Assessment.objects.filter(by=actor, recorded_at__gte=since).values("lead"))
        case Heap.CLOSED:
            moves = Transition.objects.filter(by=actor, recorded_at__gte=since, kind__in=closing)
            return leads.filter(pk__in=moves.values("lead"))
        case Heap.INTAKE:
            return leads.valid().filter(received_at__gte=since, received_at__lte=at)
        case Heap.ESCALATED:
            still = Q()
            for kind in Late:
                told = Escalation.objects.filter(lead=OuterRef("pk"), kind=kind)
                still |= Q(Exists(told)) & overdue(kind=kind, at=at)
            return leads.filter(still)


def heap_named(*, name: str) -> Heap:
    """Read the name of a pile."""
    try:
        return Heap(name)
    except ValueError:
        raise UnknownHeap from None


def _midnight(at: datetime, *, days: int = 1) -> datetime:
    """Find the beginning of today in the organisation's zone, or of a day after it."""
    zone = settings_at(at).time_zone
    day = civil_day(at, zone) + timedelta(days=days)
    return datetime(day.year, day.month, day.day, tzinfo=ZoneInfo(zone))


def _waiting(leads: LeadQuerySet, actor: User, *, at: datetime) -> list[WaitingLead]:
    found = list(with_shown(leads=leads, actor=actor)[:SHOWN])
    organisation = settings_at(at)
    shown = rows(leads=found, actor=actor, at=at)
    return [
        WaitingLead(row, words_of(lead=lead, organisation=organisation, at=at), is_over(lead=lead, at=at))
        for lead, row in zip(found, shown, strict=True)
    ]


def _steps(actor: User, *, at: datetime) -> list[StepDue]:
    steps = list(steps_of(actor=actor, until=_midnight(at))[:SHOWN])
    leads = with_shown(leads=LeadQuerySet(Lead).filter(pk__in=[step.lead_id for step in steps]), actor=actor)
    found = list(leads)
    by_lead = dict(zip([lead.pk for lead in found], rows(leads=found, actor=actor, at=at), strict=True))
    return [
        StepDue(step.pk, step.what if row.contact else "", step.due_at, step.due_at < at, row)
        for step in steps
        for row in [by_lead[step.lead_id]]
    ]
