"""Leads are judged by criteria: the verdict follows, every act stays, a wrong one is corrected and not rewritten."""

from collections.abc import Mapping
from datetime import timedelta
from decimal import Decimal
from typing import Any
from uuid import uuid4

import pytest

from crm.models import AuditEvent, User
from crm.rules.errors import DomainError
from crm.rules.roles import Role
from funnels.models import CriterionVersion, Definition
from funnels.operations.definitions import draft_definition, publish_definition, sign_definition
from funnels.operations.dictionaries import revise_criterion
from funnels.rules.criteria import AnswerType, EvidenceRule, Result
from funnels.rules.definitions import Side
from funnels.rules.verdict import Verdict
from leads.models import Assessment, AssessmentAnswer, Lead
from leads.operations import assessments, touches
from leads.operations.assessments import Answer
from leads.queries.consistency import differences
from leads.rules.facts import AssessmentKind, Channel, Evidence, TouchActor, TouchChannel, TouchResult
from tests.factories.crm import OrganisationSettingsFactory, UserFactory
from tests.factories.funnels import Rules, content_of, make_rules
from tests.factories.leads import MONDAY, fresh, judge, make_lead

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


def answers_in(act: Assessment) -> dict[str, str]:
    return dict(act.answers.values_list("criterion_version__criterion__code", "result"))


# --- The verdict follows from the answers -----------------------------------------------------------------------------


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


# --- First judgements add, they never replace -------------------------------------------------------------------------


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


# --- Change and correction --------------------------------------------------------------------------------------------


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
    assert act.recorded_at == MONDAY + HOUR
    assert fresh(lead).verdict == Verdict.UNDECIDED
    judge(lead, failed=["need"], kind=CHANGE, at=MONDAY + HOUR - timedelta(seconds=3))
    assert fresh(lead).verdict == Verdict.NON_TARGET
    assert differences() == []


# --- Times ------------------------------------------------------------------------------------------------------------


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


# --- Values and versions ----------------------------------------------------------------------------------------------

VALUES: dict[str, dict[str, Any]] = {
    "budget": {"answer_type": AnswerType.NUMBER, "threshold": Decimal(40_000)},
    "region": {
        "answer_type": AnswerType.CHOICE,
        "options": [{"value": "msk", "label": "Moscow", "met": True}, {"value": "far", "label": "Far", "met": False}],
    },
}


@pytest.fixture
def valued() -> Rules:
    return make_rules(code="valued", criteria=("need", "budget", "region"), contents=VALUES)


def say(lead: Lead, **answers: Answer) -> Assessment:
    return assessments.judge(lead=lead, answers=answers, kind=AssessmentKind.ASSESS, by=None, at=MONDAY)


def test_a_number_or_a_choice_decides_by_itself(valued: Rules) -> None:
    act = say(make_lead(valued), budget=Answer(observed_value="39 999,50"), region=Answer(observed_value="msk"))
    assert answers_in(act) == {"budget": "failed", "region": "met"}
    assert sorted(act.answers.values_list("observed_value", flat=True)) == ["39 999,50", "msk"]


@pytest.mark.parametrize(
    ("answers", "code"),
    [
        ({"budget": Answer(Result.MET, observed_value="1")}, "answer_contradicts_itself"),
        ({"budget": Answer(observed_value="a lot")}, "answer_not_a_number"),
        ({"region": Answer(observed_value="moon")}, "answer_not_in_the_list"),
        ({"need": Answer(observed_value="maybe")}, "answer_says_nothing"),
        ({"need": Answer(Result.MET, observed_value="x" * 201)}, "answer_too_long"),
    ],
)
def test_answers_that_say_nothing_or_two_things_are_refused(
    valued: Rules, answers: dict[str, Answer], code: str
) -> None:
    with pytest.raises(DomainError) as refusal:
        say(make_lead(valued), **answers)
    assert refusal.value.code == code


