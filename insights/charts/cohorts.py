"""Weekly cohorts as stacked bars of one height: shares, not volumes; the count stands above each."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from crm.rules import formats
from insights.charts.shares import LOOKS, Cohort, spoken
from insights.charts.svg import SLIM, WIDE, Size, drawing, figure, line, link, rect, text
from insights.charts.week_axis import WeekFrame, row, week_frame

SMALLEST_LABEL = 16  # units a part must be high to carry its number
ABOVE = 11  # units from the bars up to the counts, clear of the axis label that stands beside the bars' top


@dataclass(frozen=True, slots=True, kw_only=True)
class WeekBar:
    """A week's leads; an unripe week is veiled, since its shares will still change.

    `count` stands above it instead of how many they are, where that is not told.
    """

    number: int
    monday_on: date
    label: str
    cohort: Cohort
    is_mature: bool
    count: str = ""


def cohorts(weeks: Sequence[WeekBar]) -> SafeString:
    """Draw what became of the leads of each week."""
    return figure(_draw(weeks, size) for size in (WIDE, SLIM))


def _draw(weeks: Sequence[WeekBar], size: Size) -> SafeString:
    frame = week_frame(size, len(weeks), top=25.0 if size.is_slim else 27.0)
    parts = list(_axis(frame))
    for index, week in enumerate(weeks):
        parts += _bar(week, index, frame)
    parts += _labels(weeks, frame)
    return drawing(size, frame.bottom + (20 if size.is_slim else 34), _("Shares by week of arrival"), parts)


def _axis(frame: WeekFrame) -> Iterator[SafeString]:
    for share in (0, 0.25, 0.5, 0.75, 1):
        y = frame.y(share)
        yield line(frame.left, y, frame.size.width, y, "grid" if share else "axis")
        words = formats.number(share * 100) if frame.size.is_slim else formats.percent(share, 0)
        yield text(frame.left - 6, y + 4, words, "tick", "end")
    yield text(frame.left - 6, frame.top - ABOVE, "n", "tick it", "end")


def _labels(weeks: Sequence[WeekBar], frame: WeekFrame) -> Iterator[SafeString]:
    """Write how many came above each week, its number below, and on a wide drawing its Monday."""
    yield from row(
        [week.count or formats.number(week.cohort.n) for week in weeks], frame.top - ABOVE, "tick ink", frame
    )
    yield from row([str(week.number) for week in weeks], frame.bottom + 15, "tick", frame)
    if not frame.size.is_slim:
        yield from row([formats.day(week.monday_on) for week in weeks], frame.bottom + 29, "tick", frame)


def _bar(week: WeekBar, index: int, frame: WeekFrame) -> Iterator[SafeString]:
    x = frame.x(index)
    if week.cohort.n:
        yield from _stack(week, x, frame)
    if week.cohort.n and not week.is_mature:
        yield rect(x, frame.top, frame.bar, frame.bottom - frame.top, "veil", fill="hatch-young")
        yield rect(x - 1, frame.top - 1, frame.bar + 2, frame.bottom - frame.top + 1, "young")


def _stack(week: WeekBar, x: float, frame: WeekFrame) -> Iterator[SafeString]:
    cohort, y = week.cohort, frame.bottom
    for part in cohort.parts:
        height = (frame.bottom - frame.top) * part.count / cohort.n
        y -= height
        name, fill = LOOKS[part.code]
        told = f"{week.label}: {spoken(part, cohort.n)}"
        yield link(part.url, told, [rect(x, y, frame.bar, height - (0.8 if height > 2 else 0), name, fill=fill)])
    part = cohort.non_target
    tall = (frame.bottom - frame.top) * part.count / cohort.n >= SMALLEST_LABEL
    if tall and week.is_mature and not formats.is_few(cohort.n) and frame.bar >= 18:
        share = formats.number(100 * part.count / cohort.n)
        yield text(x + frame.bar / 2, frame.bottom - 6, share, "on-nt", "middle")
