"""What is planned for leads: of one lead, and of everything a person answers for."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Q, QuerySet

from crm.models import User
from crm.queries.organisation import settings_at
from crm.rules.permissions import Permission
from leads.models import Lead, NextStep
from leads.models.lead import LeadQuerySet
from leads.queries.overdue import is_over, words_of
from leads.rules.sla import LATE_LABELS, Late

MOST_PAST = 5
OPEN = Q(done_at__isnull=True, dropped_at__isnull=True)


@dataclass(frozen=True, slots=True)
class StepShown:
    """A step as one person may see it; what it says may name the person behind the lead, so not everybody reads it."""

    pk: int
    what: str
    due_at: datetime
    for_person: str
    is_late: bool
    closed_at: datetime | None
    fate: str


@dataclass(frozen=True, slots=True)
class Planned:
    """The open step of a lead, those before it, the newest first, and what else runs out, in words."""

    step: StepShown | None
    past: Sequence[StepShown]
    words: str
    is_over: bool
    told: Sequence["Told"]


@dataclass(frozen=True, slots=True)
class Told:
    """That the head was told of something overdue."""

    kind: str
    at: datetime


def planned(*, lead: Lead, actor: User, at: datetime) -> Planned:
    """Read what is planned for a lead, and what was."""
    may_know = lead.is_reached(actor, Permission.SEE_CONTACTS)
    steps = NextStep.objects.filter(lead=lead).select_related("for_person", "replaced_by")
    shown = [_shown(step, at=at, may_know=may_know) for step in steps.order_by("-created_at", "-id")[: MOST_PAST + 1]]
    return Planned(
        step=next((step for step in shown if step.closed_at is None), None),
        past=[step for step in shown if step.closed_at is not None][:MOST_PAST],
        words=words_of(lead=lead, organisation=settings_at(at), at=at),
        is_over=is_over(lead=lead, at=at),
        told=[
            Told(str(LATE_LABELS[Late(kind)]), told_at) for kind, told_at in lead.escalations.values_list("kind", "at")
        ],
    )


def steps_of(*, actor: User, until: datetime) -> QuerySet[NextStep]:
    """List the open steps due until an instant that are this person's: promised for them, or of a lead of theirs."""
    theirs = Q(for_person=actor) | Q(lead__owner=actor)
    leads = LeadQuerySet(Lead).visible_to(actor)
    return NextStep.objects.filter(OPEN, theirs, due_at__lt=until, lead__in=leads).order_by("due_at", "id")


def step_of(*, lead: Lead, pk: int) -> NextStep | None:
    """Find a step of a lead."""
    return NextStep.objects.select_related("lead").filter(lead=lead, pk=pk).first()


def _shown(step: NextStep, *, at: datetime, may_know: bool) -> StepShown:
    closed_at = step.done_at or step.dropped_at
    was_put_off = step.dropped_at is not None and hasattr(step, "replaced_by")
    fate = "done" if step.done_at else "put_off" if was_put_off else "dropped" if closed_at else ""
    return StepShown(
        pk=step.pk,
        what=step.what if may_know else "",
        due_at=step.due_at,
        for_person=step.for_person.name,
        is_late=closed_at is None and step.due_at < at,
        closed_at=closed_at,
        fate=fate,
    )
