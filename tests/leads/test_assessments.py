"""Leads are judged by criteria: the verdict follows from the answers, and a first judgement replaces nothing."""

from collections.abc import Mapping
from datetime import timedelta
from uuid import uuid4

import pytest

from crm.models import AuditEvent, User
from crm.rules.errors import DomainError
from funnels.rules.criteria import Result
from funnels.rules.verdict import Verdict
from leads.models import Assessment, AssessmentAnswer, Lead
from leads.operations import assessments
from leads.operations.assessments import Answer
from leads.queries.consistency import differences
from leads.rules.facts import AssessmentKind, Channel
from tests.factories.funnels import Rules, make_rules
from tests.factories.leads import MONDAY, answers_in, fresh, judge, make_lead

pytestmark = pytest.mark.django_db

HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
ALL = ("contact_valid", "need", "budget")


@pytest.fixture
def rules() -> Rules:
    return make_rules()


@pytest.fixture
def lead(rules: Rules) -> Lead:
    return make_lead(rules)


def test_the_verdict_follows_from_the_answers(lead: Lead, rules: Rules, manager: User) -> None:
    act = judge(lead, failed=["budget"], met=["need"], by=manager, at=MONDAY + HOUR, note=" no money ", seconds_spent=9)
    lead = fresh(lead)
    assert (lead.verdict, lead.definition, lead.verdict_at) == (
        Verdict.NON_TARGET,
        rules.definition,
        MONDAY + HOUR,
    )
    assert (lead.fail_mask, lead.assessed_mask) == (rules.mask("budget"), rules.mask("budget", "need"))
    assert (act.by, act.by_role, act.note, act.seconds_spent, act.channel) == (
        manager,
        "manager",
        "no money",
        9,
        Channel.PAGE,
    )
    assert answers_in(act) == {"budget": "failed", "need": "met"}
    assert differences() == []


def test_every_blocking_criterion_met_makes_a_target(lead: Lead) -> None:
    assert judge(lead, met=ALL).verdict == Verdict.TARGET


def test_what_does_not_block_is_told_and_decides_nothing() -> None:
    rules = make_rules(code="soft", soft=("budget",))
    lead = make_lead(rules)
    judge(lead, met=["contact_valid", "need"], failed=["budget"])
    lead = fresh(lead)
    assert (lead.verdict, lead.soft_fail_mask) == (Verdict.TARGET, rules.mask("budget"))


def test_an_act_and_its_audit_row_are_one(lead: Lead, head: User) -> None:
    act = judge(lead, met=ALL, by=head)
    event = AuditEvent.objects.get(action="lead.judge")
    assert (event.actor_id, event.object_id) == (head.pk, str(lead.pk))
    assert event.changes == {"assessment": act.pk, "kind": "assess", "verdict": "TARGET", "channel": "page"}


def test_a_refusal_leaves_nothing_behind(lead: Lead) -> None:
    with pytest.raises(assessments.UnknownCriterion, match="contact_valid, need, budget"):
        judge(lead, met=["need", "charm"])
    assert not Assessment.objects.exists()
    assert not AssessmentAnswer.objects.exists()
    assert not AuditEvent.objects.filter(action="lead.judge").exists()
    assert fresh(lead).version == lead.version


@pytest.mark.parametrize("answers", [{}, {"need": Answer(Result.NOT_ASKED)}])
def test_a_judgement_needs_an_answer(lead: Lead, answers: Mapping[str, Answer]) -> None:
    with pytest.raises(assessments.NothingAnswered):
        assessments.judge(lead=lead, answers=answers, kind=AssessmentKind.ASSESS, by=None, at=MONDAY)


def test_non_target_with_nothing_failed_is_refused(lead: Lead) -> None:
    with pytest.raises(assessments.VerdictDoesNotFollow):
        judge(lead, met=ALL, expected_verdict=Verdict.NON_TARGET)
    assert judge(lead, failed=["need"], expected_verdict=Verdict.NON_TARGET).verdict == Verdict.NON_TARGET


def test_a_double_click_judges_once(lead: Lead) -> None:
    request_id = uuid4()
    first = judge(lead, met=ALL, request_id=request_id)
    assert judge(lead, met=ALL, request_id=request_id) == first
    assert Assessment.objects.count() == 1


def test_one_request_id_does_not_judge_two_leads(lead: Lead, rules: Rules) -> None:
    request_id = uuid4()
    judge(lead, met=ALL, request_id=request_id)
    with pytest.raises(assessments.RequestIdIsTaken):
        judge(make_lead(rules), met=ALL, request_id=request_id)


def test_a_first_judgement_may_be_made_in_steps(lead: Lead, manager: User, head: User) -> None:
    judge(lead, met=["contact_valid"], by=manager)
    act = judge(lead, met=["need", "budget"], by=head, at=MONDAY + HOUR)
    assert answers_in(act) == dict.fromkeys(ALL, "met")
    assert fresh(lead).verdict == Verdict.TARGET


@pytest.mark.parametrize("kind", [AssessmentKind.ASSESS, AssessmentKind.IMPORT])
def test_a_decided_lead_is_not_judged_for_the_first_time_again(lead: Lead, kind: AssessmentKind) -> None:
    judge(lead, failed=["need"])
    with pytest.raises(assessments.AlreadyJudged):
        judge(lead, failed=["need"], kind=kind)


def test_a_first_judgement_does_not_replace_an_answer_in_silence(lead: Lead) -> None:
    judge(lead, met=["need"])
    with pytest.raises(assessments.AlreadyJudged):
        judge(lead, failed=["need"])
    assert fresh(lead).verdict == Verdict.UNDECIDED


def test_what_was_unknown_may_become_known(lead: Lead) -> None:
    unknown = {"need": Answer(Result.UNKNOWN)}
    assessments.judge(lead=lead, answers=unknown, kind=AssessmentKind.ASSESS, by=None, at=MONDAY)
    assert fresh(lead).assessed_mask == 0
    assert judge(lead, failed=["need"]).verdict == Verdict.NON_TARGET


@pytest.mark.parametrize(
    ("ago", "is_machine", "counts_from"),
    [(2 * HOUR, False, 2 * HOUR), (9 * DAY, False, DAY), (9 * DAY, True, 9 * DAY)],
)
def test_r5_people_back_date_by_a_day_and_machines_are_believed(
    rules: Rules, ago: timedelta, is_machine: bool, counts_from: timedelta
) -> None:
    at = MONDAY + 10 * DAY
    act = judge(make_lead(rules), met=ALL, at=at, occurred_at=at - ago, is_machine=is_machine)
    assert (act.occurred_at, act.effective_at) == (at - ago, at - counts_from)


def test_a_judgement_of_tomorrow_is_refused(lead: Lead) -> None:
    with pytest.raises(DomainError) as refusal:
        judge(lead, met=ALL, occurred_at=MONDAY + DAY)
    assert refusal.value.code == "happens_in_the_future"
