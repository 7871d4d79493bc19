"""Weeks of kept rows, added up once in a process: what a stamped row says never changes."""

from collections.abc import Callable, Iterable, Sequence
from datetime import date
from itertools import groupby
from typing import Final, NamedTuple
from uuid import UUID

from django.db.models import QuerySet

from insights.models import DayCells
from insights.rules.period import Week
from insights.rules.tally import Counted, from_text, joined

MOST: Final = 512
"""Blocks held at a time: some tens of megabytes at most, and years of a board's tallies."""
Stamps = tuple[UUID, ...]
Stamped = tuple[date, UUID]

Made = Callable[[Sequence[Counted]], "Block"]


class Block(NamedTuple):
    """The rows of a week, without a group: those that say the same at every instant, and those that wait for one."""

    steady: Sequence[Counted]
    waiting: Sequence[Counted]


_held: dict[Stamps, Block] = {}


def weeks_of(*, kept: QuerySet[DayCells], made: Made) -> list[tuple[str, Block]]:
    """Add up the rows of whole days by week: its label, and what is `made` of its rows."""
    weeks = _by_week(kept.order_by("day").values_list("day", "stamp"))
    unknown = [day for _label, stamped in weeks for day, _stamp in stamped if _stamps(stamped) not in _held]
    texts: dict[date, tuple[UUID, str]] = {}
    if unknown:
        texts = {day: (stamp, text) for day, stamp, text in _texts(kept, unknown)}
    return [(label, _block(stamped, texts, made)) for label, stamped in weeks]


def forget_blocks() -> None:
    """Have every week read anew, as a process does that has just begun."""
    _held.clear()


def _texts(kept: QuerySet[DayCells], days: Sequence[date]) -> Iterable[tuple[date, UUID, str]]:
    return kept.filter(day__in=days).order_by().values_list("day", "stamp", "whole")


def _by_week(days: Iterable[Stamped]) -> list[tuple[str, Sequence[Stamped]]]:
    return [(label, list(found)) for label, found in groupby(days, key=lambda day: Week.of(day[0]).label)]


def _stamps(days: Sequence[Stamped]) -> Stamps:
    return tuple(stamp for _day, stamp in days)


def _block(days: Sequence[Stamped], texts: dict[date, tuple[UUID, str]], made: Made) -> Block:
    """Read a week: what is held, or the texts just read, which may be newer than the stamps."""
    known = _held.get(_stamps(days))
    if known is not None:
        return known
    found = [texts[day] for day, _stamp in days if day in texts]
    block = made(joined(row for _stamp, text in found for row in from_text(text)))
    if len(_held) >= MOST:
        _held.clear()
    _held[tuple(stamp for stamp, _text in found)] = block
    return block
