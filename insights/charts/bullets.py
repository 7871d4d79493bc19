"""Shares against their norms: a bar for the fact, a mark for the norm, a lighter ground where the norm is kept."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby

from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from crm.rules import formats
from insights.charts.svg import SLIM, WIDE, Size, drawing, figure, line, link, rect, text, width_of

SCALES = (0.1, 0.25, 0.5, 1.0)  # where less is better, a bar is drawn on the smallest that holds all of them
TRACK, METER = 14, 7
SHARE_AT, COUNT_AT = 340, 348  # where the columns of a wide drawing end and begin
TICK, BREATH = 0.92, 24  # how large small words are beside others; units between two words


@dataclass(frozen=True, slots=True, kw_only=True)
class Bullet:
    """One share and its norm; `word` says whether it is kept, `is_out` that it is not."""

    name: str
    k: int
    n: int
    norm: float
    is_at_least: bool
    word: str
    is_out: bool
    url: str

    @property
    def share(self) -> float:
        return self.k / self.n if self.n else 0.0


def bullets(shown: Sequence[Bullet]) -> SafeString:
    """Draw the shares in their order, those where more is better apart from those where less is."""
    return figure(_draw(shown, size) for size in (WIDE, SLIM))


def _draw(shown: Sequence[Bullet], size: Size) -> SafeString:
    parts: list[SafeString] = []
    y = 0.0
    for is_at_least, found in groupby(shown, key=lambda bullet: bullet.is_at_least):
        group = list(found)
        scale = 1.0 if is_at_least else _scale(group)
        parts.append(text(0, y + 11, _heading(scale, is_at_least=is_at_least), "tick"))
        y += 19
        for bullet in group:
            parts += _slim(bullet, y, scale, size) if size.is_slim else _wide(bullet, y, scale, size)
            y += 58 if size.is_slim else 41
        y += 4
    key = _("bar: fact, mark: norm") if size.is_slim else _("bar: fact, mark: norm, light: where the norm is kept")
    parts.append(text(0, y + 7, key, "tick"))
    return drawing(size, y + 12, _("What sales did in time"), parts)


def _scale(group: Sequence[Bullet]) -> float:
    most = max(max(bullet.share, bullet.norm) for bullet in group)
    return next(scale for scale in SCALES if most <= scale)


def _heading(scale: float, *, is_at_least: bool) -> str:
    words = (
        _("more is better, scale from %(low)s to %(high)s")
        if is_at_least
        else _("less is better, scale from %(low)s to %(high)s")
    )
    return words % {"low": formats.percent(0, 0), "high": formats.percent(scale, 0)}


def _wide(bullet: Bullet, y: float, scale: float, size: Size) -> Iterator[SafeString]:
    yield text(0, y + 13, bullet.name, "lbl")
    if formats.is_few(bullet.n):
        yield text(SHARE_AT, y + 13, formats.k_of_n(bullet.k, bullet.n) if bullet.n else "—", "b", "end")
    else:
        yield text(SHARE_AT, y + 13, formats.share(bullet.k, bullet.n), "b", "end")
        yield _count(bullet, COUNT_AT, y + 13, size)
    yield _word(bullet, size.width, y + 13)
    yield from _bar(bullet, y + 19, scale, size)


def _slim(bullet: Bullet, y: float, scale: float, size: Size) -> Iterator[SafeString]:
    yield text(0, y + 13, bullet.name, "lbl")
    yield text(size.width, y + 13, formats.share(bullet.k, bullet.n), "b", "end")
    yield from _bar(bullet, y + 19, scale, size)
    if not formats.is_few(bullet.n):
        yield _count(bullet, 0, y + 47, size)
    yield _word(bullet, size.width, y + 47)


def _count(bullet: Bullet, x: float, y: float, size: Size) -> SafeString:
    """Write k of n where the word about the norm leaves room; it is in the table as well."""
    count = formats.k_of_n(bullet.k, bullet.n)
    room = size.width - width_of(bullet.word, scale=TICK) - BREATH
    return text(x, y, count, "tick") if x + width_of(count, scale=TICK) <= room else SafeString("")


def _word(bullet: Bullet, x: float, y: float) -> SafeString:
    return text(x, y, bullet.word, "tick ink b" if bullet.is_out else "tick", "end")


def _bar(bullet: Bullet, y: float, scale: float, size: Size) -> Iterator[SafeString]:
    width = size.width

    def at(share: float) -> float:
        return width * min(share / scale, 1)

    kept_from, kept_to = (at(bullet.norm), width) if bullet.is_at_least else (0.0, at(bullet.norm))
    yield rect(0, y, width, TRACK, "track")
    yield rect(kept_from, y, kept_to - kept_from, TRACK, "zone")
    told = f"{bullet.name}: {formats.k_of_n(bullet.k, bullet.n)} — {formats.share(bullet.k, bullet.n)}, {bullet.word}"
    meter = rect(0, y + (TRACK - METER) / 2, at(bullet.share), METER, "meter")
    yield link(bullet.url, told, [meter])
    yield line(at(bullet.norm), y - 3, at(bullet.norm), y + TRACK + 3, "norm")
