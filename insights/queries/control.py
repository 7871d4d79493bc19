"""Is a week's share of non-target leads a signal, or the usual wobble (A7)."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from crm.queries.organisation import settings_at
from crm.queries.snapshot import once
from funnels.models import Definition
from funnels.queries import definitions_agreed, in_force
from insights.queries.cells import cells
from insights.queries.frame import groups_of, table_of
from insights.queries.keys import week_is_mature
from insights.queries.scope import funnel_of
from insights.queries.verdicts import definition_at
from insights.rules import control as rules
from insights.rules.control import CONTROL_COLUMNS, MOST_BASE, ControlPoint, Start, WeekCount
from insights.rules.period import DAY, WEEK, Week, civil_day, is_mature, start_of_day
from insights.rules.quality import Cell, by_group, quality
from insights.rules.slice import GroupBy, Slice
from insights.rules.table import Key, Table

MOMENT = timedelta(microseconds=1)


def control(*, slice: Slice, at: datetime, by: GroupBy | None = None) -> Table[ControlPoint]:
    """Judge the weekly share of a slice at its age by the weeks before it; by week, whatever else is asked.

    Without an age limit a week is judged when it has reached the organisation's second age: nearly all are decided.
    """
    by = GroupBy.WEEK
    organisation = settings_at(at)
    zone = ZoneInfo(organisation.time_zone)
    agreed = _agreed(slice, at)
    found = cells(slice=slice, at=at, by=by)
    groups = groups_of(cells=found, by=by, slice=slice)
    judging = comparable(slice=slice, at=at)
    later = _later(slice, at, zone, groups, organisation.age_a2_days)
    shown = []
    for key, group in groups:
        week = Week.parse(key.value)
        is_ripe = week_is_mature(key, slice=judging, at=at, zone=zone)
        count = replace(_count(week, group, agreed, zone), is_ripe=is_ripe, later=later.get(key.value))
        shown.append(count if slice.restated else replace(count, starts=_starts(week, agreed, zone)))
    points = rules.control(_before(slice, judging, at, agreed, zone), shown)
    rows: list[tuple[Key, ControlPoint]] = [(key, point) for (key, _group), point in zip(groups, points, strict=True)]
    return table_of(metric="control", slice=slice, at=at, by=by, cells=found, columns=CONTROL_COLUMNS, rows=rows)


def comparable(*, slice: Slice, at: datetime) -> Slice:
    """Give a slice without an age limit the age from which its cohorts may be compared: the organisation's second."""
    return slice if slice.age is not None else replace(slice, age=settings_at(at).age_a2_days)


def _agreed(slice: Slice, at: datetime) -> Sequence[Definition]:
    """List the definitions by which leads of the slice were judged; restated they are judged by one, from ever on."""
    if not slice.restated:
        return once(definitions_agreed, funnel_id=funnel_of(slice=slice).pk)
    found = definition_at(slice=slice, at=at)
    return [found] if found else []


def _before(
    slice: Slice, judging: Slice, at: datetime, agreed: Sequence[Definition], zone: ZoneInfo
) -> Sequence[WeekCount]:
    """Count the whole ripe weeks before the slice."""
    if slice.from_on is None:
        return []
    first_on = Week.of(slice.from_on).first_on
    earlier = replace(slice, from_on=first_on - MOST_BASE * WEEK, to_on=first_on - DAY)
    found = by_group(cells(slice=earlier, at=at, by=GroupBy.WEEK))
    counts = [_count(Week.parse(label), group, agreed, zone) for label, group in found.items() if label]
    counts.sort(key=lambda count: count.week)
    known_at = slice.as_of or at
    return [
        replace(count, is_ripe=is_mature(count.week.last_on, age=judging.age, as_of=known_at, zone=zone))
        for count in counts
    ]


def _later(
    slice: Slice, at: datetime, zone: ZoneInfo, groups: Sequence[tuple[Key, Sequence[Cell]]], age: int
) -> Mapping[str, int]:
    """Count the non-target at the second age in the weeks that have reached it."""
    if slice.age is None or slice.age >= age:
        return {}
    older = replace(slice, age=age)
    ripe = [key.value for key, _group in groups if week_is_mature(key, slice=older, at=at, zone=zone)]
    if not ripe:
        return {}
    older = replace(older, to_on=_earlier_of(Week.parse(ripe[-1]).last_on, slice.to_on))
    found = by_group(cells(slice=older, at=at, by=GroupBy.WEEK))
    return {label: quality(found.get(label, [])).non_target for label in ripe}


def _earlier_of(day: date, other: date | None) -> date:
    return day if other is None else min(day, other)


def _count(week: Week, group: Sequence[Cell], agreed: Sequence[Definition], zone: ZoneInfo) -> WeekCount:
    counted = quality(group)
    return WeekCount(week=week, non_target=counted.non_target, n=counted.n, definition=_definition(week, agreed, zone))


def _definition(week: Week, agreed: Sequence[Definition], zone: ZoneInfo) -> int | None:
    """Number the definition in force all week; before anything was agreed on it is the first one."""
    if not agreed:
        return 0
    first = in_force(agreed, at=start_of_day(week.first_on, zone))
    last = in_force(agreed, at=start_of_day(week.last_on + DAY, zone) - MOMENT)
    return first.number if first.pk == last.pk else None


def _starts(week: Week, agreed: Sequence[Definition], zone: ZoneInfo) -> tuple[Start, ...]:
    days = [(definition.number, civil_day(definition.effective_from_at, zone)) for definition in agreed]
    return tuple(Start(number=number, on=on) for number, on in days if week.first_on <= on <= week.last_on)
