"""A control chart: weekly shares between the limits of their usual wobble, signals ringed."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import groupby
from math import ceil, floor

from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from crm.rules import formats
from insights.charts.svg import (
    SLIM,
    WIDE,
    Size,
    circle,
    drawing,
    figure,
    line,
    link,
    path,
    rect,
    text,
    together,
    unit,
    width_of,
)
from insights.charts.week_axis import BREATH, TICK, WeekFrame, row, week_frame
from insights.rules.stats import Interval

STEPS = (0.01, 0.02, 0.05, 0.1, 0.2)
MOST_TICKS = 6
ROOM_FOR_LABEL = 0.28  # of the height, between a labelled signal and the edge
LABEL = 40  # units a signal's two lines of words take from its dot
ROOM_FOR_LIMITS = 48  # units a share with a decimal takes
LINE = 14  # units between two lines of words
NAMED = 9  # units above the drawing for the names of definitions
REACH = 9  # units around a dot that a finger or a pointer may miss it by


@dataclass(frozen=True, slots=True, kw_only=True)
class ControlDot:
    """A week: non-target of n, and the limits, if it has any. `later` is what it came to at the second age.

    `starts` are numbers of definitions with the days from Monday on which they take effect.
    """

    monday_on: date
    number: int
    told: str
    url: str
    non_target: int
    n: int
    definition: int | None
    is_young: bool
    is_judged: bool
    is_signal: bool
    limits: Interval | None
    centre: float | None
    later: int | None
    later_told: str
    later_url: str
    starts: Sequence[tuple[int, int]] = ()

    @property
    def share(self) -> float | None:
        """The height of the dot; nothing for a week that is not drawn."""
        return self.non_target / self.n if self.n and not self.is_young else None


def control(dots: Sequence[ControlDot]) -> SafeString:
    """Draw weekly shares; at least one dot has limits."""
    low, high, step = _range(dots)
    return figure(_draw(dots, size, low, high, step) for size in (WIDE, SLIM))


def _range(dots: Sequence[ControlDot]) -> tuple[float, float, float]:
    """Choose between which round shares to draw; a labelled signal gets room beyond it."""
    values = [value for dot in dots for value in _values(dot)]
    low, high = min(values), max(values)
    room = (high - low) * ROOM_FOR_LABEL
    for dot in dots:
        if dot.is_signal and dot.share is not None and dot.centre is not None:
            above = dot.share > dot.centre
            low, high = (low, max(high, dot.share + room)) if above else (min(low, dot.share - room), high)
    step = next((step for step in STEPS if (high - low) / step <= MOST_TICKS - 1), STEPS[-1])
    return max(0.0, floor(low / step) * step), min(1.0, ceil(high / step) * step), step


def _values(dot: ControlDot) -> Iterator[float]:
    if dot.share is not None:
        yield dot.share
    if dot.limits is not None:
        yield from dot.limits
    if dot.later is not None and dot.n:
        yield dot.later / dot.n


def _draw(dots: Sequence[ControlDot], size: Size, low: float, high: float, step: float) -> SafeString:
    top = 25.0 if size.is_slim else 27.0
    if any(dot.starts for dot in dots):
        top += NAMED
    frame = week_frame(size, len(dots), top=top, low=low, high=high)
    parts = [
        *_axis(frame, step),
        *_bands(dots, frame),
        *_young(dots, frame),
        *_limits(dots, frame),
        *_starts(dots, frame),
        path(_trace(dots, frame), "trace"),
        *_dots(dots, frame),
        *_labels(dots, frame),
    ]
    height = frame.bottom + (20 if size.is_slim else 34)
    return drawing(size, height, _("Control chart of the weekly share of non-target leads"), parts)


def _axis(frame: WeekFrame, step: float) -> Iterator[SafeString]:
    for tick in range(round((frame.high - frame.low) / step) + 1):
        share = frame.low + tick * step
        y = frame.y(share)
        yield line(frame.left, y, frame.size.width, y, "grid")
        words = formats.number(share * 100) if frame.size.is_slim else formats.percent(share, 0)
        yield text(frame.left - 6, y + 4, words, "tick", "end")


def _labels(dots: Sequence[ControlDot], frame: WeekFrame) -> Iterator[SafeString]:
    yield from row([str(dot.number) for dot in dots], frame.bottom + 15, "tick", frame)
    if not frame.size.is_slim:
        yield from row([formats.day(dot.monday_on) for dot in dots], frame.bottom + 29, "tick", frame)


def _bands(dots: Sequence[ControlDot], frame: WeekFrame) -> Iterator[SafeString]:
    """Draw the usual wobble of each week around the mean, a step a week: its width depends on how many leads came."""
    for centre, found in groupby(enumerate(dots), key=lambda pair: pair[1].centre if pair[1].limits else None):
        weeks = list(found)
        if centre is None:
            continue
        upper, lower = "", ""
        for index, dot in weeks:
            left, right = frame.left + frame.step * index, frame.left + frame.step * (index + 1)
            high, low = frame.y(dot.limits.high), frame.y(dot.limits.low)  # type: ignore[union-attr]
            upper += f"{'L' if upper else 'M'}{unit(left)} {unit(high)}H{unit(right)}"
            lower = f"L{unit(right)} {unit(low)}H{unit(left)}{lower}"
        yield path(f"{upper}{lower}Z", "band")
        first, last = weeks[0][0], weeks[-1][0] + 1
        y = frame.y(centre)
        yield line(frame.left + frame.step * first, y, frame.left + frame.step * last, y, "center")


def _young(dots: Sequence[ControlDot], frame: WeekFrame) -> Iterator[SafeString]:
    """Hatch the weeks that are not ripe: they are not judged, so they have no dot."""
    for is_young, found in groupby(enumerate(dots), key=lambda pair: pair[1].is_young):
        weeks = [index for index, _dot in found]
        if is_young:
            x, width = frame.left + frame.step * weeks[0], frame.step * len(weeks)
            yield rect(x, frame.top, width, frame.bottom - frame.top, "veil", fill="hatch-key")


def _edge_of_judged(dots: Sequence[ControlDot], frame: WeekFrame) -> float:
    """Find where the judged weeks end, if what follows has room for their limits; else the edge of the drawing."""
    last = max(index for index, dot in enumerate(dots) if dot.limits is not None)
    x = frame.left + frame.step * (last + 1)
    return x if frame.size.width - x >= ROOM_FOR_LIMITS else frame.size.width


def _limits(dots: Sequence[ControlDot], frame: WeekFrame) -> Iterator[SafeString]:
    """Write the mean and the limits of the last judged week beside it, where unripe weeks leave room."""
    edge = _edge_of_judged(dots, frame)
    last = next(dot for dot in reversed(dots) if dot.limits is not None)
    if last.limits is None or last.centre is None or edge == frame.size.width:
        return
    middle = frame.y(last.centre)
    yield text(edge + 6, middle + 4, formats.percent(last.centre), "tick ink halo")
    for limit in last.limits:
        if abs(frame.y(limit) - middle) > LINE:
            yield text(edge + 6, frame.y(limit) + 4, formats.percent(limit, 0), "tick halo")


def _starts(dots: Sequence[ControlDot], frame: WeekFrame) -> Iterator[SafeString]:
    """Mark the days on which a definition starts; names that would lie on each other are left to the table."""
    free_from = 0.0
    for index, dot in enumerate(dots):
        for number, day in dot.starts:
            x = frame.left + frame.step * (index + day / 7)
            words = _("v%(number)s") if frame.size.is_slim else _("definition v%(number)s")
            words %= {"number": number}
            half = width_of(words, scale=TICK) / 2
            middle = min(max(x, half), frame.size.width - half)
            yield line(x, frame.top - 12, x, frame.bottom, "event")
            if middle - half >= free_from:
                yield text(middle, frame.top - 18, words, "tick ink", "middle")
                free_from = middle + half + BREATH


def _trace(dots: Sequence[ControlDot], frame: WeekFrame) -> str:
    """Join the weeks of one definition; weeks judged by two are not comparable."""
    steps, before = "", None
    for index, dot in enumerate(dots):
        if dot.share is None:
            continue
        joined = steps and dot.definition is not None and dot.definition == before
        steps += f"{'L' if joined else 'M'}{unit(frame.middle(index))} {unit(frame.y(dot.share))}"
        before = dot.definition
    return steps


def _dots(dots: Sequence[ControlDot], frame: WeekFrame) -> Iterator[SafeString]:
    small = 3.0 if frame.size.is_slim else 4.0
    edge, free_from = _edge_of_judged(dots, frame), 0.0
    for index, dot in enumerate(dots):
        if dot.share is None:
            continue
        x, y = frame.middle(index), frame.y(dot.share)
        yield from _later(dot, x, frame, small)
        shapes = [circle(x, y, REACH, "reach"), circle(x, y, small, "dot" if dot.is_judged else "dot base")]
        if dot.is_signal:
            middle, half = _place_of_words(dot, x, frame, edge)
            words = _signal_words(dot, middle, y, frame) if middle - half >= free_from else []
            free_from = middle + half + BREATH if words else free_from
            ring = circle(x, y, 2 * small + 1, "ring")
            shapes = [circle(x, y, REACH, "reach"), ring, circle(x, y, small + 0.5, "dot sig"), *words]
        yield link(dot.url, dot.told, shapes)


def _later(dot: ControlDot, x: float, frame: WeekFrame, small: float) -> Iterator[SafeString]:
    """Draw what the week came to at the second age, hollow, and a thread to it from the first."""
    if dot.later is None or dot.share is None:
        return
    y = frame.y(dot.later / dot.n)
    thread = line(x, frame.y(dot.share), x, y, "thread")
    yield link(dot.later_url, dot.later_told, [together([thread, circle(x, y, small - 0.5, "dot later")])])


def _place_of_words(dot: ControlDot, x: float, frame: WeekFrame, edge: float) -> tuple[float, float]:
    """Find the middle and half the width of a signal's words; of two signals too near the second has none."""
    share, count = formats.share(dot.non_target, dot.n), formats.k_of_n(dot.non_target, dot.n)
    half = max(width_of(share), width_of(count, scale=TICK)) / 2
    return max(min(x, edge - half), frame.left + half), half


def _signal_words(dot: ControlDot, x: float, y: float, frame: WeekFrame) -> list[SafeString]:
    """Write a signal's share and count on the far side of the mean, or, at the drawing's edge, on the near one."""
    is_high = dot.centre is None or dot.share is None or dot.share > dot.centre
    is_above = y - LABEL >= frame.top if is_high else y + LABEL > frame.bottom
    first, second = (y - 28, y - 14) if is_above else (y + 24, y + 38)
    words = [text(x, second, formats.k_of_n(dot.non_target, dot.n), "tick ink halo", "middle")]
    share = text(x, first, formats.share(dot.non_target, dot.n), "b halo", "middle")
    return words if formats.is_few(dot.n) else [share, *words]
