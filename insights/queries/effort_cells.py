"""Leads into cells of how they were worked, and of how soon."""

from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any, Final, NamedTuple

from django.db.models import Count, Max, Min

from funnels.rules.verdict import Verdict
from insights.queries.effort import with_effort, with_instants
from insights.queries.scope import counted
from insights.queries.tallies import Days, Tally, tallied
from insights.rules.pick import Timing
from insights.rules.slice import GroupBy, Slice
from insights.rules.speed import MARKS, MINUTE, SpeedCell, mark_of
from insights.rules.tally import Counted, Part, has_passed, moment
from insights.rules.waits import SECOND, bucket_of, times_so_far
from insights.rules.work import Contact, Proof, Step, WorkCell

WORK, SPEED = "work", "speed"
UNJUDGED = f"{Verdict.UNDECIDED.value}:{Proof.NOT_SAID.value}"
A_DAY: Final = 86_400 * SECOND
MARKS_WITHIN: Final = tuple(mark * MINUTE * SECOND for mark in MARKS)


class Worked(NamedTuple):
    """What the database tells of how leads were worked; names are those of the annotations."""

    group: Any
    state: str | None
    heard: str
    step: str
    is_touched: int
    is_first_in_time: int
    is_verdict_in_time: int | None
    first_due: datetime | None
    verdict_due: datetime | None


class Soon(NamedTuple):
    """What it tells of how soon leads were contacted."""

    group: Any
    is_touched: int
    is_early: int
    is_first_in_time: int
    within: int
    bucket: float
    since: datetime | None


def work_cells(*, slice: Slice, at: datetime, by: GroupBy | None = None) -> list[WorkCell]:
    """Count the valid leads of a slice by how they were worked."""
    return [_work_cell(row) for row in tallied(EFFORT, slice=slice, at=at, by=by) if row.key[0] == WORK]


def speed_cells(*, slice: Slice, at: datetime, by: GroupBy | None = None) -> list[SpeedCell]:
    """Count the valid leads of a slice by how soon somebody contacted them."""
    return [_speed_cell(row) for row in tallied(EFFORT, slice=slice, at=at, by=by) if row.key[0] == SPEED]


def _rows(slice: Slice, at: datetime, group: Any, days: Days) -> Iterator[Counted]:
    """Count leads twice, by how they were worked and by how soon they were contacted."""
    leads = with_effort(counted(slice=slice, days=days), slice=slice, at=at).annotate(group=group)
    asked = with_instants(leads, slice=slice, at=at).order_by()
    instant = moment(slice.as_of or at) or 0
    for *told, count in asked.values_list(*Worked._fields).annotate(count=Count("pk")):
        yield _worked(Worked(*told), count, instant)
    times = {"shortest": Min("seconds"), "longest": Max("seconds")}
    for *told, count, shortest, longest in asked.values_list(*Soon._fields).annotate(count=Count("pk"), **times):
        yield _soon(Soon(*told), slice.age, count, shortest, longest)


def _worked(read: Worked, count: int, instant: int) -> Counted:
    """Tell how leads were worked; last whether the first contact still has time, and whether the verdict is late.

    Instead of the one stands its due time while that is ahead, instead of the other nothing: its instants tell.
    """
    verdict, _colon, proof = (read.state or UNJUDGED).partition(":")
    told = (read.heard, read.step, bool(read.is_touched), bool(read.is_first_in_time), bool(read.is_verdict_in_time))
    matters = verdict == Verdict.UNDECIDED or proof == Proof.NOTHING  # of others nothing hangs on when it was due
    first_due, due = moment(read.first_due), moment(read.verdict_due) if matters else None
    first_ahead, ahead = _ahead(first_due, instant), _ahead(due, instant)
    has_time = first_due is None if first_ahead is None else first_ahead
    is_late = None if ahead else due is not None
    waits_for = ahead or first_ahead
    key = (WORK, verdict, proof, *told, has_time, is_late)
    return Counted(read.group, key, count, instants=(waits_for,) * count if waits_for else ())


def _ahead(due: int | None, instant: int) -> int | None:
    return None if due is None or has_passed(due, at=instant) else due


def _soon(read: Soon, age: int | None, count: int, shortest: float, longest: float) -> Counted:
    """Tell how soon leads were contacted; of those still watched instead, since when, and for how many days at most."""
    told = (SPEED, bool(read.is_touched), bool(read.is_early), bool(read.is_first_in_time))
    since = moment(read.since)
    if since is None:
        return Counted(read.group, (*told, read.within, int(read.bucket), None), count, shortest, longest)
    return Counted(read.group, (*told, None, None, age), count, instants=(since,) * count)


def _settled(row: Counted, instant: int) -> Iterator[Counted]:
    """Tell what is in time at an instant, and how long it was waited in vain."""
    return _settled_work(row, instant) if row.key[0] == WORK else _settled_speed(row, instant)


def _settled_work(row: Counted, instant: int) -> Iterator[Counted]:
    *told, first_due, is_late = row.key
    has_time = first_due if isinstance(first_due, bool) else not has_passed(first_due, at=instant)
    if is_late is not None:
        yield Counted(row.group, (*told, has_time, is_late), row.n)
        return
    late = bisect_left(row.instants, instant)
    for n, is_late in ((late, True), (row.n - late, False)):
        if n:
            yield Counted(row.group, (*told, has_time, is_late), n)


def _settled_speed(row: Counted, instant: int) -> Iterator[Counted]:
    *told, _within, _bucket, age = row.key
    full = 0
    if age is not None:
        longest = int(age) * A_DAY
        full = bisect_right(row.instants, instant - longest)
        if full:
            yield _watched(row.group, told, full, longest / SECOND, longest / SECOND)
    for span in times_so_far(row.instants[full:], at=instant, marks=MARKS_WITHIN):
        yield _watched(row.group, told, span.n, span.shortest, span.longest)


def _watched(group: Any, told: Sequence[Part], n: int, shortest: float, longest: float) -> Counted:
    return Counted(group, (*told, mark_of(longest), bucket_of(longest), None), n, shortest, longest)


EFFORT: Final = Tally("effort", _rows, _settled)


def _work_cell(row: Counted) -> WorkCell:
    _kind, verdict, proof, heard, step, is_touched, is_first_in_time, is_verdict_in_time, waits, is_late = row.key
    return WorkCell(
        group=row.group,
        verdict=Verdict(str(verdict)),
        timing=_timing(is_touched=bool(is_touched), is_late=bool(is_late)),
        contact=Contact(str(heard)[0]),
        proof=Proof(str(proof)),
        attempts=int(str(heard)[1:]),
        is_touched=bool(is_touched),
        is_first_in_time=bool(is_first_in_time),
        is_first_waiting=bool(waits),
        is_verdict_in_time=bool(is_verdict_in_time),
        step=Step(str(step)),
        count=row.n,
    )


def _timing(*, is_touched: bool, is_late: bool) -> Timing:
    if is_late:
        return Timing.OVERDUE
    return Timing.IN_SLA if is_touched else Timing.UNTOUCHED


def _speed_cell(row: Counted) -> SpeedCell:
    _kind, is_touched, is_early, is_first_in_time, within, bucket, _age = row.key
    return SpeedCell(
        group=row.group,
        is_touched=bool(is_touched),
        is_early=bool(is_early),
        is_first_in_time=bool(is_first_in_time),
        within=int(within or 0),
        bucket=int(bucket or 0),
        shortest=row.shortest or 0.0,
        longest=row.longest or 0.0,
        count=row.n,
    )
