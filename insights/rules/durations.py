"""How long leads stay at a milestone when some have not left it yet (B4)."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from funnels.rules.moves import Milestone
from insights.rules.journeys import VisitCell
from insights.rules.stats import aalen_johansen, percentile

OVER, STILL_THERE = 1, 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Duration:
    """Visits to a milestone, `n` of them, `over` of which have ended; times in days.

    A percentile is None when so many were not seen to leave: then it is longer than `observed`, the longest visit seen.
    """

    milestone: Milestone
    n: int
    over: int
    median: float | None
    p90: float | None
    observed: float | None

    @property
    def open(self) -> int:
        return self.n - self.over


def durations(cells: Iterable[VisitCell], milestones: Sequence[Milestone]) -> list[Duration]:
    """Estimate median and 90th percentile of each milestone (Kaplan and Meier 1958); never a mean."""
    cells = list(cells)
    return [_duration(milestone, [cell for cell in cells if cell.milestone is milestone]) for milestone in milestones]


def _duration(milestone: Milestone, cells: Sequence[VisitCell]) -> Duration:
    days = [cell.days for cell in cells for _visit in range(cell.count)]
    causes = [OVER if cell.is_over else STILL_THERE for cell in cells for _visit in range(cell.count)]
    steps = aalen_johansen(days, causes)
    return Duration(
        milestone=milestone,
        n=len(days),
        over=sum(causes),
        median=percentile(steps, 0.5),
        p90=percentile(steps, 0.9),
        observed=max(days, default=None),
    )
