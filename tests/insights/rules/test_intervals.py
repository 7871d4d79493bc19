"""Reference values of Newcombe 1998 (both papers) and Fleiss, and what must hold for every count."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from insights.rules.stats import difference_in_differences, n_per_group, newcombe, wilson

counts = st.integers(1, 5000).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n)))


@pytest.mark.parametrize(
    ("k", "n", "low", "high"),
    [
        (81, 263, 0.2553, 0.3662),
        (15, 148, 0.0624, 0.1605),
        (0, 20, 0, 0.1611),
        (1, 29, 0.0061, 0.1718),
        (7, 22, 0.1636, 0.5268),
        (84, 240, 0.292, 0.412),
        (8, 10, 0.490, 0.943),
        (80, 100, 0.711, 0.867),
    ],
)
def test_wilson_agrees_with_published_values(k: int, n: int, low: float, high: float) -> None:
    digits = 5e-5 if n not in (240, 10, 100) else 5e-4
    assert wilson(k, n) == pytest.approx((low, high), abs=digits)


def test_wilson_to_six_digits() -> None:
    assert wilson(81, 263) == pytest.approx((0.255289, 0.366210), abs=5e-7)


@pytest.mark.parametrize(("points", "n"), [(0.15, 36), (0.10, 84), (0.05, 346), (0.03, 967)])
def test_wilson_half_width_at_thirty_five_percent(points: float, n: int) -> None:
    interval = wilson(0.35 * n, n)
    assert interval is not None
    assert (interval.high - interval.low) / 2 == pytest.approx(points, rel=0.01)


def test_an_empty_group_has_no_interval_and_no_difference() -> None:
    assert wilson(0, 0) is None
    assert newcombe(0, 0, 1, 2) is None
    assert newcombe(1, 2, 0, 0) is None
    assert difference_in_differences(None, newcombe(1, 2, 1, 2)) is None


@pytest.mark.parametrize(
    ("first", "second", "low", "high"),
    [
        ((56, 70), (48, 80), 0.0524, 0.3339),
        ((9, 10), (3, 10), 0.1705, 0.8090),
        ((6, 7), (2, 7), 0.0582, 0.8062),
        ((5, 56), (0, 29), -0.0381, 0.1926),
        ((0, 10), (0, 20), -0.1611, 0.2775),
        ((0, 10), (0, 10), -0.2775, 0.2775),
        ((10, 10), (0, 20), 0.6791, 1.0),
        ((10, 10), (0, 10), 0.6075, 1.0),
        ((84, 101), (89, 105), -0.1177, 0.0851),
    ],
)
def test_newcombe_agrees_with_published_values(
    first: tuple[int, int], second: tuple[int, int], low: float, high: float
) -> None:
    difference = newcombe(*first, *second)
    assert difference is not None
    assert difference.value == pytest.approx(first[0] / first[1] - second[0] / second[1])
    assert (difference.low, difference.high) == pytest.approx((low, high), abs=5e-5)


def test_a_fall_shown_before_and_after_may_vanish_against_a_control() -> None:
    tested, control = newcombe(126, 420, 168, 420), newcombe(198, 600, 210, 600)
    assert tested == pytest.approx((-0.100, -0.163, -0.035), abs=1e-3)
    assert difference_in_differences(tested, control) == pytest.approx((-0.080, -0.163, 0.004), abs=1e-3)


@pytest.mark.parametrize(
    ("p1", "p2", "n"),
    [
        (0.40, 0.37, 4129),
        (0.40, 0.35, 1471),
        (0.40, 0.30, 356),
        (0.40, 0.25, 152),
        (0.10, 0.12, 3841),
        (0.65, 0.85, 73),
    ],
)
def test_sample_size_in_the_pooled_form(p1: float, p2: float, n: int) -> None:
    assert n_per_group(p1, p2) == n


def test_sample_size_in_the_unpooled_form() -> None:
    assert n_per_group(0.65, 0.85, pooled=False) == 70


def test_no_sample_shows_a_difference_of_nothing() -> None:
    assert n_per_group(0.3, 0.3) is None


@given(counts)
def test_wilson_contains_the_share_and_mirrors(count: tuple[int, int]) -> None:
    k, n = count
    interval, mirrored = wilson(k, n), wilson(n - k, n)
    assert interval is not None
    assert mirrored is not None
    assert 0 <= interval.low <= k / n <= interval.high <= 1
    assert interval == pytest.approx((1 - mirrored.high, 1 - mirrored.low), abs=1e-12)


@given(counts, counts)
def test_newcombe_turns_its_sign_when_the_groups_are_swapped(first: tuple[int, int], second: tuple[int, int]) -> None:
    there, back = newcombe(*first, *second), newcombe(*second, *first)
    assert there is not None
    assert back is not None
    assert there == pytest.approx((-back.value, -back.high, -back.low), abs=1e-12)
    assert -1 - 1e-12 <= there.low <= there.value <= there.high <= 1 + 1e-12
