"""Signal or noise: control charts, and shrinkage towards the common mean."""

import math
from collections.abc import Sequence
from itertools import pairwise
from typing import NamedTuple

from insights.rules.stats.intervals import Interval

MOVING_RANGE_OF_TWO = 1.128
"""d2 for ranges of two successive points (Montgomery, Introduction to Statistical Quality Control, appendix VI)."""
SIGMAS = 3


class ShareChart(NamedTuple):
    """A p′-chart: centre line, the stream's excess spread σz, and limits for every point."""

    centre: float
    spread: float
    limits: list[Interval]


class ValueChart(NamedTuple):
    """An individuals chart: centre line, mean moving range, and limits."""

    centre: float
    moving_range: float
    limits: Interval


def p_prime(ks: Sequence[int], ns: Sequence[int], baseline: Sequence[int]) -> ShareChart | None:
    """Return control limits of shares k/n, the baseline given by the indices of its points in order.

    Laney, Quality Engineering 14 (2002) 531–537. The factor never narrows the limits of a plain p-chart. Nothing when
    the baseline has fewer than two points, a point is empty, or the baseline is all of one kind.
    """
    if len(baseline) < 2 or not all(ns):
        return None
    centre = sum(ks[i] for i in baseline) / sum(ns[i] for i in baseline)
    if centre in (0, 1):
        return None
    sigmas = [math.sqrt(centre * (1 - centre) / n) for n in ns]
    scores = [(k / n - centre) / sigma for k, n, sigma in zip(ks, ns, sigmas, strict=True)]
    ranges = [abs(scores[after] - scores[before]) for before, after in pairwise(baseline)]
    spread = sum(ranges) / len(ranges) / MOVING_RANGE_OF_TWO
    reach = SIGMAS * max(1.0, spread)
    limits = [Interval(max(0.0, centre - reach * sigma), min(1.0, centre + reach * sigma)) for sigma in sigmas]
    return ShareChart(centre, spread, limits)


def individuals(values: Sequence[float]) -> ValueChart | None:
    """Return control limits of single values (XmR, NIST handbook 6.3.2.2); nothing for fewer than two."""
    if len(values) < 2:
        return None
    centre = sum(values) / len(values)
    ranges = [abs(after - before) for before, after in pairwise(values)]
    moving_range = sum(ranges) / len(ranges)
    half = SIGMAS * moving_range / MOVING_RANGE_OF_TWO
    return ValueChart(centre, moving_range, Interval(centre - half, centre + half))


def longest_run(values: Sequence[float], centre: float) -> int:
    """Return the length of the longest run of successive points on one side of the centre line."""
    longest = run = 0
    side = 0
    for value in values:
        now = (value > centre) - (value < centre)
        run = run + 1 if now == side and now else abs(now)
        side = now
        longest = max(longest, run)
    return longest


def between_groups(ks: Sequence[int], ns: Sequence[int]) -> float | None:
    """Return τ², by how much true shares of groups differ beyond chance; nothing for fewer than two groups.

    DerSimonian and Laird, Controlled Clinical Trials 7 (1986) 177–188, with the pooled share's variance in each group.
    """
    total = sum(ns)
    if len(ns) < 2 or not all(ns):
        return None
    mean = sum(ks) / total
    if mean in (0, 1):
        return 0.0
    weights = [n / (mean * (1 - mean)) for n in ns]
    scatter = sum(w * (k / n - mean) ** 2 for w, k, n in zip(weights, ks, ns, strict=True))
    scale = sum(weights) - sum(w * w for w in weights) / sum(weights)
    return max(0.0, (scatter - (len(ns) - 1)) / scale)


def shrink(k: int, n: int, mean: float, between: float) -> float | None:
    """Return a group's share pulled towards the common mean, the more so the smaller the group; nothing when empty.

    Empirical Bayes: mean + τ²/(τ² + mean(1 − mean)/n) · (k/n − mean).
    """
    if n == 0:
        return None
    chance = mean * (1 - mean) / n
    weight = between / (between + chance) if between + chance else 0.0
    return mean + weight * (k / n - mean)


def shrinking_factor(values: Sequence[float], variance: float) -> float | None:
    """Return how much of a distance from the mean survives shrinking values of equal variance.

    Efron and Morris, Scientific American 236 (1977) 119–127: c = 1 − (k − 3)σ²/Σ(y − ȳ)².
    """
    mean = sum(values) / len(values) if values else 0.0
    scatter = sum((value - mean) ** 2 for value in values)
    return 1 - (len(values) - 3) * variance / scatter if scatter else None
