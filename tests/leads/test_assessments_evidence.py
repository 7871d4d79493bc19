"""Nobody is called unreachable without a machine's word or enough attempts."""

from datetime import timedelta
from typing import Any

import pytest

from crm.rules.errors import DomainError
from funnels.rules.criteria import EvidenceRule, Result
from funnels.rules.verdict import Verdict
from leads.models import AssessmentAnswer, Lead
from leads.operations import assessments, touches
from leads.operations.assessments import Answer
from leads.rules.facts import AssessmentKind, Channel, Evidence, TouchActor, TouchChannel, TouchResult
from tests.factories.crm import OrganisationSettingsFactory
from tests.factories.funnels import Rules, make_rules
from tests.factories.leads import MONDAY, fresh, judge, make_lead

pytestmark = pytest.mark.django_db

HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
CHANGE, AUDIT = AssessmentKind.CHANGE, AssessmentKind.AUDIT


@pytest.fixture
def strict() -> Rules:
    OrganisationSettingsFactory(unreachable_attempts=3, unreachable_days=2, unreachable_channels=2)
    unreachable = {"evidence": EvidenceRule.UNREACHABLE}
    return make_rules(
        code="strict",
        criteria=("contact_valid", "eligible"),
        contents={"contact_valid": unreachable, "eligible": {"evidence": EvidenceRule.NOTE}},
    )


def call(lead: Lead, after: timedelta, **options: Any) -> None:
    told = {"result": TouchResult.NO_ANSWER, "channel": TouchChannel.CALL, "by": None, "at": MONDAY + after} | options
    touches.log(lead=lead, **told)


def unreachable(lead: Lead, *, at: timedelta, **options: Any) -> AssessmentAnswer:
    answers = {"contact_valid": Answer(Result.FAILED, **options)}
    kind = AssessmentKind.ASSESS
    return assessments.judge(lead=lead, answers=answers, kind=kind, by=None, at=MONDAY + at).answers.get()


def test_unreachable_without_evidence_is_refused_and_says_what_is_missing(strict: Rules) -> None:
    lead = make_lead(strict)
    call(lead, HOUR)
    with pytest.raises(DomainError, match="missing: attempts 2, days 1, channels 1\\.") as refusal:
        unreachable(lead, at=2 * HOUR)
    assert refusal.value.code == "evidence_missing"
    assert fresh(lead).verdict == Verdict.UNDECIDED


def test_enough_attempts_on_enough_days_over_enough_channels_are_evidence(strict: Rules) -> None:
    lead = make_lead(strict)
    call(lead, HOUR)
    call(lead, 2 * HOUR, channel=TouchChannel.MESSAGE, result=TouchResult.SENT)
    with pytest.raises(DomainError, match="missing: attempts 1, days 1\\."):
        unreachable(lead, at=3 * HOUR, evidence=Evidence.ATTEMPTS)
    call(lead, DAY)
    assert unreachable(lead, at=DAY + HOUR).evidence == Evidence.ATTEMPTS


def test_attempts_of_bots_and_answered_ones_are_no_evidence(strict: Rules) -> None:
    lead = make_lead(strict)
    for day in range(4):
        call(lead, day * DAY, actor=TouchActor.BOT)
        call(lead, day * DAY, result=TouchResult.REACHED, channel=TouchChannel.MESSAGE)
    with pytest.raises(DomainError, match="missing: attempts 3, days 2, channels 2\\."):
        unreachable(lead, at=5 * DAY)


def test_attempts_typed_in_at_once_are_not_attempts_on_many_days(strict: Rules) -> None:
    lead = make_lead(strict)
    for ago in range(1, 6):
        call(lead, 9 * DAY, occurred_at=MONDAY + 9 * DAY - ago * DAY, channel=list(TouchChannel)[ago % 2])
    with pytest.raises(DomainError, match="missing: days 1\\."):
        unreachable(lead, at=9 * DAY)


@pytest.mark.parametrize("evidence", [Evidence.NUMBER_DOES_NOT_EXIST, Evidence.WRONG_PERSON, Evidence.BOUNCED])
def test_a_machines_word_is_evidence(strict: Rules, evidence: Evidence) -> None:
    answer = unreachable(make_lead(strict), at=HOUR, evidence=evidence, evidence_ref="call-17")
    assert (answer.evidence, answer.evidence_ref) == (evidence, "call-17")


def test_a_touch_that_proves_a_dead_number_is_evidence(strict: Rules) -> None:
    lead = make_lead(strict)
    call(lead, HOUR, result=TouchResult.NUMBER_DOES_NOT_EXIST)
    answer = unreachable(lead, at=2 * HOUR)
    assert (answer.evidence, answer.evidence_ref) == (
        Evidence.NUMBER_DOES_NOT_EXIST,
        f"touch:{lead.touches.get().pk}",
    )


def test_the_tag_of_a_file_is_its_own_evidence_and_of_a_file_only(strict: Rules) -> None:
    imported = {code: Answer(Result.FAILED, evidence=Evidence.IMPORTED) for code in ("contact_valid", "eligible")}
    lead = make_lead(strict)
    for kind in (AssessmentKind.ASSESS, AUDIT):
        with pytest.raises(DomainError):
            assessments.judge(lead=lead, answers=imported, kind=kind, by=None, at=MONDAY)
    act = assessments.judge(lead=lead, answers=imported, kind=AssessmentKind.IMPORT, by=None, at=MONDAY)
    assert {answer.evidence for answer in act.answers.all()} == {Evidence.IMPORTED}
    assert act.channel == Channel.IMPORT


def test_a_criterion_may_want_a_note(strict: Rules) -> None:
    lead = make_lead(strict)
    with pytest.raises(DomainError) as refusal:
        judge(lead, failed=["eligible"], note="  ")
    assert refusal.value.code == "note_missing"
    assert judge(lead, failed=["eligible"], note="under age").verdict == Verdict.NON_TARGET


def test_what_was_proven_once_need_not_be_proven_again(strict: Rules) -> None:
    lead = make_lead(strict)
    unreachable(lead, at=HOUR, evidence=Evidence.BOUNCED, evidence_ref="mail-3")
    again = {"contact_valid": Answer(Result.FAILED), "eligible": Answer(Result.MET)}
    act = assessments.judge(lead=lead, answers=again, kind=CHANGE, by=None, at=MONDAY + 2 * HOUR)
    kept = act.answers.get(criterion_version=strict.versions["contact_valid"])
    assert (kept.evidence, kept.evidence_ref) == (Evidence.BOUNCED, "mail-3")