def redefine(rules: Rules, *versions: CriterionVersion) -> Definition:
    """Put another definition in force from the next day, signed by both sides."""
    definition = draft_definition(
        funnel=rules.funnel, versions=list(versions), note="2", effective_from_at=MONDAY + DAY, by=None, at=MONDAY
    )
    for side, role in ((Side.MARKETING, Role.MARKETER), (Side.SALES, Role.HEAD)):
        sign_definition(definition=definition, side=side, by=UserFactory(role=role), at=MONDAY)
    return publish_definition(definition=definition, by=None, at=MONDAY)


def revise(rules: Rules, code: str, **content: Any) -> CriterionVersion:
    return revise_criterion(
        criterion=rules.versions[code].criterion, content=content_of(code, **content), by=None, at=MONDAY
    )


def test_r11_under_a_new_definition_seen_values_are_replayed_and_old_words_are_not(valued: Rules) -> None:
    lead = make_lead(valued)
    say(lead, need=Answer(Result.MET), budget=Answer(observed_value="50000"), region=Answer(observed_value="msk"))
    cheaper = revise(valued, "budget", **VALUES["budget"] | {"threshold": Decimal(60_000)})
    second = redefine(valued, revise(valued, "need"), cheaper, valued.versions["region"])
    known = {"region": Answer(observed_value="msk")}
    act = assessments.judge(lead=lead, answers=known, kind=CHANGE, by=None, at=MONDAY + 2 * DAY)
    assert act.definition == second
    assert answers_in(act) == {"budget": "failed", "region": "met"}


def test_a_correction_stays_under_the_definition_of_what_it_corrects(rules: Rules) -> None:
    lead = make_lead(rules)
    judge(lead, failed=["need"])
    redefine(rules, rules.versions["budget"])
    act = judge(lead, met=["need"], kind=CORRECT, at=MONDAY + 2 * DAY)
    assert act.definition == rules.definition
    with pytest.raises(assessments.UnknownCriterion, match="budget"):
        judge(lead, met=["need"], kind=CHANGE, at=MONDAY + 3 * DAY)


# --- Evidence ---------------------------------------------------------------------------------------------------------


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
    with pytest.raises(DomainError, match="attempts 2, days 1, channels 1") as refusal:
        unreachable(lead, at=2 * HOUR)
    assert refusal.value.code == "evidence_missing"
    assert fresh(lead).verdict == Verdict.UNDECIDED


def test_enough_attempts_on_enough_days_over_enough_channels_are_evidence(strict: Rules) -> None:
    lead = make_lead(strict)
    call(lead, HOUR)
    call(lead, 2 * HOUR, channel=TouchChannel.MESSAGE, result=TouchResult.SENT)
    with pytest.raises(DomainError, match="attempts 1, days 1, channels 0"):
        unreachable(lead, at=3 * HOUR, evidence=Evidence.ATTEMPTS)
    call(lead, DAY)
    assert unreachable(lead, at=DAY + HOUR).evidence == Evidence.ATTEMPTS


def test_attempts_of_bots_and_answered_ones_are_no_evidence(strict: Rules) -> None:
    lead = make_lead(strict)
    for day in range(4):
        call(lead, day * DAY, actor=TouchActor.BOT)
        call(lead, day * DAY, result=TouchResult.REACHED, channel=TouchChannel.MESSAGE)
    with pytest.raises(DomainError, match="attempts 3, days 2, channels 2"):
        unreachable(lead, at=5 * DAY)


def test_attempts_typed_in_at_once_are_not_attempts_on_many_days(strict: Rules) -> None:
    lead = make_lead(strict)
    for ago in range(1, 6):
        call(lead, 9 * DAY, occurred_at=MONDAY + 9 * DAY - ago * DAY, channel=list(TouchChannel)[ago % 2])
    with pytest.raises(DomainError, match="attempts 0, days 1, channels 0"):
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
