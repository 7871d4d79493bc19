"""Intervals for shares and for differences of shares, and the sample they need."""

import math
from statistics import NormalDist
from typing import NamedTuple

NORMAL = NormalDist()
CONFIDENCE = 0.95


class Interval(NamedTuple):
    low: float
    high: float


class Difference(NamedTuple):
    value: float
    low: float
    high: float


def quantile(confidence: float = CONFIDENCE) -> float:
    """Return z so that the standard normal lies within ±z with this probability."""
    return NORMAL.inv_cdf(0.5 + confidence / 2)


def wilson(k: float, n: float, confidence: float = CONFIDENCE) -> Interval | None:
    """Return the score interval of a share k/n; nothing when n is 0.

    Wilson 1927; method 3 of Newcombe, Statistics in Medicine 17 (1998) 857–872. Its ends are exact at k = 0 and
    k = n, where rounding would leave a speck outside [0, 1].
    """
    if n == 0:
        return None
    z = quantile(confidence)
    share = k / n
    denominator = 1 + z * z / n
    centre = (share + z * z / (2 * n)) / denominator
    half = z / denominator * math.sqrt(share * (1 - share) / n + z * z / (4 * n * n))
    low = 0.0 if k == 0 else max(0.0, centre - half)
    high = 1.0 if k == n else min(1.0, centre + half)
    return Interval(low, high)


def newcombe(k1: float, n1: float, k2: float, n2: float, confidence: float = CONFIDENCE) -> Difference | None:
    """Return k1/n1 − k2/n2 with its hybrid score interval; nothing when a group is empty.

    Method 10 of Newcombe, Statistics in Medicine 17 (1998) 873–890.
    """
    first, second = wilson(k1, n1, confidence), wilson(k2, n2, confidence)
    if first is None or second is None:
        return None
    p1, p2 = k1 / n1, k2 / n2
    value = p1 - p2
    return Difference(
        value,
        value - math.hypot(p1 - first.low, second.high - p2),
        value + math.hypot(first.high - p1, p2 - second.low),
    )


def difference_in_differences(tested: Difference | None, control: Difference | None) -> Difference | None:
    """Return the tested group's change less the control group's, limits recovered from both (MOVER).

    Zou and Donner, Statistics in Medicine 27 (2008) 1693–1702.
    """
    if tested is None or control is None:
        return None
    value = tested.value - control.value
    return Difference(
        value,
        value - math.hypot(tested.value - tested.low, control.high - control.value),
        value + math.hypot(tested.high - tested.value, control.value - control.low),
    )


def n_per_group(p1: float, p2: float, alpha: float = 0.05, power: float = 0.8, *, pooled: bool = True) -> int | None:
    """Return how many leads each group needs to show p1 against p2; nothing when the two are equal.

    Fleiss, Statistical Methods for Rates and Proportions, two-sided, without continuity correction. The pooled
    form is the one pages use; the unpooled form takes each group's own variance throughout.
    """
    if p1 == p2:
        return None
    z_alpha, z_power = NORMAL.inv_cdf(1 - alpha / 2), NORMAL.inv_cdf(power)
    own = p1 * (1 - p1) + p2 * (1 - p2)
    mean = (p1 + p2) / 2
    under_no_difference = 2 * mean * (1 - mean) if pooled else own
    return math.ceil((z_alpha * math.sqrt(under_no_difference) + z_power * math.sqrt(own)) ** 2 / (p1 - p2) ** 2)
