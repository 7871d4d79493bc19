"""Criteria as bars: how many leads failed each, and how many failed nothing else."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from crm.rules import formats
from insights.charts.svg import SLIM, WIDE, Size, drawing, figure, line, link, rect, text, whisker

ENOUGH_ASKED = 0.8
BAR = 17
LONGEST_NAME = 24
CHANGES = 100  # units for the column of changes
ASKED = 76  # units for the column beside it


@dataclass(frozen=True, slots=True, kw_only=True)
class CriterionBar:
    """One criterion: failed, failed alone and asked, of n leads of which `decided` have a verdict.

    `change` says by how much it differs from the period before, if that is more than chance. `sole` and `asked` are
    nothing where they are not told.
    """

    name: str
    n: int
    decided: int
    failed: int
    sole: int | None
    asked: int | None
    low: float
    high: float
    url: str
    sole_url: str
    asked_url: str
    change: str = ""

    @property
    def coverage(self) -> float | None:
        return self.asked / self.decided if self.decided and self.asked is not None else None

    @property
    def is_rarely_asked(self) -> bool:
        return self.coverage is not None and self.coverage < ENOUGH_ASKED


@dataclass(frozen=True, slots=True)
class _Frame:
    size: Size
    left: float
    right: float
    top: float
    row: float
    longest: float
    compared: str

    def x(self, share: float) -> float:
        return self.left + (self.right - self.left) * share / self.longest


def criteria(bars: Sequence[CriterionBar], compared: str = "") -> SafeString:
    """Draw in what the non-target leads of a cohort are non-target; `compared` heads the column of changes."""
    longest = max((bar.high for bar in bars if bar.failed), default=0.1)
    is_marked = any(bar.change for bar in bars)
    return figure(_draw(bars, _frame(size, max(longest, 0.02) * 1.02, compared, is_marked)) for size in (WIDE, SLIM))


def _frame(size: Size, longest: float, compared: str, is_marked: bool) -> _Frame:
    """Divide the width; the narrow drawing has no column of changes, but room for those that are marked."""
    if size.is_slim:
        return _Frame(size, 0, size.width - 62 - (CHANGES if is_marked else 0), 4, 48, longest, compared)
    return _Frame(size, 200, size.width - 126 - (CHANGES if compared else 0), 26, 42, longest, compared)


def _draw(bars: Sequence[CriterionBar], frame: _Frame) -> SafeString:
    parts = [] if frame.size.is_slim else list(_heading(bars, frame))
    for index, bar in enumerate(bars):
        y = frame.top + index * frame.row
        parts += _slim_row(bar, y, frame) if frame.size.is_slim else _wide_row(bar, y, frame)
    return drawing(frame.size, frame.top + len(bars) * frame.row, _("Non-target leads by criterion"), parts)


def _heading(bars: Sequence[CriterionBar], frame: _Frame) -> Iterator[SafeString]:
    yield text(0, 12, _("criterion not met"), "tick")
    yield text(frame.left, 12, _("share of all leads"), "tick")
    if frame.compared:
        yield text(frame.size.width - ASKED, 12, frame.compared, "tick", "end")
    if any(bar.asked is not None for bar in bars):
        yield text(frame.size.width, 12, _("asked"), "tick", "end")
    bottom = frame.top + frame.row * len(bars) - 6
    step = 0.05 if frame.longest > 0.08 else 0.01
    share = 0.0
    while share <= frame.longest:
        yield line(frame.x(share), frame.top - 6, frame.x(share), bottom, "grid" if share else "axis")
        share = round(share + step, 2)


def _wide_row(bar: CriterionBar, y: float, frame: _Frame) -> Iterator[SafeString]:
    yield text(0, y + 12, _short(bar.name), "lbl")
    yield text(0, y + 28, _counts(bar), "tick")
    yield from _bar(bar, y + 6, frame)
    if frame.compared:
        yield text(frame.size.width - ASKED, y + 19, bar.change or "—", "b" if bar.change else "dim", "end")
    yield from _asked(bar, frame.size.width, y + 19, prefix="")


def _counts(bar: CriterionBar) -> str:
    if bar.sole is None:
        return formats.k_of_n(bar.failed, bar.n)
    return _("%(failed)s, of them only this: %(sole)s") % {
        "failed": formats.number(bar.failed),
        "sole": formats.number(bar.sole),
    }


def _slim_row(bar: CriterionBar, y: float, frame: _Frame) -> Iterator[SafeString]:
    yield text(0, y + 14, _short(bar.name), "lbl")
    yield from _asked(bar, frame.size.width, y + 14, prefix=_("asked") + " ")
    yield from _bar(bar, y + 21, frame)
    if bar.change:
        yield text(frame.size.width, y + 34, bar.change, "b sm", "end")


def _bar(bar: CriterionBar, y: float, frame: _Frame) -> Iterator[SafeString]:
    share = bar.failed / bar.n if bar.n else 0.0
    told = f"{bar.name}: {formats.k_of_n(bar.failed, bar.n)} — {formats.share(bar.failed, bar.n)}"
    look = "nt" if bar.sole is None else "nt-soft"
    yield link(bar.url, told, [rect(frame.left, y, frame.x(share) - frame.left, BAR, look)])
    if bar.sole and bar.n:
        alone = _("only this: %(count)s") % {"count": formats.k_of_n(bar.sole, bar.n)}
        width = frame.x(bar.sole / bar.n) - frame.left
        yield link(bar.sole_url, f"{bar.name}, {alone}", [rect(frame.left, y, width, BAR, "nt")])
    if bar.failed and not formats.is_few(bar.n):
        yield whisker(frame.x(bar.low), frame.x(bar.high), y + BAR / 2)
        yield text(frame.x(bar.high) + 7, y + 13, formats.share(bar.failed, bar.n), "b")
    else:
        yield text(frame.x(share) + 7, y + 13, formats.k_of_n(bar.failed, bar.n), "b")


def _asked(bar: CriterionBar, x: float, y: float, *, prefix: str) -> Iterator[SafeString]:
    if bar.asked is None:
        return
    if bar.coverage is None:
        yield text(x, y, "—", "dim", "end")
        return
    told = _("%(name)s: asked %(count)s decided") % {"name": bar.name, "count": formats.k_of_n(bar.asked, bar.decided)}
    words = f"{prefix}{formats.share(bar.asked, bar.decided, 0)}{' !' if bar.is_rarely_asked else ''}"
    yield link(bar.asked_url, told, [text(x, y, words, "b" if bar.is_rarely_asked else "dim", "end")])


def _short(name: str) -> str:
    return name if len(name) <= LONGEST_NAME else name[: LONGEST_NAME - 1].rstrip() + "…"
