"""Next steps: planned, put off, done, dropped; one open at a time."""

from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
from django.db import IntegrityError, transaction

from crm.models import AuditEvent, User
from leads.models import Lead, NextStep
from leads.operations import moves, next_steps, owners
from leads.operations.owners import OwnerHasLeft
from leads.queries.next_steps import planned, steps_of
from leads.rules.steps import Preset, due_by
from tests.factories.crm import UserFactory
from tests.factories.funnels import Rules, make_rules
from tests.factories.leads import MONDAY, make_lead

TOMORROW = MONDAY + timedelta(days=1)
LATER = MONDAY + timedelta(days=3)
HOURS = {"1": ["10:00", "18:00"], "2": ["09:30", "18:00"]}


@pytest.fixture
def rules(db: None) -> Rules:
    return make_rules()


@pytest.fixture
def lead(rules: Rules, manager: User) -> Lead:
    lead = make_lead(rules)
    owners.assign(lead=lead, owner=manager, by=None, at=MONDAY)
    return lead


def plan(lead: Lead, by: User, **said: object) -> NextStep:
    told = {"what": "Call back", "due_at": TOMORROW, "for_person": None, "at": MONDAY}
    return next_steps.plan(lead=lead, by=by, **{**told, **said})  # type: ignore[arg-type]


def test_a_step_is_for_the_owner_unless_told(lead: Lead, manager: User, head: User) -> None:
    step = plan(lead, head, what="  Call   back ")
    assert (step.what, step.for_person, step.created_by) == ("Call back", manager, head)
    assert AuditEvent.objects.get(action="step.plan").changes == {"step": step.pk, "for": manager.pk}


def test_sent_twice_it_is_planned_once(lead: Lead, manager: User) -> None:
    number = uuid4()
    assert plan(lead, manager, request_id=number) == plan(lead, manager, request_id=number)
    assert NextStep.objects.count() == 1


def test_one_is_open_at_a_time(lead: Lead, manager: User) -> None:
    step = plan(lead, manager)
    with pytest.raises(next_steps.StepIsPlanned):
        plan(lead, manager)
    with pytest.raises(IntegrityError), transaction.atomic():
        NextStep.objects.create(
            lead=lead, what="x", due_at=TOMORROW, for_person=manager, created_at=MONDAY, created_by=manager
        )
    next_steps.finish(step=step, by=manager, at=MONDAY)
    assert plan(lead, manager).pk != step.pk


@pytest.mark.parametrize(
    ("said", "refusal"),
    [
        ({"what": "  "}, next_steps.StepSaysNothing),
        ({"due_at": MONDAY}, next_steps.StepIsInThePast),
        ({"due_at": MONDAY - timedelta(days=1)}, next_steps.StepIsInThePast),
    ],
)
def test_a_promise_says_what_and_when(
    said: dict[str, object], refusal: type[Exception], lead: Lead, manager: User
) -> None:
    with pytest.raises(refusal):
        plan(lead, manager, **said)
    assert not NextStep.objects.exists()
    assert not AuditEvent.objects.filter(action="step.plan").exists()


def test_nobody_who_has_left_promises(lead: Lead, manager: User, head: User) -> None:
    manager.is_active = False
    manager.save()
    with pytest.raises(OwnerHasLeft):
        plan(lead, head)


def test_putting_off_makes_another_step_and_keeps_the_first(lead: Lead, manager: User) -> None:
    step, number = plan(lead, manager), uuid4()
    after = [next_steps.reschedule(step=step, due_at=LATER, by=manager, at=MONDAY, request_id=number) for _ in range(2)]
    assert after[0] == after[1]
    step.refresh_from_db()
    assert (step.dropped_at, step.due_at) == (MONDAY, TOMORROW)
    assert (after[0].replaces, after[0].due_at, after[0].what) == (step, LATER, "Call back")
    with pytest.raises(next_steps.StepIsClosed):
        next_steps.reschedule(step=step, due_at=LATER, by=manager, at=MONDAY)
    shown = planned(lead=lead, actor=manager, at=MONDAY)
    assert shown.step is not None
    assert [past.fate for past in shown.past] == ["put_off"]


