"""Reference values of control charts and of shrinkage."""

import pytest

from insights.rules.stats import (
    between_groups,
    individuals,
    longest_run,
    p_prime,
    shrink,
    shrinking_factor,
)

# Montgomery's orange juice cans (NIST handbook 6.3.3.2): 30 samples of 50.
CANS = [12, 15, 8, 10, 4, 7, 16, 9, 14, 10, 5, 6, 17, 12, 22, 8, 10, 5, 13, 11, 20, 18, 24, 15, 9, 12, 7, 13, 9, 6]


def _plain_limits(ks: list[int], baseline: list[int]) -> tuple[float, float, float, list[int]]:
    """The plain p-chart: p′ with the factor taken out, since the factor only widens."""
    chart = p_prime(ks, [50] * len(ks), baseline)
    assert chart is not None
    half = (chart.limits[0].high - chart.centre) / max(1.0, chart.spread)
    low, high = chart.centre - half, chart.centre + half
    return chart.centre, low, high, [i + 1 for i in baseline if not low <= ks[i] / 50 <= high]


def test_orange_juice_cans() -> None:
    everything = list(range(30))
    centre, low, high, signals = _plain_limits(CANS, everything)
    assert sum(CANS) == 347
    assert (centre, low, high) == pytest.approx((0.2313, 0.0524, 0.4102), abs=6e-5)
    assert signals == [15, 23]
    kept = [i for i in everything if i + 1 not in signals]
    centre, low, high, signals = _plain_limits(CANS, kept)
    assert (centre, low, high) == pytest.approx((0.2150, 0.0407, 0.3893), abs=6e-5)
    assert signals == [21]


def test_a_week_out_of_twelve_quiet_ones() -> None:
    ns = [240, 255, 231, 262, 248, 239, 251, 260, 244, 236, 258, 249, 253]
    ks = [84, 92, 76, 97, 81, 88, 83, 95, 86, 79, 90, 85, 124]
    chart = p_prime(ks, ns, range(12))
    assert chart is not None
    assert chart.centre == pytest.approx(0.3485, abs=5e-5)
    assert chart.spread == pytest.approx(0.78, abs=5e-3)
    assert chart.limits[12] == pytest.approx((0.259, 0.438), abs=1e-3)
    assert ks[12] / ns[12] > chart.limits[12].high


def test_nist_individuals() -> None:
    chart = individuals([49.6, 47.6, 49.9, 51.3, 47.8, 51.2, 52.6, 52.4, 53.6, 52.1])
    assert chart is not None
    assert chart.centre == pytest.approx(50.81)
    assert chart.moving_range == pytest.approx(1.8778, abs=5e-5)
    assert chart.limits == pytest.approx((45.8159, 55.8041), abs=5e-5)


def test_a_chart_needs_a_baseline() -> None:
    assert p_prime([1, 2], [10, 10], [0]) is None
    assert p_prime([1, 0], [10, 0], [0, 1]) is None
    assert p_prime([0, 0], [10, 10], [0, 1]) is None
    assert individuals([1.0]) is None


def test_the_longest_run_on_one_side() -> None:
    assert longest_run([], 0) == 0
    assert longest_run([1, 2, 0, 3, -1, -1, -2, 4], 0) == 3
    assert longest_run([0, 0], 0) == 0


def test_sources_are_pulled_towards_the_total() -> None:
    ks, ns = [140, 45, 60, 12, 33, 18], [400, 90, 240, 110, 80, 40]
    between = between_groups(ks, ns)
    assert between is not None
    shrunk = [shrink(k, n, 308 / 960, between) for k, n in zip(ks, ns, strict=True)]
    assert [shrunk[i] for i in (1, 5, 3)] == pytest.approx([0.473, 0.413, 0.136], abs=5e-4)


def test_nothing_to_shrink() -> None:
    assert shrink(0, 0, 0.3, 0.01) is None
    assert shrink(2, 4, 0.0, 0.0) == 0.0
    assert between_groups([1], [3]) is None
    assert between_groups([0, 0], [3, 3]) == 0.0
    assert shrinking_factor([], 1.0) is None


def test_efron_and_morris_batters() -> None:
    averages = [0.400, 0.378, 0.356, 0.333, 0.311, 0.311, 0.289, 0.267, 0.244, 0.244]
    averages += [0.222] * 5 + [0.200, 0.178, 0.156]
    mean = sum(averages) / 18
    factor = shrinking_factor(averages, mean * (1 - mean) / 45)
    assert factor == pytest.approx(0.21239, abs=5e-6)
    assert mean == pytest.approx(0.26539, abs=5e-6)
    assert mean + factor * (averages[0] - mean) == pytest.approx(0.2940, abs=5e-5)
    assert mean + factor * (averages[-1] - mean) == pytest.approx(0.2422, abs=5e-5)
