"""A judgement that was wrong is corrected, one that is overtaken is changed; both stay in the history."""

from datetime import timedelta

import pytest

from funnels.rules.criteria import Result
from funnels.rules.verdict import Verdict
from leads.models import Lead
from leads.operations import assessments
from leads.operations.assessments import Answer
from leads.queries.consistency import differences
from leads.rules.facts import AssessmentKind
from tests.factories.funnels import Rules, make_rules
from tests.factories.leads import MONDAY, answers_in, fresh, judge, make_lead

pytestmark = pytest.mark.django_db

HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
ALL = ("contact_valid", "need", "budget")
CHANGE, CORRECT, AUDIT = AssessmentKind.CHANGE, AssessmentKind.CORRECT, AssessmentKind.AUDIT


@pytest.fixture
def rules() -> Rules:
    return make_rules()


@pytest.fixture
def lead(rules: Rules) -> Lead:
    return make_lead(rules)


def test_a_change_counts_from_its_own_time_and_keeps_the_other_answers(lead: Lead) -> None:
    judge(lead, met=ALL, at=MONDAY + HOUR)
    act = judge(lead, failed=["budget"], kind=CHANGE, at=MONDAY + 9 * DAY)
    assert answers_in(act) == {"contact_valid": "met", "need": "met", "budget": "failed"}
    assert (fresh(lead).verdict, fresh(lead).verdict_at) == (Verdict.NON_TARGET, MONDAY + 9 * DAY)
    assert differences() == []


def test_a_correction_keeps_the_time_of_what_it_corrects(lead: Lead) -> None:
    wrong = judge(lead, failed=["need"], at=MONDAY + HOUR)
    act = judge(lead, met=["need"], kind=CORRECT, at=MONDAY + 9 * DAY)
    assert (act.supersedes, act.effective_at, act.recorded_at) == (wrong, MONDAY + HOUR, MONDAY + 9 * DAY)
    assert (fresh(lead).verdict, fresh(lead).verdict_at) == (Verdict.UNDECIDED, MONDAY + HOUR)
    wrong.refresh_from_db()
    assert wrong.verdict == Verdict.NON_TARGET
    assert differences() == []


def test_i15_a_correction_of_a_correction_keeps_the_first_time(lead: Lead) -> None:
    judge(lead, failed=["need"], at=MONDAY + HOUR)
    second = judge(lead, met=["need"], kind=CORRECT, at=MONDAY + DAY)
    third = judge(lead, failed=["need"], kind=CORRECT, at=MONDAY + 2 * DAY)
    assert (third.supersedes, third.effective_at) == (second, MONDAY + HOUR)
    assert fresh(lead).verdict == Verdict.NON_TARGET


def test_correcting_an_earlier_act_leaves_the_later_one_in_force(lead: Lead) -> None:
    first = judge(lead, met=ALL, at=MONDAY + HOUR)
    judge(lead, failed=["budget"], kind=CHANGE, at=MONDAY + DAY)
    judge(lead, failed=["need"], kind=CORRECT, supersedes=first, at=MONDAY + 2 * DAY)
    assert fresh(lead).verdict_at == MONDAY + DAY
    assert differences() == []


def test_an_answer_may_be_taken_back(lead: Lead) -> None:
    judge(lead, failed=["need"])
    taken_back = {"need": Answer(Result.NOT_ASKED)}
    act = assessments.judge(lead=lead, answers=taken_back, kind=CORRECT, by=None, at=MONDAY + HOUR)
    assert answers_in(act) == {}
    assert (fresh(lead).verdict, fresh(lead).fail_mask) == (Verdict.UNDECIDED, 0)


@pytest.mark.parametrize("kind", [CHANGE, CORRECT])
def test_there_is_nothing_to_change_before_the_first_judgement(lead: Lead, kind: AssessmentKind) -> None:
    with pytest.raises(assessments.NothingToReplace):
        judge(lead, met=["need"], kind=kind)


def test_a_change_from_before_the_first_judgement_is_refused(lead: Lead) -> None:
    judge(lead, met=ALL, at=MONDAY + 5 * HOUR)
    with pytest.raises(assessments.NothingToReplace):
        judge(lead, failed=["need"], kind=CHANGE, at=MONDAY + 6 * HOUR, occurred_at=MONDAY + 2 * HOUR)


def test_only_the_last_word_of_the_same_lead_can_be_corrected(lead: Lead, rules: Rules) -> None:
    act = judge(lead, met=ALL)
    opinion = judge(lead, failed=["need"], kind=AUDIT)
    foreign = judge(make_lead(rules), met=ALL)
    for supersedes in (opinion, foreign):
        with pytest.raises(assessments.NotCorrectable):
            judge(lead, failed=["need"], kind=CORRECT, supersedes=supersedes)
    judge(lead, failed=["need"], kind=CORRECT, supersedes=act)
    with pytest.raises(assessments.NotCorrectable):
        judge(lead, failed=["budget"], kind=CORRECT, supersedes=act)


def test_a_second_opinion_never_touches_the_state(lead: Lead) -> None:
    judge(lead, met=ALL)
    before = fresh(lead)
    act = judge(lead, failed=["need"], kind=AUDIT, at=MONDAY + HOUR)
    assert (act.verdict, answers_in(act)) == (Verdict.NON_TARGET, {"need": "failed"})
    assert (fresh(lead).verdict, fresh(lead).version) == (Verdict.TARGET, before.version)
    assert differences() == []


def test_a_server_whose_clock_steps_back_does_not_lose_a_correction(lead: Lead) -> None:
    judge(lead, failed=["need"], at=MONDAY + HOUR)
    act = judge(lead, met=["need"], kind=CORRECT, at=MONDAY + HOUR - timedelta(seconds=2))
    assert act.recorded_at > MONDAY + HOUR
    assert fresh(lead).verdict == Verdict.UNDECIDED
    judge(lead, failed=["need"], kind=CHANGE, at=MONDAY + HOUR - timedelta(seconds=3))
    assert fresh(lead).verdict == Verdict.NON_TARGET
    assert differences() == []
