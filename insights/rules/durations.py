"""How long leads stay at a milestone when some have not left it yet (B4)."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from django.utils.translation import gettext_lazy as _

from funnels.rules.moves import Milestone
from insights.rules.columns import Column, Format
from insights.rules.journeys import VisitCell
from insights.rules.waits import Span, histogram, percentile

A_DAY: Final = 86_400  # seconds; days of 24 hours between two instants
DURATION_COLUMNS = (
    Column("milestone", _("Milestone"), Format.WORD),
    Column("n", _("Visits")),
    Column("over", _("Visits that ended")),
    Column("open", _("Still there")),
    Column("median", _("Median, days"), Format.NUMBER),
    Column("p90", _("90th percentile, days"), Format.NUMBER),
    Column("observed", _("Longest seen, days"), Format.NUMBER),
)


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
    """Estimate median and 90th percentile of each milestone (Kaplan and Meier 1958); never a mean.

    Times are told by their histogram.
    """
    cells = list(cells)
    return [_duration(milestone, [cell for cell in cells if cell.milestone is milestone]) for milestone in milestones]


def _duration(milestone: Milestone, cells: Sequence[VisitCell]) -> Duration:
    waited = histogram(
        [Span(cell.bucket, cell.is_over, cell.count, cell.shortest, cell.longest) for cell in cells], unit=A_DAY
    )
    return Duration(
        milestone=milestone,
        n=sum(cell.count for cell in cells),
        over=sum(cell.count for cell in cells if cell.is_over),
        median=percentile(waited, 0.5),
        p90=percentile(waited, 0.9),
        observed=max((cell.longest / A_DAY for cell in cells), default=None),
    )
