"""Sources as dots: the non-target share of each with its interval, the share of all leads as a line across them."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from math import ceil, sqrt

from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from crm.rules import formats
from insights.charts.svg import SLIM, WIDE, Size, drawing, figure, line, link, text, together, unit, width_of
from insights.rules.ratio import Ratio

LARGEST, SMALLEST = 10.0, 3.5  # radii of dots
NAMES, LONG_NAMES = 226.0, 330.0
LETTER = 8.5  # units a letter of a name takes at most: names are set heavier than other words
FINE = 0.3  # a scale up to here has a line every tenth, a longer one every fifth


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceDot:
    """A source: non-target of its leads; whether it may be ranked, and whether it differs by more than chance."""

    name: str
    ratio: Ratio
    is_ranked: bool
    is_marked: bool
    remark: str
    url: str

    @property
    def is_few(self) -> bool:
        """Whether its share must not be said, nor drawn."""
        return formats.is_few(self.ratio.n)


@dataclass(frozen=True, slots=True)
class _Frame:
    size: Size
    left: float
    right: float
    top: float
    row: float
    longest: float
    most: int
    letters: int

    def x(self, share: float) -> float:
        return self.left + (self.right - self.left) * share / self.longest

    def radius(self, n: int) -> float:
        """The area of a dot is its number of leads, but for the smallest, which would not be seen."""
        return max(SMALLEST, LARGEST * sqrt(n / self.most))


def sources(dots: Sequence[SourceDot], total: Ratio, heading: str, *, names: float = NAMES) -> SafeString:
    """Draw sources in the order given; `heading` names what they are, `names` are the units left for their names."""
    return figure(_draw(dots, total, heading, _frame(dots, total, size, names)) for size in (WIDE, SLIM))


def _draw(dots: Sequence[SourceDot], total: Ratio, heading: str, frame: _Frame) -> SafeString:
    size = frame.size
    bottom = frame.top + frame.row * len(dots)
    drawn = [dot for dot in dots if not dot.is_few]
    parts = list(_furniture(dots, total, frame, bottom)) if drawn else []
    if not size.is_slim:
        parts += [
            text(0, frame.top - 15, _("%(group)s, n") % {"group": heading}, "tick"),
            text(size.width - 18, frame.top - 15, _("share"), "tick", "end"),
        ]
    for index, dot in enumerate(dots):
        y = frame.top + index * frame.row
        parts += _slim_row(dot, y, frame) if size.is_slim else _wide_row(dot, y, frame)
    height = bottom + (18 if drawn else 0)
    return drawing(size, height, _("Non-target share by group"), parts)


def _frame(dots: Sequence[SourceDot], total: Ratio, size: Size, names: float) -> _Frame:
    """Leave room for the longest interval."""
    ratios = [dot.ratio for dot in dots if not dot.is_few]
    highest = max((ratio.interval.high for ratio in (*ratios, total) if ratio.interval), default=1.0)
    longest = min(1.0, ceil(highest * 10 + 0.2) / 10)
    most = max((dot.ratio.n for dot in dots), default=1) or 1
    counts = max((width_of(formats.number(dot.ratio.n)) for dot in dots), default=0.0)
    if size.is_slim:
        shares = max((width_of(formats.k_of_n(*_pair(dot))) for dot in dots), default=0.0)
        letters = int((size.width - 14 - shares - counts - 20) / LETTER)
        return _Frame(size, 4, size.width - 4, 24, 48, longest, most, letters)
    letters = int((names - 22 - counts) / LETTER)
    return _Frame(size, names, size.width - 100, 36, 33, longest, most, letters)


def _pair(dot: SourceDot) -> tuple[int, int]:
    return dot.ratio.k, dot.ratio.n


def _furniture(dots: Sequence[SourceDot], total: Ratio, frame: _Frame, bottom: float) -> Iterator[SafeString]:
    """Draw the scale and the line of all leads: across the rows, on a phone only where the dots are."""
    rows = range(len(dots))
    slim = frame.size.is_slim
    bands = [(frame.top + i * frame.row + 20, frame.top + i * frame.row + 42) for i in rows if not dots[i].is_few]
    bands = bands if slim else [(frame.top - 4, bottom - 2)]
    for share in _ticks(frame.longest):
        x = frame.x(share)
        yield from (line(x, first, x, last, "grid" if share else "axis") for first, last in bands)
        anchor = "start" if slim and not share else "end" if slim and share >= frame.longest else "middle"
        yield text(x, bottom + 14, formats.percent(share, 0), "tick", anchor)
    if total.share is None or formats.is_few(total.n):
        return
    x = frame.x(total.share)
    bands = bands if slim else [(frame.top - 10, bottom - 2)]
    yield from (line(x, first, x, last, "total") for first, last in bands)
    words = _("all %(share)s") % {"share": formats.share(total.k, total.n)}
    half = width_of(words) / 2
    middle = min(max(x, half), frame.size.width - half) if slim else x
    yield text(middle, frame.top - (10 if slim else 15), words, "tick ink b", "middle")


def _ticks(longest: float) -> list[float]:
    step = 1 if longest <= FINE else 2
    return [tenths / 10 for tenths in range(0, round(longest * 10) + 1, step)]


def _wide_row(dot: SourceDot, y: float, frame: _Frame) -> Iterator[SafeString]:
    yield text(0, y + 18, _short(dot.name, frame), "lbl" if dot.is_ranked else "lbl dim")
    yield text(frame.left - 16, y + 18, formats.number(dot.ratio.n), "tick", "end")
    yield _mark(dot, y + 14, frame)
    yield _share(dot, frame.size.width - 18, y + 18)
    if dot.is_marked:
        yield text(frame.size.width - 12, y + 17.5, "◆", "flag")


def _slim_row(dot: SourceDot, y: float, frame: _Frame) -> Iterator[SafeString]:
    words = format_html('{}<tspan class="tick" dx="8">{}</tspan>', _short(dot.name, frame), formats.number(dot.ratio.n))
    yield text(0, y + 13, words, "lbl" if dot.is_ranked else "lbl dim")
    yield _mark(dot, y + 31, frame)
    yield _share(dot, frame.size.width - 14, y + 13)
    if dot.is_marked:
        yield text(frame.size.width - 10, y + 12.5, "◆", "flag")


def _mark(dot: SourceDot, y: float, frame: _Frame) -> SafeString:
    """Draw the interval and, over it, the dot that opens the leads; of few leads neither."""
    interval, share = dot.ratio.interval, dot.ratio.share
    if interval is None or share is None or dot.is_few:
        return SafeString("")
    look = "src mark" if dot.is_marked else "src" if dot.is_ranked else "src few"
    place = f'cx="{unit(frame.x(share))}" cy="{unit(y)}" r="{unit(frame.radius(dot.ratio.n))}"'
    circle = SafeString(f'<circle {place} class="{look}"/>')
    whisker = line(frame.x(interval.low), y, frame.x(interval.high), y, "ci" if dot.is_ranked else "ci few")
    return together([whisker, link(dot.url, told(dot), [circle])])


def _share(dot: SourceDot, x: float, y: float) -> SafeString:
    """Write the share; of those that may not be ranked k of n, which opens the leads where there is no dot to."""
    ratio = dot.ratio
    if dot.is_ranked:
        return text(x, y, formats.share(ratio.k, ratio.n), "b" if dot.is_marked else "", "end")
    words = text(x, y, formats.k_of_n(ratio.k, ratio.n), "dim", "end")
    return link(dot.url, told(dot), [words]) if dot.is_few else words


def told(dot: SourceDot) -> str:
    """Say a source as a reader hears it."""
    words = _("%(name)s, non-target: %(count)s — %(share)s") % {
        "name": dot.name,
        "count": formats.k_of_n(dot.ratio.k, dot.ratio.n),
        "share": formats.share(dot.ratio.k, dot.ratio.n),
    }
    interval = dot.ratio.interval
    if interval is None or dot.is_few:
        return words
    words = _("%(words)s; 95%% interval %(low)s–%(high)s") % {
        "words": words,
        "low": formats.percent(interval.low),
        "high": formats.percent(interval.high),
    }
    return f"{words}; {dot.remark}" if dot.remark else words


def _short(name: str, frame: _Frame) -> str:
    return name if len(name) <= frame.letters else name[: frame.letters - 1].rstrip() + "…"
