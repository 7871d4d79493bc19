"""Do two assessors mean the same by the same tag?"""

import math
from collections import Counter
from collections.abc import Hashable, Sequence

from insights.rules.stats.intervals import CONFIDENCE, Interval, quantile

SquareTable = Sequence[Sequence[int]]
ENOUGH_TO_COMPARE = 2


def observed_agreement(table: SquareTable) -> float | None:
    """Return the share of pairs on the diagonal of a square table of counts; nothing when it is empty."""
    n = sum(map(sum, table))
    return sum(table[i][i] for i in range(len(table))) / n if n else None


def _margins(table: SquareTable) -> tuple[list[float], list[float]]:
    n = sum(map(sum, table))
    size = range(len(table))
    return [sum(table[i]) / n for i in size], [sum(table[i][j] for i in size) / n for j in size]


def cohen_kappa(table: SquareTable) -> float | None:
    """Return Cohen's kappa; nothing when the table is empty or both assessors only ever used one tag.

    Cohen, Educational and Psychological Measurement 20 (1960) 37–46.
    """
    agreed = observed_agreement(table)
    if agreed is None:
        return None
    rows, columns = _margins(table)
    expected = sum(row * column for row, column in zip(rows, columns, strict=True))
    return None if expected == 1 else (agreed - expected) / (1 - expected)


def cohen_kappa_error(table: SquareTable) -> float | None:
    """Return the asymptotic standard error of kappa (Fleiss, Cohen and Everitt, Psychological Bulletin 72, 1969)."""
    kappa = cohen_kappa(table)
    if kappa is None:
        return None
    n = sum(map(sum, table))
    rows, columns = _margins(table)
    size = range(len(table))
    expected = sum(row * column for row, column in zip(rows, columns, strict=True))
    diagonal = sum(table[i][i] / n * (1 - (rows[i] + columns[i]) * (1 - kappa)) ** 2 for i in size)
    others = sum(table[i][j] / n * (columns[i] + rows[j]) ** 2 for i in size for j in size if i != j)
    spread = diagonal + (1 - kappa) ** 2 * others - (kappa - expected * (1 - kappa)) ** 2
    return math.sqrt(max(0.0, spread) / n) / (1 - expected)


def cohen_kappa_interval(table: SquareTable, confidence: float = CONFIDENCE) -> Interval | None:
    """Return kappa's asymptotic interval; nothing where kappa is not defined."""
    kappa, error = cohen_kappa(table), cohen_kappa_error(table)
    if kappa is None or error is None:
        return None
    return Interval(kappa - quantile(confidence) * error, kappa + quantile(confidence) * error)


def gwet_ac1(table: SquareTable) -> float | None:
    """Return Gwet's AC1 of two assessors, which a rare tag does not make useless as it does kappa.

    Gwet, British Journal of Mathematical and Statistical Psychology 61 (2008) 29–48.
    """
    agreed = observed_agreement(table)
    if agreed is None or len(table) < ENOUGH_TO_COMPARE:
        return None
    rows, columns = _margins(table)
    prevalence = [(row + column) / 2 for row, column in zip(rows, columns, strict=True)]
    expected = sum(p * (1 - p) for p in prevalence) / (len(table) - 1)
    return (agreed - expected) / (1 - expected)


def fleiss_kappa(counts: SquareTable) -> float | None:
    """Return Fleiss's kappa of many assessors: a row for each unit, a column for each tag, equally many tags a row.

    Fleiss, Psychological Bulletin 76 (1971) 378–382. Nothing when there are no units or a single tag was used.
    """
    raters = sum(counts[0]) if counts else 0
    if raters < ENOUGH_TO_COMPARE:
        return None
    total = len(counts) * raters
    agreed = sum(sum(v * (v - 1) for v in row) for row in counts) / (total * (raters - 1))
    expected = sum((sum(column) / total) ** 2 for column in zip(*counts, strict=True))
    return None if expected == 1 else (agreed - expected) / (1 - expected)


def kripp_nominal(units: Sequence[Sequence[Hashable]]) -> float | None:
    """Return Krippendorff's alpha for nominal tags: one list of the tags given per unit, of any length.

    Krippendorff, Computing Krippendorff's Alpha-Reliability (2011). A unit with one tag has nothing to compare.
    """
    totals: Counter[Hashable] = Counter()
    disagreement = 0.0
    for unit in units:
        given = len(unit)
        if given < ENOUGH_TO_COMPARE:
            continue
        tags = Counter(unit)
        totals.update(tags)
        disagreement += (given * given - sum(v * v for v in tags.values())) / (given - 1)
    n = sum(totals.values())
    if n < ENOUGH_TO_COMPARE:
        return None
    by_chance = (n * n - sum(v * v for v in totals.values())) / (n - 1)
    return None if by_chance == 0 else 1 - disagreement / by_chance
