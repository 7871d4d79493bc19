"""What the shift of a share is made of: an arrow for the mix, then one for the quality, from what was to what is."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from crm.rules import formats
from insights.charts.svg import SLIM, WIDE, Size, drawing, figure, line, link, path, text, unit, width_of

BAR = 12.0
TIP = 7.0  # units of an arrow's head
BREATH = 10.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """A part of the change, as a share of one, and where to see more of it."""

    name: str
    value: float
    url: str


@dataclass(frozen=True, slots=True)
class _Frame:
    size: Size
    left: float
    right: float
    low: float
    high: float

    def x(self, share: float) -> float:
        return self.left + (self.right - self.left) * (share - self.low) / (self.high - self.low)


def shift(before: float, after: float, steps: Sequence[Step]) -> SafeString:
    """Draw how two parts lead from one share to another; they add up to the difference."""
    return figure(_draw(before, after, steps, size) for size in (WIDE, SLIM))


def _draw(before: float, after: float, steps: Sequence[Step], size: Size) -> SafeString:
    ends = [before]
    for step in steps:
        ends.append(ends[-1] + step.value)
    low, high = min(*ends, after), max(*ends, after)
    room = max((high - low) * 0.06, 0.0005)
    left, right = (4.0, size.width - 4) if size.is_slim else (250.0, size.width - 30)
    frame = _Frame(size, left, right, low - room, high + room)
    row = 40.0 if size.is_slim else 26.0
    top = 22.0
    bottom = top + row * len(steps) + 2
    bands = [(top + row * i + 16, top + row * i + 32) for i in range(len(steps))] if size.is_slim else [(15, bottom)]
    parts = list(_ends(before, after, frame, bands))
    for index, step in enumerate(steps):
        parts += _step(step, ends[index], ends[index + 1], top + row * index, frame)
    return drawing(size, bottom, _("What the shift is made of"), parts)


def _ends(before: float, after: float, frame: _Frame, bands: Sequence[tuple[float, float]]) -> Iterator[SafeString]:
    """Draw what was and what is; their words stand apart, each on its own side, when the two are close."""
    was = _("was %(share)s") % {"share": formats.percent(before)}
    now = _("now %(share)s") % {"share": formats.percent(after)}
    first, last = frame.x(before), frame.x(after)
    for top, bottom in bands:
        yield line(first, top, first, bottom, "center")
        yield line(last, top, last, bottom, "total")
    gap = (width_of(was) + width_of(now)) / 2 + BREATH
    if abs(last - first) >= gap:
        places = [(_inside(first, was, frame), "middle"), (_inside(last, now, frame), "middle")]
    else:
        places = _apart((first, was), (last, now), frame)
    for (x, anchor), words, name in zip(places, (was, now), ("tick", "tick ink b"), strict=True):
        yield text(x, 10, words, name, anchor)


def _inside(x: float, words: str, frame: _Frame) -> float:
    half = width_of(words) / 2
    return min(max(x, half), frame.size.width - half)


def _apart(first: tuple[float, str], last: tuple[float, str], frame: _Frame) -> list[tuple[float, str]]:
    """Set two close words back to back about the middle of what they name, as far as the drawing has room."""
    left, right = (first, last) if first[0] <= last[0] else (last, first)
    middle = (left[0] + right[0]) / 2
    middle = max(width_of(left[1]) + BREATH / 2, min(middle, frame.size.width - width_of(right[1]) - BREATH / 2))
    found = {left: (middle - BREATH / 2, "end"), right: (middle + BREATH / 2, "start")}
    if left == right:
        return [found[left], found[left]]
    return [found[first], found[last]]


def _step(step: Step, start: float, end: float, y: float, frame: _Frame) -> Iterator[SafeString]:
    value = formats.points(step.value)
    if frame.size.is_slim:
        yield text(0, y + 11, step.name, "lbl")
        yield text(frame.size.width, y + 11, value, "b", "end")
        bar = y + 18
    else:
        yield text(0, y + 14, step.name, "lbl")
        yield text(frame.left - 16, y + 14, value, "b", "end")
        bar = y + 4
    yield link(step.url, f"{step.name}: {value}", [_arrow(frame.x(start), frame.x(end), bar)])


def _arrow(start: float, end: float, y: float) -> SafeString:
    """Draw a bar that points to where it leads; one of no length is not drawn."""
    if abs(end - start) < 0.05:
        return SafeString("")
    tip = min(TIP, abs(end - start)) * (1 if end > start else -1)
    neck = unit(end - tip)
    steps = f"M{unit(start)} {unit(y)}H{neck}L{unit(end)} {unit(y + BAR / 2)}L{neck} {unit(y + BAR)}H{unit(start)}Z"
    return path(steps, "up" if end > start else "down")
