"""How soon somebody contacts a lead (B6): exact counts at the marks, a curve and percentiles from a histogram."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Final

from django.utils.translation import gettext_lazy as _

from insights.rules.columns import Column, Format
from insights.rules.ratio import Ratio
from insights.rules.waits import Point, Span, curve, histogram, percentile

MARKS: Final = (5, 60)
"""Minutes at which the share is counted lead by lead, and not read from the histogram."""
MINUTE: Final = 60


@dataclass(frozen=True, slots=True, kw_only=True)
class SpeedCell:
    """How many valid leads of a group were contacted, or were watched in vain, alike.

    `within` is the smallest of the marks, in minutes, that the first contact kept, 0 when it kept none; of a lead that
    nobody contacted it is that of the time it was watched. `bucket` and the span in seconds are of the same time.
    """

    group: str | None
    is_touched: bool
    is_early: bool
    is_first_in_time: bool
    within: int
    bucket: int
    shortest: float
    longest: float
    count: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Speed:
    """When the first contact happened, of all valid leads; those nobody contacted are watched and not left out.

    `early` had been contacted before the lead was received: their time counts as none.
    """

    n: int
    within_5: int
    within_60: int
    within_60_waiting: int
    within_sla: int
    never: int
    early: int
    median_minutes: float | None
    p90_minutes: float | None
    curve: Sequence[Point] = field(default=())

    @property
    def contacted(self) -> int:
        return self.n - self.never

    @property
    def share_5(self) -> float | None:
        return Ratio(self.within_5, self.n).share

    @property
    def share_60(self) -> float | None:
        return Ratio(self.within_60, self.n).share

    @property
    def share_60_low(self) -> float | None:
        interval = Ratio(self.within_60, self.n).interval
        return interval.low if interval else None

    @property
    def share_60_high(self) -> float | None:
        interval = Ratio(self.within_60, self.n).interval
        return interval.high if interval else None

    @property
    def share_sla(self) -> float | None:
        return Ratio(self.within_sla, self.n).share


SPEED_COLUMNS = (
    Column("n", _("Leads")),
    Column("within_5", _("Contacted within 5 min")),
    Column("share_5", _("Contacted within 5 min: share"), Format.SHARE),
    Column("within_60", _("Contacted within 60 min")),
    Column("share_60", _("Contacted within 60 min: share"), Format.SHARE),
    Column("share_60_low", _("Contacted within 60 min: lower limit"), Format.SHARE),
    Column("share_60_high", _("Contacted within 60 min: upper limit"), Format.SHARE),
    Column("within_sla", _("Contacted within the agreed time")),
    Column("share_sla", _("Contacted within the agreed time: share"), Format.SHARE),
    Column("never", _("Touched by nobody")),
    Column("early", _("Contacted before it came")),
    Column("median_minutes", _("Median, minutes"), Format.NUMBER),
    Column("p90_minutes", _("Nine of ten, minutes"), Format.NUMBER),
)


def mark_of(seconds: float) -> int:
    """Tell the smallest mark within which a time lies, 0 when it lies within none."""
    return next((mark for mark in MARKS if seconds <= mark * MINUTE), 0)


def speed(cells: Iterable[SpeedCell]) -> Speed:
    """Count one cohort."""
    cells = list(cells)
    touched = [cell for cell in cells if cell.is_touched]
    spans = [Span(cell.bucket, cell.is_touched, cell.count, cell.shortest, cell.longest) for cell in cells]
    waited = histogram(spans, unit=MINUTE)
    return Speed(
        n=sum(cell.count for cell in cells),
        within_5=_within(touched, MARKS[0]),
        within_60=_within(touched, MARKS[1]),
        within_60_waiting=_within([cell for cell in cells if not cell.is_touched], MARKS[1]),
        within_sla=sum(cell.count for cell in touched if cell.is_first_in_time),
        never=sum(cell.count for cell in cells if not cell.is_touched),
        early=sum(cell.count for cell in touched if cell.is_early),
        median_minutes=percentile(waited, 0.5),
        p90_minutes=percentile(waited, 0.9),
        curve=curve(waited),
    )


def _within(cells: Iterable[SpeedCell], minutes: int) -> int:
    return sum(cell.count for cell in cells if 0 < cell.within <= minutes)
