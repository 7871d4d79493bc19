"""What a page asks when its address does not say."""

from datetime import UTC, date, datetime

import pytest

from crm.rules.errors import DomainError
from insights.forms import board_slice, flat, leads_question
from insights.rules.pick import Pick
from insights.rules.slice import Slice
from tests.factories.funnels import make_rules

AT = datetime(2026, 9, 9, 9, tzinfo=UTC)

pytestmark = pytest.mark.django_db


def test_a_page_shows_twelve_weeks_at_the_first_age() -> None:
    make_rules()
    make_rules(code="second")
    assert board_slice(query={}, at=AT) == Slice(
        funnel="sales", from_on=date(2026, 6, 22), to_on=date(2026, 9, 13), age=7
    )


def test_the_week_turns_at_the_organisations_midnight() -> None:
    make_rules()
    sunday_in_utc = datetime(2026, 9, 13, 21, 30, tzinfo=UTC)
    assert board_slice(query={}, at=sunday_in_utc).to_on == date(2026, 9, 20)


def test_a_click_carries_the_whole_question() -> None:
    make_rules()
    asked = board_slice(query={"source": ["google"], "age": ["none"]}, at=AT)
    pick = Pick(criterion="need", sole=True)
    assert leads_question(query=asked.to_query() | pick.to_query(), at=AT) == (asked, pick)


def test_parameters_in_pairs() -> None:
    assert flat({"a": ["1", "2"], "b": ["3"]}) == [("a", "1"), ("a", "2"), ("b", "3")]


def test_nothing_can_be_asked_before_there_is_a_funnel() -> None:
    with pytest.raises(DomainError) as refusal:
        board_slice(query={}, at=AT)
    assert refusal.value.code == "no_funnel"
