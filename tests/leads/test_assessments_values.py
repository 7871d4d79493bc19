"""Numbers and choices decide by themselves, and are replayed when what was agreed on changes."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from crm.rules.errors import DomainError
from crm.rules.roles import Role
from funnels.models import CriterionVersion, Definition
from funnels.operations.definitions import draft_definition, publish_definition, sign_definition
from funnels.operations.dictionaries import revise_criterion
from funnels.rules.criteria import AnswerType, Result
from funnels.rules.definitions import Side
from leads.models import Assessment, Lead
from leads.operations import assessments
from leads.operations.assessments import Answer
from leads.rules.facts import AssessmentKind
from tests.factories.crm import UserFactory
from tests.factories.funnels import Rules, content_of, make_rules
from tests.factories.leads import MONDAY, answers_in, judge, make_lead

pytestmark = pytest.mark.django_db

DAY = timedelta(days=1)
CHANGE, CORRECT = AssessmentKind.CHANGE, AssessmentKind.CORRECT


@pytest.fixture
def rules() -> Rules:
    return make_rules()


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
    second = redefine(valued, revise(valued, "need", wording="Is it needed now?"), cheaper, valued.versions["region"])
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
