"""Signal or noise: control charts, and shrinkage towards the common mean."""

import math
from collections.abc import Sequence
from itertools import pairwise
from statistics import NormalDist
from typing import Final, NamedTuple

from insights.rules.stats.intervals import Interval

MOVING_RANGE_OF_TWO = 1.128
"""d2 for ranges of two successive points (Montgomery, Introduction to Statistical Quality Control, appendix VI)."""
SIGMAS = 3
BY_CHANCE: Final = 0.005
"""How often dice are taken for a stream that wobbles more, for each point of the baseline: few points must be surer."""


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
    return ShareChart(centre, spread, [share_limits(centre, n, max(1.0, spread)) for n in ns])


def share_limits(centre: float, n: int, factor: float) -> Interval:
    """Return the limits of a share of n around a centre, so many times as wide as those of a plain p-chart."""
    reach = SIGMAS * factor * math.sqrt(centre * (1 - centre) / n)
    return Interval(max(0.0, centre - reach), min(1.0, centre + reach))


def critical_spread(points: int) -> float:
    """Return the σz that a baseline of this many points seldom exceeds by chance: 12 in 6 % of cases, 24 in 12 %.

    σz is then near normal about 1. Its variance, with r = points − 1 ranges, follows from that of a range of two,
    2(1 − 2/π), and of two ranges that share a point, (4/π)(√3/2 + π/12 − 1), both over d2² = 4/π (Cryer and Ryan,
    Journal of Quality Technology 22 (1990) 187–192, for the mean moving range).
    """
    ranges = points - 1
    alone, shared = math.pi / 2 - 1, math.sqrt(3) / 2 + math.pi / 12 - 1
    variance = alone / ranges + 2 * shared * (ranges - 1) / ranges**2
    return 1 + NormalDist().inv_cdf(1 - BY_CHANCE * points) * math.sqrt(variance)


def widening(spread: float, points: int) -> float:
    """Return by how much limits are widened for a σz that this many points of a baseline gave; 1 when by chance.

    σz is as often above 1 as below where nothing is there, so max(1, σz) errs upwards. Above the critical value the
    excess e counts but for u²/e, u being what chance explains: no leap at u, nearly all of a large one (the garrote;
    Breiman, Technometrics 37 (1995) 373–384).
    """
    excess, by_chance = spread - 1, critical_spread(points) - 1
    return 1 + excess - by_chance**2 / excess if excess > by_chance else 1.0


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
