"""Which definition is in force, and what it asks."""

from datetime import timedelta
from decimal import Decimal

import pytest

from crm.rules.roles import Role
from funnels.operations.definitions import draft_definition, publish_definition, sign_definition
from funnels.operations.dictionaries import create_funnel, revise_criterion
from funnels.queries import NoDefinition, blocking_bits, criteria_of, current_definition
from funnels.rules.criteria import AnswerType, Comparison
from funnels.rules.definitions import Side
from tests.factories.crm import UserFactory
from tests.factories.funnels import LONG_AGO, Rules, content_of, make_rules

pytestmark = pytest.mark.django_db
LATER = LONG_AGO + timedelta(days=30)


def publish_next(rules: Rules):
    """Publish a second definition that asks about the budget only."""
    budget = revise_criterion(
        criterion=rules.versions["budget"].criterion, content=content_of("budget"), by=None, at=LATER
    )
    draft = draft_definition(
        funnel=rules.funnel, versions=[budget], note="Second", effective_from_at=LATER, by=None, at=LATER
    )
    sign_definition(definition=draft, side=Side.MARKETING, by=UserFactory(role=Role.MARKETER), at=LATER)
    sign_definition(definition=draft, side=Side.SALES, by=UserFactory(role=Role.HEAD), at=LATER)
    return publish_definition(definition=draft, by=None, at=LATER)


def test_a_funnel_without_a_published_definition_says_so():
    funnel = create_funnel(code="empty", name="Empty", by=None, at=LONG_AGO)
    with pytest.raises(NoDefinition):
        current_definition(funnel=funnel, at=LONG_AGO)


def test_a_draft_is_not_in_force():
    rules = make_rules()
    draft_definition(
        funnel=rules.funnel,
        versions=[rules.versions["need"]],
        note="",
        effective_from_at=LATER,
        by=None,
        at=LATER,
    )
    assert current_definition(funnel=rules.funnel, at=LATER) == rules.definition


def test_each_definition_is_in_force_from_its_date():
    rules = make_rules()
    second = publish_next(rules)
    assert current_definition(funnel=rules.funnel, at=LATER - timedelta(microseconds=1)) == rules.definition
    assert current_definition(funnel=rules.funnel, at=LATER) == second
    assert current_definition(funnel=rules.funnel, at=LATER + timedelta(days=999)) == second


def test_what_came_before_the_first_definition_is_judged_by_it():
    rules = make_rules(at=LATER)
    assert current_definition(funnel=rules.funnel, at=LONG_AGO) == rules.definition


def test_funnels_do_not_share_definitions():
    first, second = make_rules(code="first"), make_rules(code="second")
    assert current_definition(funnel=first.funnel, at=LATER) == first.definition
    assert current_definition(funnel=second.funnel, at=LATER) == second.definition


def test_criteria_come_with_their_bits_in_the_order_they_are_asked(django_assert_num_queries):
    rules = make_rules(criteria=("need", "contact_valid", "budget"), soft=("budget",))
    with django_assert_num_queries(1):
        criteria = criteria_of(definition=rules.definition)
    assert [(criterion.code, criterion.bit) for criterion in criteria] == [
        ("need", 0),
        ("contact_valid", 1),
        ("budget", 2),
    ]
    assert [criterion.is_blocking for criterion in criteria] == [True, True, False]
    assert blocking_bits(criteria=criteria) == {0, 1}


def test_a_criterion_carries_how_it_is_answered():
    rules = make_rules(
        criteria=("term",),
        contents={
            "term": {
                "answer_type": AnswerType.NUMBER,
                "threshold": Decimal(12),
                "unit": "months",
                "rule": {"operator": "at_most"},
            }
        },
    )
    (term,) = criteria_of(definition=rules.definition)
    assert (term.answer_type, term.threshold, term.unit) == (AnswerType.NUMBER, Decimal(12), "months")
    assert term.comparison == Comparison.AT_MOST


def test_a_definition_keeps_the_versions_it_was_published_with():
    rules = make_rules()
    publish_next(rules)
    versions = {criterion.code: criterion.version_number for criterion in criteria_of(definition=rules.definition)}
    assert versions == {"contact_valid": 1, "need": 1, "budget": 1}
