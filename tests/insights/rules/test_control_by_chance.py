"""How often chance alone raises a signal, and how often a true jump does: drawn, with a seed, not believed."""

from collections.abc import Sequence
from functools import cache
from itertools import accumulate, pairwise
from math import comb
from random import Random

import pytest

from insights.rules.control import ControlPoint, Mark, WeekCount, control
from insights.rules.period import Week, weeks_between
from insights.rules.stats import critical_spread, widening
from tests.insights.rules.test_control_weeks import BEFORE, SHARE

WEEKS = list(weeks_between(Week(2024, 1).first_on, Week(2027, 1).first_on))
BASES = (12, 18, 24)
JUMP = 0.15


def _weeks(counts: Sequence[tuple[int, int]], *, start: int = 0) -> list[WeekCount]:
    return [WeekCount(week=WEEKS[start + i], non_target=k, n=n) for i, (k, n) in enumerate(counts)]


def _marks(points: Sequence[ControlPoint]) -> list[Mark | None]:
    return [point.mark for point in points]


@cache
def _chances(n: int, share: float) -> Sequence[float]:
    return list(accumulate(comb(n, k) * share**k * (1 - share) ** (n - k) for k in range(n + 1)))


def _dice(random: Random, n: int, share: float, weeks: int) -> list[tuple[int, int]]:
    """Draw weeks of n leads, each of which is non-target by chance alone."""
    drawn = random.choices(range(n + 1), cum_weights=_chances(n, share), k=weeks)
    return [(k, n) for k in drawn]


def _restless(random: Random, n: int, spread: float, weeks: int) -> list[tuple[int, int]]:
    """Draw weeks whose true share moves as well, so that they wobble `spread` times as much as dice."""
    sigma = spread * (n * SHARE * (1 - SHARE)) ** 0.5
    return [(min(n, max(0, round(random.gauss(n * SHARE, sigma)))), n) for _ in range(weeks)]


# --- Whether a base wobbles more than dice --------------------------------------------------------------------------
@pytest.mark.parametrize("points", BASES)
def test_so_many_bases_of_a_hundred_exceed_the_critical_spread_by_chance(points: int) -> None:
    random, tries, above = Random(20261130), 20_000, 0
    for _ in range(tries):
        scores = [random.gauss(0, 1) for _ in range(points)]
        spread = sum(abs(b - a) for a, b in pairwise(scores)) / (points - 1) / 1.128
        above += spread > critical_spread(points)
    assert above / tries == pytest.approx(0.005 * points, abs=0.015)


def test_critical_spreads_of_the_bases_a_chart_may_have() -> None:
    assert [round(critical_spread(points), 2) for points in BASES] == [1.42, 1.29, 1.22]


def test_limits_are_widened_from_the_critical_spread_on_without_a_leap() -> None:
    assert widening(0.78, 12) == widening(1.0, 12) == widening(1.34, 12) == 1.0
    assert widening(critical_spread(24) + 0.001, 24) == pytest.approx(1.002, abs=0.001)
    assert [round(widening(spread, 24), 2) for spread in (1.3, 1.5, 2.0, 3.0)] == [1.14, 1.4, 1.95, 2.98]


# --- Weeks in which nothing changed ---------------------------------------------------------------------------------
@pytest.mark.parametrize("base", BASES)
@pytest.mark.parametrize("shown", [12, 50])
@pytest.mark.parametrize("n", [100, 250])
def test_of_a_thousand_quiet_weeks_at_most_one_in_fifty_is_marked(n: int, base: int, shown: int) -> None:
    random = Random(20260907)
    marked = judged = 0
    while judged < 1000:
        weeks = _weeks(_dice(random, n, SHARE, base + shown))
        marks = _marks(control(weeks[:base], weeks[base:]))[: 1000 - judged]
        judged += len(marks)
        marked += sum(mark is not None for mark in marks)
    assert judged == 1000
    assert marked <= 20


@pytest.mark.parametrize("spread", [1.2, 1.5, 2.0, 3.0])
def test_a_wobble_beyond_chance_is_seldom_taken_for_a_signal(spread: float) -> None:
    """A full base of 24 weeks. Plain limits would mark 2, 5 and 14 weeks in a hundred, and a third of the last."""
    random, runs, shown = Random(7), 1500, 12
    marked = 0
    for _ in range(runs):
        weeks = _weeks(_restless(random, 1000, spread, 24 + shown))
        marked += sum(mark is not None for mark in _marks(control(weeks[:24], weeks[24:])))
    assert marked <= 0.02 * runs * shown


# --- Weeks in which something did -----------------------------------------------------------------------------------
@pytest.mark.parametrize("base", BASES)
def test_a_jump_of_fifteen_points_is_marked_in_its_own_week(base: int) -> None:
    random, tries, marked = Random(43), 4000, 0
    for _ in range(tries):
        before = _weeks(_dice(random, 250, SHARE, base))
        (point,) = control(before, _weeks(_dice(random, 250, SHARE + JUMP, 1), start=base))
        marked += point.mark is Mark.ABOVE
    assert marked >= 0.95 * tries


def test_a_jump_after_the_worked_examples_weeks_is_marked() -> None:
    random, tries = Random(43), 1000
    jumps = _dice(random, 250, SHARE + JUMP, tries)
    marked = sum(control(BEFORE, _weeks([jump], start=100))[0].mark is Mark.ABOVE for jump in jumps)
    assert marked >= 0.95 * tries
