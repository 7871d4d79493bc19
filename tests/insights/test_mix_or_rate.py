"""The change of the non-target share on facts: ripe weeks of both periods, every filter, a naive recount agrees."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from insights.queries.mix import mix
from insights.rules.mix import change_of
from insights.rules.period import is_mature
from insights.rules.slice import GroupBy, Slice
from tests.factories.funnels import make_rules
from tests.factories.insights_leads import Facts
from tests.insights import recount
from tests.insights.golden import MOSCOW, make_golden
from tests.insights.opening import assert_every_number_opens
from tests.insights.worlds import NOW, Story, World, slices, worlds

MONDAY = datetime(2026, 3, 2, 9, tzinfo=UTC)
BEFORE = MONDAY - timedelta(weeks=2)
ASKED = Slice(funnel="sales", from_on=date(2026, 3, 2), to_on=date(2026, 3, 15), age=7)
LATER = MONDAY + timedelta(weeks=10)
GROUPS = (GroupBy.SOURCE, GroupBy.CAMPAIGN, GroupBy.SEGMENT, GroupBy.OWNER)

pytestmark = pytest.mark.django_db


class Company:
    """Leads of two sources in two periods."""

    def __init__(self) -> None:
        self.rules = make_rules(criteria=("need",))
        self.facts = Facts(self.rules)

    def came(self, at: datetime, source: str, *, bad: int, good: int) -> None:
        for number in range(bad + good):
            lead = self.facts.lead(at, source=source)
            failed = ["need"] if number < bad else []
            self.facts.judge(lead, at=at + timedelta(days=1), failed=failed, met=[] if failed else ["need"])
        self.facts.settle()


@pytest.fixture
def company() -> Company:
    return Company()


def test_more_of_the_worse_source_while_each_stays_as_it_was(company: Company) -> None:
    company.came(BEFORE, "google", bad=2, good=6)
    company.came(BEFORE, "vk", bad=1, good=1)
    company.came(MONDAY, "google", bad=1, good=3)
    company.came(MONDAY, "vk", bad=3, good=3)
    table = mix(slice=ASKED, at=LATER)
    found = {row.key.value: row.numbers for row in table.rows}
    change = change_of(found.values())
    assert change is not None
    assert (change.before.k, change.before.n, change.after.k, change.after.n) == (3, 10, 4, 10)
    assert (change.mix, change.rate) == pytest.approx((0.1, 0.0))
    assert (found["vk"].weight_before, found["vk"].weight) == (0.2, 0.6)
    assert table.compared_with == ASKED.previous
    assert table.to_json()["compared_with"]["from"] == "2026-02-16"
    assert_every_number_opens(table, at=LATER)


def test_unripe_weeks_are_left_out_of_both_periods(company: Company) -> None:
    company.came(BEFORE, "google", bad=1, good=1)
    company.came(MONDAY, "google", bad=1, good=0)
    company.came(MONDAY + timedelta(weeks=1), "google", bad=5, good=0)
    table = mix(slice=ASKED, at=MONDAY + timedelta(weeks=2))
    (row,) = table.rows
    assert (table.slice.to_on, row.numbers.n, row.numbers.n_before) == (date(2026, 3, 8), 1, 2)
    assert table.is_mature
    assert_every_number_opens(table, at=MONDAY + timedelta(weeks=2))


def test_what_was_not_known_then_is_not_compared(company: Company) -> None:
    company.came(BEFORE, "google", bad=1, good=1)
    company.came(MONDAY, "google", bad=1, good=1)
    then = replace(ASKED, as_of=MONDAY - timedelta(days=1))
    assert mix(slice=then, at=LATER).compared_with is None, "no week was ripe"


def test_the_filters_narrow_both_periods(company: Company) -> None:
    for at in (BEFORE, MONDAY):
        company.came(at, "google", bad=1, good=1)
        company.came(at, "vk", bad=2, good=0)
    (row,) = mix(slice=replace(ASKED, sources=("vk",)), at=LATER).rows
    assert (row.key.value, row.numbers.n_before, row.numbers.n, row.numbers.weight) == ("vk", 2, 2, 1.0)


@pytest.mark.parametrize("asked", [replace(ASKED, age=None), Slice(funnel="sales", age=7), Slice(funnel="sales")])
def test_without_an_age_or_an_end_the_leads_are_shown_and_nothing_is_compared(asked: Slice, company: Company) -> None:
    company.came(BEFORE, "google", bad=1, good=1)
    company.came(MONDAY, "google", bad=1, good=1)
    table = mix(slice=asked, at=LATER)
    assert table.compared_with is None
    assert [(row.numbers.n_before, row.numbers.mix, row.numbers.rate) for row in table.rows] == [(0, None, None)]
    assert table.rows[0].numbers.n == table.total.n > 0


def test_a_period_before_all_leads_is_not_compared_with(company: Company) -> None:
    company.came(MONDAY, "google", bad=1, good=1)
    ages = Slice(funnel="sales", from_on=date(2000, 1, 1), to_on=date(2026, 3, 15), age=7)
    assert mix(slice=ages, at=LATER).compared_with is None, "its links could not be opened"


@pytest.mark.parametrize("by", GROUPS)
def test_the_golden_week_has_nothing_before_it(by: GroupBy, db: None) -> None:
    make_golden()
    week = Slice(funnel="golden", from_on=date(2026, 8, 31), to_on=date(2026, 9, 6), age=28)
    as_of = datetime(2026, 10, 5, tzinfo=MOSCOW)
    table = mix(slice=replace(week, as_of=as_of), at=datetime(2026, 10, 6, tzinfo=UTC), by=by)
    assert sum(row.numbers.n for row in table.rows) == table.total.n == 22
    assert sum(row.numbers.non_target for row in table.rows) == 9
    assert {(row.numbers.n_before, row.numbers.mix) for row in table.rows} == {(0, None)}
    assert_every_number_opens(table, at=datetime(2026, 10, 6, tzinfo=UTC))


# --- Random worlds --------------------------------------------------------------------------------------------------
@pytest.fixture
def world(db: None) -> World:
    return World()


@settings(max_examples=20, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(worlds, slices(), st.sampled_from(GROUPS))
def test_the_query_equals_a_naive_recount_and_opens(
    world: World, stories: list[Story], drawn: tuple[Slice, list[int]], by: GroupBy
) -> None:
    with transaction.atomic():
        world.tell(stories)
        asked = world.asked(drawn)
        table = mix(slice=asked, at=NOW, by=by)
        now, then = _ripe(asked), _ripe(asked.previous) if asked.previous and _ripe(asked) else None
        assert (table.slice, table.compared_with) == (now or asked, then)
        after, before = _counts(now or asked, by), _counts(then, by) if then else {}
        assert {row.key.value: (row.numbers.non_target, row.numbers.n) for row in table.rows if row.numbers.n} == after
        found = {row.key.value: (row.numbers.non_target_before, row.numbers.n_before) for row in table.rows}
        assert {group: counts for group, counts in found.items() if counts[1]} == before
        change = change_of(row.numbers for row in table.rows)
        assert (change is None) is (not after or not before)
        if change is not None:
            assert change.mix + change.rate == pytest.approx(_share(after) - _share(before), abs=1e-9)
        assert_every_number_opens(table, at=NOW)
        transaction.set_rollback(True)
    world.leads.clear()


def _ripe(asked: Slice) -> Slice | None:
    """Look at the days from the last one backwards: the end of a week, or of the slice, at which all are of age."""
    if asked.age is None or asked.from_on is None or asked.to_on is None:
        return None
    day, as_of, zone = asked.to_on, asked.as_of or NOW, ZoneInfo("Europe/Moscow")
    while day >= asked.from_on:
        is_end = day == asked.to_on or day.isoweekday() == 7
        if is_end and is_mature(day, age=asked.age, as_of=as_of, zone=zone):
            return replace(asked, to_on=day)
        day -= timedelta(days=1)
    return None


def _counts(asked: Slice, by: GroupBy) -> dict[str, tuple[int, int]]:
    groups = recount.by_group(recount.states(asked, NOW), by, asked)
    return {
        group: (sum(state.verdict == "NON_TARGET" for state in states), len(states)) for group, states in groups.items()
    }


def _share(counts: dict[str, tuple[int, int]]) -> float:
    return sum(k for k, _n in counts.values()) / sum(n for _k, n in counts.values())
