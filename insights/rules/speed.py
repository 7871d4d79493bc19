"""How soon somebody contacts a lead (B6): exact counts at the marks, a curve and percentiles from a histogram."""

import math
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Final, NamedTuple

from django.utils.translation import gettext_lazy as _

from insights.rules.ratio import Ratio
from insights.rules.table import Column, Format
from insights.rules.work import WorkCell

MARKS: Final = (5, 60)
"""Minutes at which the share is counted lead by lead, and not read from the histogram."""
RATIO: Final = 1.15
"""How much longer than the last every bucket of the histogram reaches: counts per bucket may be added for ever."""
MINUTE: Final = 60


class Point(NamedTuple):
    """By so many minutes such a share of the leads had been contacted (Kaplan–Meier)."""

    minutes: float
    share: float


class Waited(NamedTuple):
    """A bucket: leads contacted and leads only watched so long, with the shortest and the longest time, in minutes."""

    contacted: int
    watched: int
    shortest: float
    longest: float


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


def bucket_of(seconds: float) -> int:
    """Tell in which bucket of the histogram a time lies; everything up to a second lies in the first."""
    return math.floor(math.log(max(seconds, 1.0)) / math.log(RATIO))


def speed(cells: Iterable[WorkCell]) -> Speed:
    """Count one cohort."""
    cells = list(cells)
    touched = [cell for cell in cells if cell.is_touched]
    waited = _histogram(cells)
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


def _within(cells: Iterable[WorkCell], minutes: int) -> int:
    return sum(cell.count for cell in cells if 0 < cell.within <= minutes)


def _histogram(cells: Iterable[WorkCell]) -> list[Waited]:
    buckets: dict[int, list[WorkCell]] = defaultdict(list)
    for cell in cells:
        buckets[cell.bucket].append(cell)
    return [_waited(buckets[bucket]) for bucket in sorted(buckets)]


def _waited(cells: Sequence[WorkCell]) -> Waited:
    """Join the cells of a bucket; its span is that of the contacts in it, if there are any."""
    touched = [cell for cell in cells if cell.is_touched]
    span = touched or cells
    return Waited(
        contacted=sum(cell.count for cell in touched),
        watched=sum(cell.count for cell in cells) - sum(cell.count for cell in touched),
        shortest=min(cell.shortest for cell in span) / MINUTE,
        longest=max(cell.longest for cell in span) / MINUTE,
    )


def curve(waited: Sequence[Waited]) -> list[Point]:
    """Return which share had been contacted at the end of every bucket (Kaplan and Meier 1958).

    S(t) *= 1 − d/n over buckets: whoever was watched as long as a contact took was still at risk of one.
    """
    at_risk, left = sum(one.contacted + one.watched for one in waited), 1.0
    points: list[Point] = []
    for one in waited:
        if one.contacted:
            left *= 1 - one.contacted / at_risk
            points.append(Point(one.longest, 1 - left))
        at_risk -= one.contacted + one.watched
    return points


def percentile(waited: Sequence[Waited], share: float) -> float | None:
    """Return by how many minutes this share had been contacted; nothing when it was not seen to happen.

    Within a bucket the contacts are taken to lie evenly between its shortest and its longest time: of one or two
    contacts that is exact, of more it errs by less than the bucket is wide.
    """
    at_risk, left = sum(one.contacted + one.watched for one in waited), 1.0
    for one in waited:
        after = left * (1 - one.contacted / at_risk)
        if one.contacted and after <= 1 - share + 1e-12:
            return _within_bucket(one, rank=(left - (1 - share)) / (left / at_risk))
        left, at_risk = after, at_risk - one.contacted - one.watched
    return None


def _within_bucket(one: Waited, *, rank: float) -> float:
    """Return when the contact of a rank within a bucket happened; the first has rank one."""
    if one.contacted == 1:
        return one.longest
    place = min(max(math.ceil(rank - 1e-9), 1), one.contacted)
    return one.shortest + (one.longest - one.shortest) * (place - 1) / (one.contacted - 1)
