"""Signals and changes on random worlds: each is counted from the leads a naive recount finds."""

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given

from insights.queries.control import comparable, control
from insights.queries.previous import previous, ripe_part
from insights.rules.control import Standing
from insights.rules.slice import GroupBy, Slice
from tests.insights import recount
from tests.insights.opening import assert_every_number_opens
from tests.insights.test_random_worlds import a_world, in_database
from tests.insights.worlds import NOW, Story, World, slices, worlds

pytestmark = pytest.mark.django_db


@pytest.fixture
def company(db: None) -> World:
    return World()


def _non_target(states: list[recount.State]) -> int:
    return recount.three(states)[1]


@in_database
@given(worlds, slices())
def test_weeks_are_counted_as_a_naive_recount_does(
    company: World, stories: list[Story], drawn: tuple[Slice, list[int]]
) -> None:
    with a_world(company, stories) as world:
        asked = world.asked(drawn)
        table = control(slice=asked, at=NOW)
        expected = recount.by_group(recount.states(asked, NOW), GroupBy.WEEK, asked)
        older = replace(asked, age=28)
        later = recount.by_group(recount.states(older, NOW), GroupBy.WEEK, older)
        for row in table.rows:
            point, states = row.numbers, expected.get(row.key.value, [])
            assert (point.n, point.non_target) == (len(states), _non_target(states))
            assert point.later in (None, _non_target(later.get(row.key.value, [])))
            assert point.mark is None or point.standing is Standing.JUDGED
        assert sum(row.numbers.n for row in table.rows) == table.total.n
        assert_every_number_opens(table, at=NOW)


@in_database
@given(worlds, slices())
def test_changes_are_counted_as_a_naive_recount_does(
    company: World, stories: list[Story], drawn: tuple[Slice, list[int]]
) -> None:
    with a_world(company, stories) as world:
        asked = world.asked(drawn)
        table, ripe, before = previous(slice=asked, at=NOW), ripe_part(slice=asked, at=NOW), asked.previous
        assert bool(table.rows) == (ripe is not None)
        if ripe is None or before is None:
            return
        now, then = recount.states(ripe, NOW), recount.states(before, NOW)
        for row in table.rows:
            change = row.numbers
            if change.criterion is None:
                found = (_non_target(now), _non_target(then))
            else:
                bit = world.rules.bit(change.criterion)
                found = (recount.criterion(now, bit)[0], recount.criterion(then, bit)[0])
            assert (change.failed, change.before_failed, change.n, change.before_n) == (*found, len(now), len(then))
        assert_every_number_opens(table, at=NOW)


@in_database
@given(slices())
def test_only_what_is_old_enough_is_compared(company: World, drawn: tuple[Slice, list[int]]) -> None:
    asked = company.asked(drawn)
    ripe = ripe_part(slice=asked, at=NOW)
    if ripe is None or ripe.to_on is None or asked.to_on is None:
        return
    age = comparable(slice=asked, at=NOW).age or 0
    assert ripe.to_on <= asked.to_on
    assert ripe.to_on + timedelta(days=age) <= (asked.as_of or NOW).date() + timedelta(days=1)
