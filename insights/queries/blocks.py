"""Weeks of kept rows, added up once in a process: what a stamped row says never changes."""

from collections.abc import Callable, Mapping, Sequence
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
Key = tuple[str, tuple[UUID, ...]]

Made = Callable[[Sequence[Counted]], "Block"]


class Block(NamedTuple):
    """The rows of a week, without a group: those that say the same at every instant, and those that wait for one."""

    steady: Sequence[Counted]
    waiting: Sequence[Counted]


_held: dict[Key, Block] = {}


def weeks_of(*, kind: str, days: Mapping[date, UUID], kept: QuerySet[DayCells], made: Made) -> list[tuple[str, Block]]:
    """Add up the rows of stamped days by week: its label, and what is `made` of its rows."""
    weeks = [(label, list(found)) for label, found in groupby(sorted(days), key=lambda day: Week.of(day).label)]
    known = {label: _held.get((kind, tuple(days[day] for day in found))) for label, found in weeks}
    unknown = [day for label, found in weeks if known[label] is None for day in found]
    rows = kept.filter(day__in=unknown).values_list("day", "stamp", "whole") if unknown else ()
    texts = {day: (stamp, text) for day, stamp, text in rows}
    return [
        (label, known[label] or _block(kind, [texts[day] for day in found if day in texts], made))
        for label, found in weeks
    ]


def forget_blocks() -> None:
    """Have every week read anew, as a process does that has just begun."""
    _held.clear()


def _block(kind: str, texts: Sequence[tuple[UUID, str]], made: Made) -> Block:
    """Add up a week that was just read, and remember it under the stamps it was read with: they may be newer."""
    block = made(joined(row for _stamp, text in texts for row in from_text(text)))
    if len(_held) >= MOST:
        _held.clear()
    _held[kind, tuple(stamp for stamp, _text in texts)] = block
    return block
