"""How often cells without any difference are marked: the correction for all cells shown must keep it rare."""

import random

from insights.rules.contrast import contrasts
from insights.rules.quality import CriterionCount, Quality

SOURCES, CRITERIA, LEADS, RUNS = 12, 8, 60, 250
SHARE = 0.25
MOST_FALSE = 0.12


def _failures(chance: random.Random) -> int:
    return sum(chance.random() < SHARE for _lead in range(LEADS))


def _run(chance: random.Random) -> tuple[bool, bool]:
    """Draw 96 cells of one true share; tell whether any is marked, and whether any would be without a correction."""
    counts = {f"s{source}": [_failures(chance) for _ in range(CRITERIA)] for source in range(SOURCES)}
    groups = {source: (_quality(0, LEADS), _criteria(failed, LEADS)) for source, failed in counts.items()}
    total = [sum(column) for column in zip(*counts.values(), strict=True)]
    found = contrasts(groups, (_quality(0, LEADS * SOURCES), _criteria(total, LEADS * SOURCES)), enough=30)
    cells = [cell for cells in found.values() for cell in cells[1:]]
    assert len(cells) == SOURCES * CRITERIA == 96
    return any(cell.signal for cell in cells), any((cell.p or 1) < 0.05 for cell in cells)


def _quality(failed: int, n: int) -> Quality:
    return Quality(target=n - failed, non_target=failed, untouched=0, in_sla=0, overdue=0)


def _criteria(failed: list[int], n: int) -> list[CriterionCount]:
    return [
        CriterionCount(criterion=str(number), n=n, decided=n, failed=k, sole=k, fractional=float(k), assessed=n)
        for number, k in enumerate(failed)
    ]


def test_ninety_six_cells_without_a_difference_are_seldom_marked() -> None:
    chance = random.Random(36)
    runs = [_run(chance) for _ in range(RUNS)]
    assert sum(marked for marked, _uncorrected in runs) / RUNS <= MOST_FALSE
    assert sum(uncorrected for _marked, uncorrected in runs) / RUNS > 0.9, "without the correction nearly every table"
