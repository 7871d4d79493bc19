"""Reference values of time to an event when some have not finished."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from insights.rules.stats import aalen_johansen, percentile

# Freireich 1963, 6-MP arm: weeks of remission, censored ones counted as still open.
RELAPSED = [6, 6, 6, 7, 10, 13, 16, 22, 23]
CENSORED = [6, 9, 10, 11, 17, 19, 20, 25, 32, 32, 34, 35]


def test_freireichs_remissions() -> None:
    steps = aalen_johansen([*RELAPSED, *CENSORED], [1] * len(RELAPSED) + [0] * len(CENSORED))
    left = {step.time: step.left for step in steps}
    expected = {6: 0.8571, 7: 0.8067, 10: 0.7529, 13: 0.6902, 16: 0.6275, 22: 0.5378, 23: 0.4482}
    assert left == pytest.approx(expected, abs=5e-5)
    assert percentile(steps, 0.5) == 23
    assert percentile(steps, 0.9) is None


def test_two_verdicts_compete() -> None:
    days = [1, 2, 2, 3, 3, 4, 5, 6, 7, 7]
    causes = [2, 2, 1, 2, 0, 1, 1, 0, 1, 0]
    last = aalen_johansen(days, causes)[-1]
    assert last.reached == pytest.approx({1: 0.52, 2: 0.30}, abs=5e-3)
    assert last.left == pytest.approx(0.18, abs=5e-3)


def test_time_in_a_stage_counts_those_still_in_it() -> None:
    days = [2, 3, 3, 5, 8, 9, 12, 14, 20, 25, 30, 30]
    causes = [1, 1, 1, 1, 1, 0, 1, 0, 0, 1, 0, 0]
    assert percentile(aalen_johansen(days, causes), 0.5) == 12


@pytest.mark.parametrize("tenths", range(1, 11))
def test_a_share_that_is_exactly_reached_is_reached(tenths: int) -> None:
    """Ten finish on ten days: the product of the shares left has specks, the answer has none."""
    assert percentile(aalen_johansen(range(1, 11), [1] * 10), tenths / 10) == tenths


def test_nothing_happened() -> None:
    assert aalen_johansen([], []) == []
    assert aalen_johansen([4, 5], [0, 0]) == []
    assert percentile([], 0.5) is None


@given(st.lists(st.tuples(st.integers(1, 30), st.integers(0, 2)), max_size=40))
def test_what_is_reached_and_what_is_left_are_the_whole(events: list[tuple[int, int]]) -> None:
    for step in aalen_johansen([day for day, _ in events], [cause for _, cause in events]):
        assert sum(step.reached.values()) + step.left == pytest.approx(1)
