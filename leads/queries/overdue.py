"""What is overdue: the one definition, how much of it there is, and how far each lead is over in business time."""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, Q

from crm.models import OrganisationSettings, User
from crm.queries.organisation import holidays_of
from crm.rules.calendar import longest_day, worked
from funnels.rules.moves import Outcome
from funnels.rules.verdict import Verdict
from leads.models import Lead
from leads.models.lead import LeadQuerySet
from leads.rules.sla import LATE_LABELS, Late, left_in_words

DUE: dict[Late, str] = {Late.FIRST_TOUCH: "first_touch_due_at", Late.VERDICT: "verdict_due_at"}
VALID = Q(is_test=False, duplicate_of__isnull=True)
WAITING: dict[Late, Q] = {
    Late.FIRST_TOUCH: VALID & Q(first_touch_at__isnull=True, outcome=Outcome.OPEN),
    Late.VERDICT: VALID & Q(verdict=Verdict.UNDECIDED),
}


@dataclass(frozen=True, slots=True)
class LateCount:
    """How many leads of somebody are overdue; of nobody where there is no person."""

    person: int | None
    name: str
    first_touch: int
    verdict: int


def overdue(*, kind: Late, at: datetime) -> Q:
    """Pick the leads that are overdue: nobody has touched an open one, or nobody has decided about one, in time."""
    return WAITING[kind] & Q(**{f"{DUE[kind]}__lt": at})


def late_counts(*, actor: User, at: datetime) -> list[LateCount]:
    """Count what is overdue by whose it is, as far as a person's leads go; who has most comes first."""
    counts: dict[int | None, dict[Late, int]] = {}
    for kind in Late:
        late = LeadQuerySet(Lead).visible_to(actor).filter(overdue(kind=kind, at=at))
        for owner, count in late.order_by().values_list("owner").annotate(n=Count("pk")):
            counts.setdefault(owner, {})[kind] = count
    names = dict(User.objects.filter(pk__in=[pk for pk in counts if pk]).values_list("pk", "name"))
    lines = [
        LateCount(pk, names.get(pk or 0, ""), found.get(Late.FIRST_TOUCH, 0), found.get(Late.VERDICT, 0))
        for pk, found in counts.items()
    ]
    return sorted(lines, key=lambda line: (-line.first_touch - line.verdict, line.name))


def waits_for(*, lead: Lead) -> Late | None:
    """Tell what a lead waits for first."""
    if not lead.is_valid:
        return None
    if lead.first_touch_at is None and lead.outcome == Outcome.OPEN:
        return Late.FIRST_TOUCH
    return Late.VERDICT if lead.verdict == Verdict.UNDECIDED else None


def is_over(*, lead: Lead, at: datetime) -> bool:
    """Tell whether what a lead waits for first is overdue."""
    kind = waits_for(lead=lead)
    return kind is not None and getattr(lead, DUE[kind]) < at


def words_of(*, lead: Lead, organisation: OrganisationSettings, at: datetime) -> str:
    """Say how much working time is left for what a lead waits for first, or by how much it is over."""
    kind = waits_for(lead=lead)
    if kind is None:
        return ""
    due_at: datetime = getattr(lead, DUE[kind])
    zone, hours, holidays = organisation.time_zone, organisation.business_hours, holidays_of(organisation)
    left = worked(at, due_at, zone, hours, holidays)
    said = left_in_words(left=left, is_over=due_at < at, day=longest_day(hours))
    return f"{LATE_LABELS[kind]}: {said}"
