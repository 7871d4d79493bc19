"""Is a difference more than chance, and are several of them together?"""

import math
from collections.abc import Sequence

from insights.rules.stats.intervals import NORMAL

SMALLEST_EXPECTED_COUNT = 5


def two_prop_p(k1: int, n1: int, k2: int, n2: int) -> float | None:
    """Return the two-sided p-value of the pooled two-proportion z test; nothing when a group is empty."""
    if not n1 or not n2:
        return None
    pooled = (k1 + k2) / (n1 + n2)
    if pooled in (0, 1):
        return 1.0
    z = (k1 / n1 - k2 / n2) / math.sqrt(pooled * (1 - pooled) * (1 / n1 + 1 / n2))
    return 2 * (1 - NORMAL.cdf(abs(z)))


def fisher(a: int, b: int, c: int, d: int) -> float | None:
    """Return the two-sided p-value of Fisher's exact test of [[a, b], [c, d]]; nothing when a row is empty.

    Sums the tables that are no likelier than the one observed (R's and scipy's two-sided convention), in integers,
    so that ties are exact.
    """
    n1, n2, k = a + b, c + d, a + c
    if not n1 or not n2:
        return None

    def ways(x: int) -> int:
        return math.comb(n1, x) * math.comb(n2, k - x)

    observed = ways(a)
    as_rare = sum(ways(x) for x in range(max(0, k - n2), min(k, n1) + 1) if ways(x) <= observed)
    return as_rare / math.comb(n1 + n2, k)


def contrast_p(k1: int, n1: int, k2: int, n2: int) -> float | None:
    """Return the p-value of k1/n1 against k2/n2: Fisher's where any expected count is below 5, else the z test."""
    if not n1 or not n2:
        return None
    total, failed = n1 + n2, k1 + k2
    expected = min(n * part / total for n in (n1, n2) for part in (failed, total - failed))
    if expected < SMALLEST_EXPECTED_COUNT:
        return fisher(k1, n1 - k1, k2, n2 - k2)
    return two_prop_p(k1, n1, k2, n2)


def holm(p_values: Sequence[float]) -> list[float]:
    """Return p-values adjusted by Holm's step-down method (Scandinavian Journal of Statistics 6 (1979) 65–70)."""
    adjusted = [0.0] * len(p_values)
    running = 0.0
    for rank, index in enumerate(sorted(range(len(p_values)), key=p_values.__getitem__)):
        running = max(running, min(1.0, (len(p_values) - rank) * p_values[index]))
        adjusted[index] = running
    return adjusted


def bh(p_values: Sequence[float]) -> list[float]:
    """Return p-values adjusted by Benjamini and Hochberg's step-up method (JRSS B 57 (1995) 289–300)."""
    adjusted = [0.0] * len(p_values)
    order = sorted(range(len(p_values)), key=p_values.__getitem__)
    running = 1.0
    for rank in range(len(order), 0, -1):
        index = order[rank - 1]
        running = min(running, p_values[index] * len(p_values) / rank)
        adjusted[index] = running
    return adjusted
