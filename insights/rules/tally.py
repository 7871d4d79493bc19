"""Counts that add up in any order: rows of leads that are alike, written as text where they are kept."""

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, Final, NamedTuple

import msgspec

Part = str | int | bool | None
EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
MICROSECOND: Final = timedelta(microseconds=1)
_ROW = tuple[tuple[int, int | None] | None, tuple[Part, ...], int, float | None, float | None, tuple[int, ...]]
_decoder = msgspec.json.Decoder(list[_ROW])


class Counted(NamedTuple):
    """How many leads of a group are alike in all that `key` tells, and between which times theirs lie if it has one.

    `instants` are given of leads that come to look otherwise though nobody does anything: one for each, in their order.
    """

    group: Any
    key: tuple[Part, ...]
    n: int
    shortest: float | None = None
    longest: float | None = None
    instants: Sequence[int] = ()


def joined(rows: Iterable[Counted]) -> list[Counted]:
    """Add up the rows that are alike."""
    found: dict[tuple[Any, tuple[Part, ...]], Counted] = {}
    instants: dict[tuple[Any, tuple[Part, ...]], list[int]] = {}
    for row in rows:
        place = row[:2]
        known = found.get(place)
        found[place] = row if known is None else _sum(known, row)
        if row.instants:
            instants.setdefault(place, []).extend(row.instants)
    for place, several in instants.items():
        found[place] = found[place]._replace(instants=tuple(sorted(several)))
    return list(found.values())


def _sum(one: Counted, other: Counted) -> Counted:
    n = one.n + other.n
    if one.shortest is None or other.shortest is None or one.longest is None or other.longest is None:
        return Counted(one.group, one.key, n)
    return Counted(one.group, one.key, n, min(one.shortest, other.shortest), max(one.longest, other.longest))


def to_text(rows: Iterable[Counted]) -> str:
    """Write rows down; their groups are pairs of a source and a segment, or nothing."""
    return msgspec.json.encode(list(rows)).decode()


def from_text(text: str) -> list[Counted]:
    """Read what `to_text` wrote."""
    return [Counted(*row) for row in _decoder.decode(text)]


def moment(instant: datetime | None) -> int | None:
    """Write an instant as microseconds; None stands for never."""
    return None if instant is None else (instant - EPOCH) // MICROSECOND


def has_passed(instant: Part, *, at: int) -> bool:
    """Tell whether an instant lies before another; never does not."""
    return instant is not None and int(instant) < at
