"""Promise a next step for a lead, put it off, do it, drop it. One is open at a time."""

from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from crm.models import User
from crm.operations import audit
from crm.rules.errors import DomainError
from funnels.rules.moves import Outcome
from leads.models import Lead, NextStep
from leads.operations.owners import OwnerHasLeft
from leads.operations.states import lock

LONGEST = 300


class LeadIsClosed(DomainError):
    """A next step for a lead that is won or lost."""

    def __init__(self) -> None:
        super().__init__("lead_closed", _("This lead is closed: open it again to plan something."))


class StepIsPlanned(DomainError):
    """A second step beside an open one."""

    def __init__(self) -> None:
        super().__init__("step_planned", _("A next step is planned already: finish it, put it off or drop it."))


class StepIsClosed(DomainError):
    """Acting upon a step that was done or dropped."""

    def __init__(self) -> None:
        super().__init__("step_closed", _("This step is closed already. What is planned now is shown here."))


class StepSaysNothing(DomainError):
    """A step without words."""

    def __init__(self) -> None:
        super().__init__("step_says_nothing", _("Say what is to be done."), "what")


class StepIsInThePast(DomainError):
    """A promise for a time that has passed."""

    def __init__(self) -> None:
        super().__init__("step_in_the_past", _("Choose a time to come."), "due_at")


@transaction.atomic
def plan(
    *,
    lead: Lead,
    what: str,
    due_at: datetime,
    for_person: User | None,
    by: User,
    at: datetime,
    request_id: UUID | None = None,
) -> NextStep:
    """Promise a step; without a person named it is for the owner, or for whoever plans it.

    A repeated `request_id` returns the step it made.
    """
    held = lock(lead=lead)
    if request_id is not None and (made := NextStep.objects.filter(request_id=request_id, lead=held).first()):
        return made
    if held.outcome != Outcome.OPEN:
        raise LeadIsClosed
    if open_step(lead=held) is not None:
        raise StepIsPlanned
    step = _promise(held, what, due_at, for_person or held.owner or by, by=by, at=at, request_id=request_id)
    audit.record(action="step.plan", obj=held, by=by, at=at, changes={"step": step.pk, "for": step.for_person_id})
    return step


@transaction.atomic
def reschedule(*, step: NextStep, due_at: datetime, by: User, at: datetime, request_id: UUID | None = None) -> NextStep:
    """Put a step off: another one takes its place, and the first stays told. Sent twice, it is done once.

    What somebody has promised who has left since is the owner's from then on, or whoever's puts it off.
    """
    held = lock(lead=step.lead)
    if request_id is not None and (made := NextStep.objects.filter(request_id=request_id, replaces=step).first()):
        return made
    before = _open_or_refuse(step)
    before.dropped_at, before.dropped_by = at, by
    before.save(update_fields=["dropped_at", "dropped_by"])
    heir = held.owner if held.owner and held.owner.is_active else by
    person = before.for_person if before.for_person.is_active else heir
    after = _promise(held, before.what, due_at, person, by=by, at=at, request_id=request_id, replaces=before)
    audit.record(action="step.reschedule", obj=held, by=by, at=at, changes={"step": [before.pk, after.pk]})
    return after


@transaction.atomic
def finish(*, step: NextStep, by: User, at: datetime) -> NextStep:
    """Tell that a step is done; told twice, it is done once."""
    held = lock(lead=step.lead)
    step = NextStep.objects.select_for_update(of=("self",)).get(pk=step.pk)
    if step.done_at is not None:
        return step
    step = _open_or_refuse(step)
    step.done_at, step.done_by = at, by
    step.save(update_fields=["done_at", "done_by"])
    audit.record(action="step.finish", obj=held, by=by, at=at, changes={"step": step.pk})
    return step


@transaction.atomic
def drop(*, step: NextStep, by: User, at: datetime) -> NextStep:
    """Tell that a step will not be done; told twice, it is dropped once."""
    held = lock(lead=step.lead)
    step = NextStep.objects.select_for_update(of=("self",)).get(pk=step.pk)
    if step.dropped_at is not None:
        return step
    return _drop(held, _open_or_refuse(step), by=by, at=at)


def drop_open(*, lead: Lead, by: User | None, at: datetime) -> None:
    """Drop what is open for a lead that is being closed; the caller holds the lead."""
    step = open_step(lead=lead)
    if step is not None:
        _drop(lead, step, by=by, at=at)


def open_step(*, lead: Lead) -> NextStep | None:
    """Read the step that is open."""
    return NextStep.objects.filter(lead=lead, done_at__isnull=True, dropped_at__isnull=True).first()


def _drop(lead: Lead, step: NextStep, *, by: User | None, at: datetime) -> NextStep:
    step.dropped_at, step.dropped_by = at, by
    step.save(update_fields=["dropped_at", "dropped_by"])
    audit.record(action="step.drop", obj=lead, by=by, at=at, changes={"step": step.pk})
    return step


def _open_or_refuse(step: NextStep) -> NextStep:
    found = NextStep.objects.filter(pk=step.pk, done_at__isnull=True, dropped_at__isnull=True)
    current = found.select_related("for_person").first()
    if current is None:
        raise StepIsClosed
    return current


def _promise(
    lead: Lead,
    what: str,
    due_at: datetime,
    for_person: User,
    *,
    by: User,
    at: datetime,
    request_id: UUID | None,
    replaces: NextStep | None = None,
) -> NextStep:
    words = " ".join(what.split())[:LONGEST]
    if not words:
        raise StepSaysNothing
    if due_at <= at:
        raise StepIsInThePast
    if not for_person.is_active:
        raise OwnerHasLeft
    return NextStep.objects.create(
        request_id=request_id,
        lead=lead,
        what=words,
        due_at=due_at,
        for_person=for_person,
        replaces=replaces,
        created_at=at,
        created_by=by,
    )
