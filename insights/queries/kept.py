"""Which days of a slice may be read from kept counts, and the counts themselves."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from django.db.models import Case, CharField, Max, Min, QuerySet, Sum, Value, When
from django.db.models.functions import TruncWeek

from crm.queries.snapshot import once
from insights.models import ChangedDay, FilledDay, StateCount
from insights.models.kept import NO_LIMIT
from insights.queries.instants import Moment
from insights.queries.scope import among, funnel_of, identify, received
from insights.queries.states import cell_of
from insights.rules.pick import Kind, Timing
from insights.rules.quality import Cell
from insights.rules.slice import GroupBy, Slice

KEPT_APART = {None, GroupBy.WEEK, GroupBy.SOURCE, GroupBy.SEGMENT}
STATE = ("verdict", "fail_mask", "assessed_mask")


@dataclass(frozen=True, slots=True)
class Days:
    """The days of a slice: those whose counts are kept and hold, each with its stamp; those whose leads are read."""

    kept: Mapping[date, UUID]
    others: Collection[date]


def is_kept(*, slice: Slice, by: GroupBy | None = None) -> bool:
    """Tell whether a question may be answered from what is kept: as of now, and by no more than is told apart there."""
    is_plain = slice.as_of is None and slice.is_usual and not (slice.campaigns or slice.owners)
    return is_plain and by in KEPT_APART


def days_of(*, slice: Slice, basis: str | None = None) -> Days:
    """Divide the days on which leads of a slice may have come; kept are those counted on a basis, if one is given.

    To be asked before what is kept: a day that changes a moment later was as it is kept a moment before.
    """
    funnel = funnel_of(slice=slice).pk
    noted = once(_noted, funnel=funnel)
    filled = once(_filled, funnel=funnel, age=slice.age or NO_LIMIT, first=slice.from_on, last=slice.to_on)
    kept = {day: stamp for day, stamp, by in filled if day not in noted and basis in (None, by)}
    return Days(kept, [day for day in _every_day(slice) if day not in kept])


def _noted(*, funnel: int) -> Collection[date]:
    return set(ChangedDay.objects.filter(funnel_id=funnel).values_list("day", flat=True).distinct())


def _filled(*, funnel: int, age: int, first: date | None, last: date | None) -> Sequence[tuple[date, UUID, str]]:
    days = FilledDay.objects.filter(funnel=funnel, age=age).order_by("day")
    if first is not None:
        days = days.filter(day__gte=first)
    if last is not None:
        days = days.filter(day__lte=last)
    return list(days.values_list("day", "stamp", "basis"))


def cells_of_segments(*, slice: Slice, at: datetime, days: Collection[date]) -> list[Cell]:
    """Add up what is kept of some days by segment; the same cells as counting their leads gives."""
    counts = _kept(slice, days).filter(kind=Kind.VALID).annotate(timing=_timing(at)).order_by()
    rows = counts.values_list("segment_id", "timing", *STATE).annotate(count=Sum("count"))
    return [cell_of(GroupBy.SEGMENT, group, timing, state, count) for group, timing, *state, count in rows]


def kept_states(*, slice: Slice, days: Collection[date]) -> Iterable[tuple[Any, ...]]:
    """Add up what is kept of some days by week, source, whether touched, state, and when it falls due, a moment."""
    counts = _kept(slice, days).filter(kind=Kind.VALID).annotate(week=TruncWeek("day"), due=Moment("due_at"))
    columns = ("week", "source_id", "is_touched", *STATE, "due")
    return counts.order_by().values_list(*columns).annotate(count=Sum("count"))


def kept_kinds(*, slice: Slice, days: Collection[date]) -> dict[Kind, int]:
    """Count what came on some days by what became of it in the bridge."""
    rows = _kept(slice, days).order_by().values_list("kind").annotate(count=Sum("count"))
    return {Kind(kind): count for kind, count in rows}


def _kept(slice: Slice, days: Collection[date]) -> QuerySet[StateCount]:
    counts = StateCount.objects.filter(
        funnel=funnel_of(slice=slice), age=slice.age or NO_LIMIT, day__range=(min(days), max(days))
    )
    left_out = _between(min(days), max(days)) - set(days)
    if left_out:
        counts = counts.exclude(day__in=left_out)
    for name, chosen in (("source", slice.sources), ("segment", slice.segments)):
        if chosen:
            counts = counts.filter(among(name, identify(name=name, values=chosen)))
    return counts


def _timing(at: datetime) -> Case:
    return Case(
        When(due_at__lt=at, then=Value(Timing.OVERDUE.value)),
        When(is_touched=True, then=Value(Timing.IN_SLA.value)),
        default=Value(Timing.UNTOUCHED.value),
        output_field=CharField(),
    )


def _every_day(slice: Slice) -> Sequence[date]:
    """List the days of a slice between the first and the last on which any lead came."""
    ends = once(_ends, funnel=slice.funnel)
    if ends is None:
        return ()
    return sorted(_between(max(slice.from_on or ends[0], ends[0]), min(slice.to_on or ends[1], ends[1])))


def _ends(*, funnel: str) -> tuple[date, date] | None:
    ends = received(slice=Slice(funnel=funnel)).aggregate(first=Min("cohort_day"), last=Max("cohort_day"))
    return (ends["first"], ends["last"]) if ends["first"] else None


def _between(first: date, last: date) -> set[date]:
    return {first + timedelta(days=number) for number in range((last - first).days + 1)}