def test_what_somebody_promised_who_has_left_is_put_off_to_the_owner(lead: Lead, manager: User, head: User) -> None:
    step = plan(lead, manager)
    User.objects.filter(pk=manager.pk).update(is_active=False)
    put_off = next_steps.reschedule(step=step, due_at=LATER, by=head, at=MONDAY)
    assert (put_off.what, put_off.for_person) == ("Call back", head)  # the owner has left too
    heir = UserFactory(team=manager.team)
    owners.assign(lead=lead, owner=heir, by=head, at=MONDAY)
    User.objects.filter(pk=head.pk).update(is_active=False)
    assert next_steps.reschedule(step=put_off, due_at=TOMORROW, by=heir, at=MONDAY).for_person == heir


def test_a_refused_time_leaves_the_step_open(lead: Lead, manager: User) -> None:
    step = plan(lead, manager)
    with pytest.raises(next_steps.StepIsInThePast):
        next_steps.reschedule(step=step, due_at=MONDAY, by=manager, at=MONDAY)
    step.refresh_from_db()
    assert step.dropped_at is None


def test_done_and_dropped_are_told_once(lead: Lead, manager: User) -> None:
    step = plan(lead, manager)
    for _ in range(2):
        next_steps.finish(step=step, by=manager, at=MONDAY)
    assert AuditEvent.objects.filter(action="step.finish").count() == 1
    with pytest.raises(next_steps.StepIsClosed):
        next_steps.drop(step=step, by=manager, at=MONDAY)
    other = plan(lead, manager)
    for _ in range(2):
        next_steps.drop(step=other, by=manager, at=MONDAY)
    assert AuditEvent.objects.filter(action="step.drop").count() == 1
    with pytest.raises(next_steps.StepIsClosed):
        next_steps.finish(step=other, by=manager, at=MONDAY)


def test_closing_the_lead_drops_its_step_and_allows_no_other(lead: Lead, manager: User) -> None:
    step = plan(lead, manager)
    moves.lose(lead=lead, reasons=["price"], by=manager, at=TOMORROW)
    step.refresh_from_db()
    assert (step.dropped_at, step.dropped_by) == (TOMORROW, manager)
    with pytest.raises(next_steps.LeadIsClosed):
        plan(lead, manager)
    moves.reopen(lead=lead, by=manager, at=LATER)
    assert plan(lead, manager, due_at=LATER).pk != step.pk


def test_my_steps_are_those_of_my_leads_and_those_promised_for_me(
    lead: Lead, rules: Rules, manager: User, head: User
) -> None:
    step = plan(lead, head, for_person=head)
    theirs = plan(make_lead(rules), head)
    assert set(steps_of(actor=manager, until=LATER)) == {step}
    assert set(steps_of(actor=head, until=LATER)) == {step, theirs}
    assert not steps_of(actor=head, until=TOMORROW).exists()


def test_a_masked_reader_does_not_read_what_is_planned(lead: Lead, manager: User, marketer: User) -> None:
    plan(lead, manager, what="Call Anna")
    shown = planned(lead=lead, actor=marketer, at=MONDAY).step
    assert shown is not None
    assert shown.what == ""


@pytest.mark.parametrize(
    ("preset", "told"),
    [
        (Preset.IN_AN_HOUR, datetime(2026, 3, 2, 10, 0, tzinfo=UTC)),
        (Preset.TOMORROW, datetime(2026, 3, 3, 6, 30, tzinfo=UTC)),
        (Preset.IN_THREE_DAYS, datetime(2026, 3, 5, 6, 0, tzinfo=UTC)),
        (Preset.NEXT_WEEK, datetime(2026, 3, 9, 7, 0, tzinfo=UTC)),
    ],
)
def test_times_by_name_are_the_organisations(preset: Preset, told: datetime) -> None:
    assert due_by(preset=preset, at=MONDAY, zone="Europe/Moscow", hours=HOURS) == told
