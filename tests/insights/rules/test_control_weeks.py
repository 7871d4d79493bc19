"""Which weeks are signals: the worked example, and what is not judged."""

from collections.abc import Sequence
from dataclasses import replace

import pytest

from insights.rules.control import ControlPoint, Mark, Standing, WeekCount, control, is_enough
from insights.rules.period import Week, weeks_between

NS = (240, 255, 231, 262, 248, 239, 251, 260, 244, 236, 258, 249)
KS = (84, 92, 76, 97, 81, 88, 83, 95, 86, 79, 90, 85)
SHARE = sum(KS) / sum(NS)
WEEKS = list(weeks_between(Week(2025, 1).first_on, Week(2027, 1).first_on))


def _weeks(counts: Sequence[tuple[int, int]], *, start: int = 0, definition: int = 1) -> list[WeekCount]:
    return [
        WeekCount(week=WEEKS[start + i], non_target=k, n=n, definition=definition) for i, (k, n) in enumerate(counts)
    ]


BEFORE = _weeks(list(zip(KS, NS, strict=True)))


def _marks(points: Sequence[ControlPoint]) -> list[Mark | None]:
    return [point.mark for point in points]


# --- The worked example of twelve quiet weeks ---------------------------------------------------------------------
def test_the_thirteenth_week_is_a_signal() -> None:
    (point,) = control(BEFORE, _weeks([(124, 253)], start=12))
    assert point.base is not None
    assert point.centre == pytest.approx(0.3485, abs=5e-5)
    assert point.spread == pytest.approx(0.78, abs=5e-3)
    assert (point.limit_low, point.limit_high) == pytest.approx((0.259, 0.438), abs=1e-3)
    assert (point.base_weeks, point.base_from, point.base_to) == (12, "2025-W01", "2025-W12")
    assert not point.base.is_own
    assert point.mark is Mark.ABOVE


def test_a_share_within_the_limits_is_none() -> None:
    assert _marks(control(BEFORE, _weeks([(105, 253), (60, 250)], start=12))) == [None, Mark.BELOW]


# --- Eight weeks on one side --------------------------------------------------------------------------------------
def test_the_eighth_week_on_one_side_is_one_signal() -> None:
    a_little_high = [(92, 250)] * 11
    marks = _marks(control(BEFORE, _weeks(a_little_high, start=12)))
    assert marks == [None] * 7 + [Mark.RUN_ABOVE] + [None] * 3


def test_a_week_on_the_other_side_begins_the_run_anew() -> None:
    counts = [(85, 250)] * 7 + [(92, 250)] + [(85, 250)] * 7
    assert _marks(control(BEFORE, _weeks(counts, start=12))) == [None] * 15
    assert control(BEFORE, _weeks([(85, 250)] * 8, start=12))[-1].mark is Mark.RUN_BELOW


# --- The base -----------------------------------------------------------------------------------------------------
def test_the_base_is_the_last_twenty_four_weeks_before() -> None:
    (point,) = control(_weeks([(87, 250)] * 10 + [(100, 250)] * 24), _weeks([(90, 250)], start=34))
    assert (point.base_weeks, point.centre) == (24, pytest.approx(0.4))


def test_with_fewer_than_twelve_before_the_first_weeks_of_the_slice_help() -> None:
    points = control(_weeks([(87, 250)] * 5), _weeks([(87, 250)] * 10, start=5))
    bases = [point.base for point in points]
    assert all(base is not None and base.is_own and len(base.weeks) == 12 and not base.is_short for base in bases)
    few = control([], _weeks([(87, 250)] * 4))
    assert all(point.base is not None and point.base.is_short for point in few)


def test_limits_do_not_reach_over_a_change_of_the_definition() -> None:
    old, new = _weeks([(87, 250)] * 4, start=12), _weeks([(150, 250)] * 4, start=16, definition=2)
    points = control(BEFORE, old + new)
    assert _marks(points) == [None] * 8
    assert [point.base_weeks for point in points] == [12] * 4 + [4] * 4
    assert points[-1].centre == pytest.approx(0.6)


def test_a_run_does_not_reach_over_it_either() -> None:
    old, new = _weeks([(95, 250)] * 5, start=12), _weeks([(95, 250)] * 5, start=17, definition=2)
    assert _marks(control(BEFORE, old + new)) == [None] * 10


def test_a_week_of_two_definitions_is_neither_judged_nor_in_a_base() -> None:
    mixed = replace(_weeks([(200, 250)], start=12)[0], definition=None)
    (point,) = control(BEFORE, [mixed])
    assert (point.standing, point.mark) == (Standing.MIXED, None)
    (after,) = control([*BEFORE, mixed], _weeks([(87, 250)], start=13))
    assert after.base_weeks == 12


# --- What is not judged -------------------------------------------------------------------------------------------
def test_unripe_and_empty_weeks_are_not_judged() -> None:
    young, empty = replace(_weeks([(240, 250)])[0], is_ripe=False), _weeks([(0, 0)])[0]
    points = control(BEFORE, [young, empty])
    assert [point.standing for point in points] == [Standing.YOUNG, Standing.EMPTY]
    assert _marks(points) == [None, None]
    assert points[1].share is None
    assert not is_enough(points)


def test_a_week_of_a_few_leads_is_not_judged() -> None:
    points = control(BEFORE, _weeks([(14, 14), (15, 15)], start=12))
    assert [point.standing for point in points] == [Standing.FEW, Standing.JUDGED]


@pytest.mark.parametrize("counts", [[(1, 9)] * 14, [(0, 90)] * 14, [(90, 90)] * 14, [(30, 90)]])
def test_too_few_leads_or_weeks_make_no_chart(counts: list[tuple[int, int]]) -> None:
    assert not is_enough(control([], _weeks(counts)))


def test_without_weeks_there_is_nothing() -> None:
    assert control([], []) == []
