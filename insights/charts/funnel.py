"""The way from new to won as bars from one edge: who went on, who is lost and for what, who is still open."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from crm.rules import formats
from insights.charts.svg import SLIM, WIDE, Size, drawing, figure, link, rect, text, together, width_of

BAR = 20
LARGEST = 1.1  # a drawing shown smaller than it was drawn gets larger words: they must not meet then either
DAYS_AT, REASONS_AT = 128.0, 222.0  # where the columns under a wide bar begin
ROW, LAST_ROW, LINE = 74, 42, 17
SHORTEST = 4  # letters a reason is cut to at most


@dataclass(frozen=True, slots=True, kw_only=True)
class Counted:
    """A number of leads, what it is called aloud, and where to see them."""

    count: int
    told: str
    url: str


@dataclass(frozen=True, slots=True, kw_only=True)
class StageBar:
    """A milestone that `reached` of `n` leads came to.

    `share` with its interval is of those that went on, `corner` says the other reading; `stay` is median and 90th
    percentile in words. `reasons` are the most frequent ones of loss by name. At the last milestone nobody goes on.
    """

    name: str
    n: int
    reached: Counted
    went_on: Counted
    lost: Counted
    open: Counted
    won: Counted
    share: str
    interval: str
    corner: str
    stay: str
    reasons: Sequence[tuple[str, Counted]]
    is_last: bool


@dataclass(frozen=True, slots=True)
class _Frame:
    """How rows are laid out: the reasons beside the days, on a line of their own, or stacked one on a line."""

    size: Size
    row: float
    is_beside: bool
    is_stacked: bool


def funnel(bars: Sequence[StageBar]) -> SafeString:
    """Draw how leads of a cohort of at least one went."""
    return figure(_draw(bars, size) for size in (WIDE, SLIM))


def _draw(bars: Sequence[StageBar], size: Size) -> SafeString:
    frame = _frame(bars, size)
    parts: list[SafeString] = []
    y = 0.0
    for bar in bars:
        parts += _bar(bar, y, size)
        if not bar.is_last:
            parts += _words(bar, y + 19 + BAR, frame)
        y += LAST_ROW if bar.is_last else frame.row
    return drawing(size, y, _("Leads by the stage they reached"), parts)


def _frame(bars: Sequence[StageBar], size: Size) -> _Frame:
    """Give the reasons as many lines as the longest names need, the same under every bar."""
    is_beside = not size.is_slim and all(_loss_width(bar) <= _beside(bar, size) for bar in bars)
    is_stacked = any(_loss_width(bar) > size.width for bar in bars)
    lines = 0 if is_beside else 2 if is_stacked else 1
    return _Frame(size, ROW + lines * LINE, is_beside, is_stacked)


def _bar(bar: StageBar, y: float, size: Size) -> Iterator[SafeString]:
    room = (
        size.width
        - width_of(bar.corner, scale=LARGEST)
        - width_of(formats.number(bar.reached.count), scale=LARGEST)
        - 24
    )
    name = format_html('<tspan class="lbl">{}</tspan>', _short(bar.name, room))
    count = format_html('<tspan class="b" dx="8">{}</tspan>', formats.number(bar.reached.count))
    yield text(0, y + 13, together([name, _inside(bar.reached, count)]))
    yield text(size.width, y + 13, bar.corner, "tick", "end")
    yield rect(0, y + 19, size.width, BAR, "track")
    x = 0.0
    for part, look, fill in (
        (bar.went_on, "tg", ""),
        (bar.won, "won", ""),
        (bar.lost, "nt", ""),
        (bar.open, "edge", "hatch-wait"),
    ):
        width = size.width * part.count / bar.n
        gap = 1 if x and width > 2 else 0
        yield link(part.url, part.told, [rect(x + gap, y + 19, width - gap, BAR, look, fill=fill)])
        x += width


def _words(bar: StageBar, y: float, frame: _Frame) -> Iterator[SafeString]:
    """Write what stands under a bar: who went on, how long they stayed, who was lost for what, who is open."""
    size, first = frame.size, y + 16
    yield text(0, first, _onward(bar))
    if size.is_slim:
        yield text(size.width, first, bar.stay, "tick", "end")
    else:
        yield text(DAYS_AT, first, bar.stay, "tick")
    if bar.open.count and not size.is_slim:
        yield text(size.width, first, _inside(bar.open, format_html("{}", _open_words(bar))), "tick", "end")
    if bar.lost.count:
        yield from _loss(bar, first, frame)


def _loss(bar: StageBar, first: float, frame: _Frame) -> Iterator[SafeString]:
    """Say how many were lost and for what; a name is cut only where even a line of its own is too short for it."""
    count = _inside(bar.lost, format_html('<tspan class="loss">{}</tspan>', _minus(bar)))
    indent = width_of(_minus(bar), scale=LARGEST) + 7
    if frame.is_stacked:
        room = frame.size.width - indent
        yield text(0, first + LINE, count)
        for line, reason in enumerate(bar.reasons, start=1):
            yield text(indent, first + line * LINE, _reason(reason, room), "tick")
        return
    room = (_beside(bar, frame.size) if frame.is_beside else frame.size.width) - indent
    each = room / max(len(bar.reasons), 1)
    fits = _loss_width(bar) <= room + indent
    words = [count]
    words += [
        _reason(reason, room if fits else each, before="· " if index else "", gap=5)
        for index, reason in enumerate(bar.reasons)
    ]
    x, y = (REASONS_AT, first) if frame.is_beside else (0, first + LINE)
    yield text(x, y, together(words))


def _reason(reason: tuple[str, Counted], room: float, *, before: str = "", gap: int = 0) -> SafeString:
    name, counted = reason
    number = formats.number(counted.count)
    short = _short(name, room - width_of(f" {number} · ", scale=LARGEST))
    words = format_html('<tspan class="tick ink" dx="{}">{}{} {}</tspan>', gap, before, short, number)
    return _inside(counted, words)


def _loss_width(bar: StageBar) -> float:
    """Estimate the widest that all reasons of a bar may be in one line, with their names in full."""
    names = [f" {name} {formats.number(counted.count)} ·" for name, counted in bar.reasons]
    return width_of(_minus(bar) + "".join(names), scale=LARGEST) if bar.lost.count else 0


def _beside(bar: StageBar, size: Size) -> float:
    """Tell the room between the days and those still open."""
    return size.width - REASONS_AT - width_of(_open_words(bar), scale=LARGEST) - 12


def _minus(bar: StageBar) -> str:
    return f"{formats.MINUS}{formats.number(bar.lost.count)}"


def _onward(bar: StageBar) -> SafeString:
    """Say which share went on."""
    share = format_html('<tspan class="step">↓ {}</tspan>', bar.share)
    interval = format_html('<tspan class="tick" dx="6">{}</tspan>', bar.interval) if bar.interval else SafeString("")
    return together([_inside(bar.went_on, share), interval])


def _open_words(bar: StageBar) -> str:
    words = ngettext("%(count)s still open", "%(count)s still open", bar.open.count)
    return words % {"count": formats.number(bar.open.count)} if bar.open.count else ""


def _inside(counted: Counted, words: SafeString) -> SafeString:
    """Make a part of a text open its leads."""
    return format_html('<a href="{}" aria-label="{}">{}</a>', counted.url, counted.told, words)


def _short(name: str, room: float) -> str:
    return _cut(name, max(int(room / width_of("x", scale=LARGEST)), SHORTEST))


def _cut(name: str, letters: int) -> str:
    return name if len(name) <= letters else name[: letters - 1].rstrip() + "…"
