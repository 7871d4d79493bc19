"""What is done with the lead in front of one: it is recorded, and the lead given back."""

from datetime import timedelta
from uuid import uuid4

import pytest

from crm.models import User
from funnels.rules.criteria import Result
from funnels.rules.moves import Outcome
from funnels.rules.verdict import Verdict
from leads.models import Assessment, Claim, Lead, Transition
from leads.operations import claims, tagging
from leads.rules.answers import Answer
from leads.rules.facts import AssessmentKind
from tests.factories.funnels import Rules, make_rules
from tests.factories.leads import MONDAY, fresh, judge, make_lead

NOW = MONDAY + timedelta(hours=1)
FAILED = {"budget": Answer(Result.FAILED)}


@pytest.fixture
def rules(db: None) -> Rules:
    return make_rules()


@pytest.fixture
def lead(rules: Rules) -> Lead:
    return make_lead(rules)


def said(lead: Lead, by: User, answers: dict[str, Answer] | None = None, **options: object) -> Assessment:
    told = {"seen": None, "request_id": uuid4(), "kind": AssessmentKind.ASSESS} | options
    return tagging.judge(lead=lead, answers=answers or FAILED, by=by, at=NOW, **told)  # type: ignore[arg-type]


def test_a_decided_lead_is_given_back(lead: Lead, manager: User) -> None:
    claims.hold(lead=lead, by=manager, at=NOW)
    said(lead, manager, seconds_spent=7)
    assert Assessment.objects.get().seconds_spent == 7
    assert not Claim.objects.exists()


def test_what_stays_undecided_is_set_aside(lead: Lead, manager: User) -> None:
    said(lead, manager, {"budget": Answer(Result.MET)})
    assert Claim.objects.get().is_set_aside


def test_what_somebody_said_meanwhile_is_not_overwritten(lead: Lead, manager: User, head: User) -> None:
    judge(lead, met=["contact_valid", "need", "budget"], by=head, at=NOW)
    for kind in (AssessmentKind.ASSESS, AssessmentKind.CHANGE):
        with pytest.raises(tagging.JudgedMeanwhile):
            said(lead, manager, kind=kind)
    assert fresh(lead).verdict == Verdict.TARGET
    assert Assessment.objects.count() == 1


def test_whoever_has_seen_it_may_say_otherwise(lead: Lead, manager: User, head: User) -> None:
    first = judge(lead, met=["contact_valid", "need", "budget"], by=head, at=NOW)
    said(lead, manager, kind=AssessmentKind.CHANGE, seen=first.pk)
    assert fresh(lead).verdict == Verdict.NON_TARGET


def test_a_judgement_sent_twice_is_one(lead: Lead, manager: User) -> None:
    request_id = uuid4()
    assert said(lead, manager, request_id=request_id) == said(lead, manager, request_id=request_id)
    assert Assessment.objects.count() == 1


def test_a_loss_told_twice_is_one(lead: Lead, manager: User) -> None:
    tell = {"lead": lead, "reasons": ["price"], "seen": None, "by": manager, "note": "too much"}
    first = tagging.lose(at=NOW, **tell)  # type: ignore[arg-type]
    assert tagging.lose(at=NOW + timedelta(minutes=3), **tell) == first  # type: ignore[arg-type]
    assert Transition.objects.filter(kind="lose").count() == 1


def test_another_loss_of_a_lost_lead_is_refused(lead: Lead, manager: User, head: User) -> None:
    tagging.lose(lead=lead, reasons=["price"], seen=None, by=manager, at=NOW)
    for by, reasons in ((head, ["price"]), (manager, ["competitor"])):
        with pytest.raises(tagging.DomainError, match="won or lost"):
            tagging.lose(lead=lead, reasons=reasons, seen=None, by=by, at=NOW)


def test_a_lead_that_was_lost_meanwhile_is_judged_only_by_who_has_seen_it(
    lead: Lead, manager: User, head: User
) -> None:
    tagging.lose(lead=lead, reasons=["price"], seen=None, by=head, at=NOW)
    with pytest.raises(tagging.ClosedMeanwhile):
        said(lead, manager)
    assert not Assessment.objects.exists()
    said(lead, manager, outcome=fresh(lead).outcome)
    assert fresh(lead).verdict == Verdict.NON_TARGET


def test_a_judgement_sent_twice_is_taken_for_one_also_after_the_lead_was_lost(
    lead: Lead, manager: User, head: User
) -> None:
    request_id = uuid4()
    first = said(lead, manager, request_id=request_id)
    tagging.lose(lead=lead, reasons=["price"], seen=first.pk, by=head, at=NOW)
    assert said(lead, manager, request_id=request_id) == first


def test_a_lead_that_was_judged_meanwhile_is_lost_only_by_who_has_seen_it(
    lead: Lead, manager: User, head: User
) -> None:
    first = judge(lead, met=["contact_valid", "need", "budget"], by=head, at=NOW)
    with pytest.raises(tagging.JudgedMeanwhile):
        tagging.lose(lead=lead, reasons=["price"], seen=None, by=manager, at=NOW)
    tagging.lose(lead=lead, reasons=["price"], seen=first.pk, by=manager, at=NOW)
    assert fresh(lead).outcome == Outcome.LOST


def test_skipping_offers_the_lead_to_others(lead: Lead, manager: User) -> None:
    tagging.skip(lead=lead, by=manager, at=NOW)
    assert Claim.objects.get().is_set_aside
