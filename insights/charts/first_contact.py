"""When the first contact happens: the share contacted by then, on a clock that shows minutes and days alike."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from math import log10

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
    text,
    unit,
    width_of,
)

HOUR, DAY = 60, 1440
FIRST = 1  # minute; whoever was contacted sooner stands here
MARKS = (1, 5, 15, HOUR, 4 * HOUR, DAY, 7 * DAY, 28 * DAY, 90 * DAY, 365 * DAY)
SHORTEST = 7 * DAY
TICK = 0.92


@dataclass(frozen=True, slots=True)
class Mark:
    """So many leads were contacted within a time that everybody knows, counted one by one."""

    minutes: int
    k: int
    url: str


@dataclass(frozen=True, slots=True, kw_only=True)
class FirstContact:
    """The curve as points of minutes and share, and what stands out on it."""

    n: int
    contacted: int
    points: Sequence[tuple[float, float]]
    marks: Sequence[Mark]
    median: float | None
    p90: float | None
    contacted_url: str
    never_url: str


@dataclass(frozen=True, slots=True)
class _Frame:
    size: Size
    left: float
    right: float
    top: float
    bottom: float
    longest: float

    def x(self, minutes: float) -> float:
        place = log10(min(max(minutes, FIRST), self.longest)) / log10(self.longest)
        return self.left + (self.right - self.left) * place

    def y(self, share: float) -> float:
        return self.bottom - (self.bottom - self.top) * share


def first_contact(shown: FirstContact) -> SafeString:
    """Draw the curve of a cohort of at least one lead."""
    return figure(_draw(shown, _frame(shown, size)) for size in (WIDE, SLIM))


def minutes_words(minutes: float) -> str:
    """Say a time as people would: minutes, then hours, then days."""
    if minutes < HOUR:
        return _("%(count)s min") % {"count": formats.number(minutes)}
    if minutes < DAY:
        return _("%(count)s h") % {"count": formats.number(minutes / HOUR, _decimals(minutes / HOUR))}
    return _("%(count)s d") % {"count": formats.number(minutes / DAY, _decimals(minutes / DAY))}


def _decimals(value: float) -> int:
    return 0 if value >= 10 or round(value, 1) == round(value) else 1


def _frame(shown: FirstContact, size: Size) -> _Frame:
    last = max((minutes for minutes, _share in shown.points), default=0)
    longest = next((mark for mark in MARKS if mark >= max(last, SHORTEST)), last)
    if size.is_slim:
        return _Frame(size, 34, size.width - 4, 18, 110, longest)
    return _Frame(size, 44, size.width - 124, 14, 118, longest)


def _draw(shown: FirstContact, frame: _Frame) -> SafeString:
    parts = [*_axes(frame), *_curve(shown, frame), *_percentiles(shown, frame), *_end(shown, frame)]
    height = frame.bottom + (38 if frame.size.is_slim else 22)
    return drawing(frame.size, height, _("When the first contact happens"), parts)


def _axes(frame: _Frame) -> Iterator[SafeString]:
    for share in (0, 0.5, 1):
        words = formats.number(share * 100) if frame.size.is_slim else formats.percent(share, 0)
        yield line(frame.left, frame.y(share), frame.right, frame.y(share), "grid" if share else "axis")
        yield text(frame.left - 6, frame.y(share) + 4, words, "tick", "end")
    written = frame.left - 4.0
    marks = [mark for mark in MARKS if mark <= frame.longest]
    for mark in marks:
        words = minutes_words(mark)
        half = width_of(words, scale=TICK) / 2
        x = frame.left + half if mark == FIRST else min(frame.x(mark), frame.size.width - half)
        if x - half >= written + 4:
            yield text(x, frame.bottom + 15, words, "tick", "middle")
            written = x + half


def _curve(shown: FirstContact, frame: _Frame) -> Iterator[SafeString]:
    for mark in shown.marks:
        yield line(frame.x(mark.minutes), frame.top, frame.x(mark.minutes), frame.bottom, "norm thin")
    steps = [f"M{unit(frame.left)} {unit(frame.bottom)}"]
    steps += [f"H{unit(frame.x(minutes))}V{unit(frame.y(share))}" for minutes, share in shown.points]
    yield path("".join([*steps, f"H{unit(frame.right)}"]), "trace km")
    for mark in shown.marks:
        told = _("Contacted within %(time)s: %(count)s") % {
            "time": minutes_words(mark.minutes),
            "count": f"{formats.k_of_n(mark.k, shown.n)} — {formats.share(mark.k, shown.n)}",
        }
        yield link(mark.url, told, [circle(frame.x(mark.minutes), frame.y(mark.k / shown.n), 3.5, "dot base")])


def _percentiles(shown: FirstContact, frame: _Frame) -> Iterator[SafeString]:
    """Write median and ninth tenth to the left of their dots, or to the right where there is no room."""
    median = _("median %(time)s") if not frame.size.is_slim else _("med. %(time)s")
    for minutes, share, words in ((shown.median, 0.5, median), (shown.p90, 0.9, _("p90: %(time)s"))):
        if minutes is None:
            continue
        told = words % {"time": minutes_words(minutes)}
        x, y = frame.x(minutes), frame.y(share)
        is_left = x - 8 - width_of(told, scale=TICK) >= frame.left
        yield circle(x, y, 4, "dot")
        yield text(x - 8 if is_left else x + 8, y - 6 if is_left else y + 14, told, "tick ink halo", _anchor(is_left))


def _anchor(is_left: bool) -> str:
    return "end" if is_left else "start"


def _end_at(shown: FirstContact, frame: _Frame) -> float:
    """Tell at which height the end of the curve is named: beside it, two lines clear of the axis below."""
    return min(max(frame.y(shown.contacted / shown.n), frame.top) + 4, frame.bottom - 18)


def _end(shown: FirstContact, frame: _Frame) -> Iterator[SafeString]:
    """Say how many were contacted in the end, and how many by nobody."""
    told = f"{formats.k_of_n(shown.contacted, shown.n)} — {formats.share(shown.contacted, shown.n)}"
    never = shown.n - shown.contacted
    left_out = _("%(count)s by nobody") % {"count": formats.number(never)}
    if frame.size.is_slim:
        x, y, rest = 0.0, frame.bottom + 33, frame.size.width
        anchor = "end"
    else:
        x, y, rest = frame.right + 8, _end_at(shown, frame), frame.right + 8
        anchor = "start"
    share = formats.share(shown.contacted, shown.n)
    if frame.size.is_slim:
        share = _("contacted: %(share)s") % {"share": share}
    name = _("Contacted: %(count)s") % {"count": told}
    yield link(shown.contacted_url, name, [text(x, y, share, "b")])
    name = _("Touched by nobody: %(count)s") % {"count": formats.k_of_n(never, shown.n)}
    yield link(shown.never_url, name, [text(rest, y + (0 if frame.size.is_slim else 15), left_out, "tick", anchor)])
