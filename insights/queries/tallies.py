"""Counts of the panels that read more than a lead's state: from what is kept of days, and from leads elsewhere.

A tally says how leads are counted into rows that add up. The rows of a day are kept as text, whole and by source and
segment; an instant in their keys is settled when they are read, so they hold at every moment after they were made.
"""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any
from uuid import UUID

from crm.queries.snapshot import once, planned_for_its_values
from insights.models import DayCells
from insights.models.kept import NO_LIMIT
from insights.queries.answers import answer
from insights.queries.basis import basis_of
from insights.queries.blocks import Block, weeks_of
from insights.queries.kept import days_of, is_kept
from insights.queries.scope import funnel_of, identify
from insights.queries.states import group_label, group_of
from insights.rules.period import Week
from insights.rules.slice import GroupBy, Slice
from insights.rules.tally import Counted, from_text, joined, moment

Days = Collection[date] | None


def _as_it_is(row: Counted, _instant: int) -> Iterable[Counted]:
    return (row,)


@dataclass(frozen=True, slots=True)
class Tally:
    """What is counted: its code, how leads are counted, and what a row says at an instant in microseconds.

    `of_leads` takes a slice, the present, an expression for the group, and some days of the slice or None for all. Only
    rows with instants are settled: the others say the same at every one. What is ageless says the same at every age.
    """

    code: str
    of_leads: Callable[[Slice, datetime, Any, Days], Iterable[Counted]]
    settled: Callable[[Counted, int], Iterable[Counted]] = _as_it_is
    is_ageless: bool = False

    def __str__(self) -> str:
        return self.code


def tallied(tally: Tally, *, slice: Slice, at: datetime, by: GroupBy | None = None) -> Sequence[Counted]:
    """Count the leads of a slice by group as a tally does, as of the slice's instant or now."""
    asked = replace(slice, age=None) if tally.is_ageless else slice
    return answer(_tallied, tally=tally, slice=asked, at=at, by=by)


def tallied_leads(
    tally: Tally, *, slice: Slice, at: datetime, by: GroupBy | None = None, days: Days = None
) -> Sequence[Counted]:
    """Count the leads of a slice, or of some of its days, as `tallied` does; nothing that is kept is read."""
    with planned_for_its_values():
        rows = joined(tally.of_leads(slice, at, group_of(slice, by), days))
    named = (row._replace(group=group_label(by, row.group)) for row in rows)
    return settled_rows(tally, named, slice.as_of or at)


def _tallied(*, tally: Tally, slice: Slice, at: datetime, by: GroupBy | None) -> Sequence[Counted]:
    if not is_kept(slice=slice, by=by):
        return tallied_leads(tally, slice=slice, at=at, by=by)
    days = once(days_of, slice=slice, basis=basis_of(slice=slice, at=at))
    rows = _kept(tally, slice, at, by, days.kept) if days.kept else []
    if days.others:
        rows += tallied_leads(tally, slice=slice, at=at, by=by, days=days.others)
    return joined(rows)


def settled_rows(tally: Tally, rows: Iterable[Counted], at: datetime) -> Sequence[Counted]:
    """Tell what rows say at an instant; those that are alike but for their instants are to be joined."""
    return joined(_at_instant(tally, rows, moment(at) or 0))


def _at_instant(tally: Tally, rows: Iterable[Counted], instant: int) -> Iterator[Counted]:
    for row in rows:
        if row.instants:
            yield from tally.settled(row, instant)
        else:
            yield row


def _kept(tally: Tally, slice: Slice, at: datetime, by: GroupBy | None, days: Mapping[date, UUID]) -> list[Counted]:
    instant = moment(at) or 0
    kept = DayCells.objects.filter(funnel=funnel_of(slice=slice), kind=tally.code, age=slice.age or NO_LIMIT).order_by()
    if by in (GroupBy.SOURCE, GroupBy.SEGMENT) or slice.sources or slice.segments:
        placed = _by_place(slice, by, kept.filter(day__in=days).values_list("day", "by_place"))
        return list(_at_instant(tally, joined(placed), instant))
    found: list[Counted] = []
    for label, block in weeks_of(kind=tally.code, days=days, kept=kept, made=_divided):
        rows = [*block.steady, *_at_instant(tally, block.waiting, instant)]
        found += [row._replace(group=label) for row in rows] if by is GroupBy.WEEK else rows
    return found


def _divided(rows: Sequence[Counted]) -> Block:
    waiting = [row for row in rows if row.instants]
    return Block([row for row in rows if not row.instants], waiting)


def _by_place(slice: Slice, by: GroupBy | None, texts: Iterable[tuple[date, str]]) -> list[Counted]:
    sources, segments = (
        set(identify(name=name, values=chosen)) if chosen else None
        for name, chosen in (("source", slice.sources), ("segment", slice.segments))
    )
    rows: list[Counted] = []
    for day, text in texts:
        for row in from_text(text):
            source, segment = row.group
            if (sources is None or source in sources) and (segments is None or segment in segments):
                rows.append(row._replace(group=_label(by, day, source, segment)))
    return rows


def _label(by: GroupBy | None, day: date, source: int, segment: int | None) -> str | None:
    match by:
        case GroupBy.WEEK:
            return Week.of(day).label
        case GroupBy.SOURCE:
            return str(source)
        case GroupBy.SEGMENT:
            return None if segment is None else str(segment)
        case _:
            return None
