"""Leads into cells of how they were worked, and of how soon: both from one reading."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any, Final, NamedTuple

from django.db.models import Count, Max, Min

from funnels.rules.verdict import Verdict
from insights.queries.effort import with_effort, with_instants
from insights.queries.scope import counted
from insights.queries.tallies import Days, Tally, tallied
from insights.rules.pick import Timing
from insights.rules.slice import GroupBy, Slice
from insights.rules.speed import SpeedCell, mark_of
from insights.rules.tally import PASSED, Counted, has_passed, moment
from insights.rules.waits import bucket_of
from insights.rules.work import Contact, Proof, Step, WorkCell

WORK, SPEED = "work", "speed"
UNJUDGED = f"{Verdict.UNDECIDED.value}:{Proof.NOT_SAID.value}"
A_SECOND: Final = 1_000_000


class Read(NamedTuple):
    """What the database tells of leads worked alike; names are those of the annotations."""

    group: Any
    state: str | None
    heard: str
    step: str
    is_touched: int
    is_early: int
    is_first_in_time: int
    is_verdict_in_time: int | None
    within: int
    bucket: float
    first_due: datetime | None
    verdict_due: datetime | None
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
    asked = with_instants(leads, slice=slice, at=at).order_by().values_list(*Read._fields)
    told = asked.annotate(count=Count("pk"), shortest=Min("seconds"), longest=Max("seconds"))
    width = len(Read._fields)
    for row in told:
        read, (count, shortest, longest) = Read(*row[:width]), row[width:]
        yield Counted(read.group, _worked(read), count)
        yield Counted(read.group, _soon(read, slice.age), count, shortest, longest)


def _worked(read: Read) -> tuple[Any, ...]:
    """Tell how leads were worked; the last two are when their first contact and their verdict are no longer in time."""
    verdict, _colon, proof = (read.state or UNJUDGED).partition(":")
    told = (read.heard, read.step, bool(read.is_touched), bool(read.is_first_in_time), bool(read.is_verdict_in_time))
    matters = verdict == Verdict.UNDECIDED or proof == Proof.NOTHING  # of others nothing hangs on when it was due
    return (WORK, verdict, proof, *told, moment(read.first_due), moment(read.verdict_due) if matters else None)


def _soon(read: Read, age: int | None) -> tuple[Any, ...]:
    """Tell how soon leads were contacted; the last two are from when till when somebody still watched is watched."""
    told = (bool(read.is_touched), bool(read.is_early), bool(read.is_first_in_time))
    until = None if age is None or read.since is None else read.since + timedelta(days=age)
    return (SPEED, *told, read.within, int(read.bucket), moment(read.since), moment(until))


def _settled(row: Counted, instant: int) -> Counted:
    """Tell what is in time at an instant, and how long it was waited in vain."""
    if row.key[0] == WORK:
        *told, first_due, verdict_due = row.key
        is_waiting, is_overdue = not has_passed(first_due, at=instant), has_passed(verdict_due, at=instant)
        return row._replace(key=(*told, is_waiting, is_overdue))
    is_touched, since, until = row.key[1], *row.key[-2:]
    if is_touched:
        return row
    seconds = row.longest or 0.0
    if since is not None:
        end = instant if until is None else min(instant, int(until))
        seconds = max(end - int(since), 0) / A_SECOND
    key = (*row.key[:4], mark_of(seconds), bucket_of(seconds), None, None)
    return Counted(row.group, key, row.n, seconds, seconds)


def _waits(row: Counted) -> bool:
    """Tell whether a promise is still kept, or somebody still watched."""
    if row.key[0] == WORK:
        return any(due not in (None, PASSED) for due in row.key[-2:])
    return row.key[-2] is not None


EFFORT: Final = Tally("effort", _rows, _settled, _waits)


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
    _kind, is_touched, is_early, is_first_in_time, within, bucket, *_watched = row.key
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
