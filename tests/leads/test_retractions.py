"""Undoing what one has done a moment ago: nothing is erased, and what was in force before is again."""

from datetime import datetime, timedelta

import pytest

from crm.models import AuditEvent, User
from funnels.rules.moves import Outcome
from funnels.rules.verdict import Verdict
from leads.models import Assessment, Lead, Transition
from leads.operations import moves, retractions
from leads.operations.retractions import NotToBeUndone
from leads.queries.consistency import differences
from leads.queries.queue import undoable
from leads.rules.facts import AssessmentKind, TransitionKind
from tests.factories.funnels import Rules, make_rules
from tests.factories.leads import MONDAY, answers_in, fresh, judge, make_lead

ALL = ("contact_valid", "need", "budget")
NOW = MONDAY + timedelta(hours=1)
SOON = NOW + timedelta(minutes=2)


@pytest.fixture
def rules(db: None) -> Rules:
    return make_rules()


@pytest.fixture
def lead(rules: Rules) -> Lead:
    return make_lead(rules)


def undo_last(by: User, *, at: datetime = SOON) -> Assessment | Transition:
    found = undoable(actor=by, at=at)
    assert found
    return retractions.take_back(act=found.act, by=by, at=at)


def test_undoing_a_first_judgement_leaves_the_lead_undecided(lead: Lead, manager: User) -> None:
    act = judge(lead, failed=["budget"], by=manager, at=NOW)
    undone = retractions.take_back(act=act, by=manager, at=SOON)
    assert isinstance(undone, Assessment)
    assert (undone.kind, undone.supersedes, undone.is_retraction) == (AssessmentKind.CORRECT, act, True)
    assert undone.effective_at == act.effective_at
    now = fresh(lead)
    assert (now.verdict, now.fail_mask, now.assessed_mask) == (Verdict.UNDECIDED, 0, 0)
    assert differences() == []


def test_undoing_brings_back_the_judgement_before(lead: Lead, rules: Rules, manager: User) -> None:
    judge(lead, failed=["need"], met=["budget"], at=MONDAY)
    act = judge(lead, met=ALL, kind=AssessmentKind.CHANGE, by=manager, at=NOW)
    undone = retractions.take_back(act=act, by=manager, at=SOON)
    assert isinstance(undone, Assessment)
    assert answers_in(undone) == {"need": "failed", "budget": "met"}
    assert (fresh(lead).verdict, fresh(lead).fail_mask) == (Verdict.NON_TARGET, rules.mask("need"))
    assert differences() == []


def test_nothing_is_erased(lead: Lead, manager: User) -> None:
    act = judge(lead, met=ALL, by=manager, at=NOW)
    retractions.take_back(act=act, by=manager, at=SOON)
    assert list(lead.assessments.values_list("verdict", flat=True)) == ["TARGET", "UNDECIDED"]
    assert AuditEvent.objects.filter(action="lead.take_back").get().changes["of"] == act.pk


def test_what_was_undone_may_be_judged_anew_as_a_first_time(lead: Lead, manager: User) -> None:
    retractions.take_back(act=judge(lead, met=ALL, by=manager, at=NOW), by=manager, at=SOON)
    judge(lead, failed=["need"], by=manager, at=SOON + timedelta(minutes=1))
    assert fresh(lead).verdict == Verdict.NON_TARGET
    assert differences() == []


def test_undoing_again_and_again_goes_back_step_by_step(rules: Rules, manager: User) -> None:
    leads = [make_lead(rules) for _ in range(3)]
    for minute, lead in enumerate(leads):
        judge(lead, met=ALL, by=manager, at=NOW + timedelta(minutes=minute))
    at = NOW + timedelta(minutes=4)
    undone = [undo_last(manager, at=at).lead for _ in leads]
    assert undone == leads[::-1]
    assert undoable(actor=manager, at=at) is None
    assert {fresh(lead).verdict for lead in leads} == {Verdict.UNDECIDED}


def test_undoing_a_loss_opens_the_lead_and_keeps_the_reason(lead: Lead, manager: User) -> None:
    loss = moves.lose(lead=lead, reasons=["price"], by=manager, at=NOW)
    undone = undo_last(manager)
    assert isinstance(undone, Transition)
    assert undone.kind == TransitionKind.REOPEN
    assert undone.note
    assert fresh(lead).outcome == Outcome.OPEN
    assert [reason.code for reason in loss.reasons.all()] == ["price"]
    assert differences() == []


def test_judgements_and_losses_are_undone_in_the_order_they_were_made(lead: Lead, manager: User) -> None:
    judge(lead, met=ALL, by=manager, at=NOW)
    moves.lose(lead=lead, reasons=["price"], by=manager, at=NOW + timedelta(minutes=1))
    assert isinstance(undo_last(manager), Transition)
    assert isinstance(undo_last(manager), Assessment)


def test_after_ten_minutes_it_is_too_late(lead: Lead, manager: User) -> None:
    act = judge(lead, met=ALL, by=manager, at=NOW)
    late = NOW + timedelta(minutes=10, seconds=1)
    assert undoable(actor=manager, at=late) is None
    with pytest.raises(NotToBeUndone):
        retractions.take_back(act=act, by=manager, at=late)
    assert fresh(lead).verdict == Verdict.TARGET


def test_what_another_has_said_is_not_ones_own_to_undo(lead: Lead, manager: User, head: User) -> None:
    act = judge(lead, met=ALL, by=head, at=NOW)
    assert undoable(actor=manager, at=SOON) is None
    with pytest.raises(NotToBeUndone):
        retractions.take_back(act=act, by=manager, at=SOON)


def test_what_something_has_followed_is_not_undone(lead: Lead, manager: User, head: User) -> None:
    act = judge(lead, met=ALL, by=manager, at=NOW)
    judge(lead, failed=["need"], kind=AssessmentKind.CORRECT, by=head, at=NOW + timedelta(minutes=1))
    with pytest.raises(NotToBeUndone):
        retractions.take_back(act=act, by=manager, at=SOON)
    assert lead.assessments.count() == 2


def test_what_was_undone_is_not_undone_twice(lead: Lead, manager: User) -> None:
    act = judge(lead, met=ALL, by=manager, at=NOW)
    retractions.take_back(act=act, by=manager, at=SOON)
    with pytest.raises(NotToBeUndone):
        retractions.take_back(act=act, by=manager, at=SOON)
    assert lead.assessments.count() == 2


def test_a_loss_of_a_lead_opened_again_is_not_undone(lead: Lead, manager: User) -> None:
    loss = moves.lose(lead=lead, reasons=["price"], by=manager, at=NOW)
    moves.reopen(lead=lead, by=manager, at=NOW + timedelta(minutes=1))
    with pytest.raises(NotToBeUndone):
        retractions.take_back(act=loss, by=manager, at=SOON)
