"""A slice against the period before, each at the same age."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime
from zoneinfo import ZoneInfo

from crm.queries.organisation import settings_at
from crm.queries.snapshot import once
from funnels.models import Definition
from funnels.queries.definitions import criteria_by_definition, definitions_agreed, in_force
from insights.queries.cells import cells
from insights.queries.control import comparable
from insights.queries.frame import criteria_to_show, table_of
from insights.queries.keys import WHOLE
from insights.queries.scope import funnel_of
from insights.rules import quality as rules
from insights.rules.control import excess_spread
from insights.rules.period import DAY, Period, Week, is_mature, start_of_day
from insights.rules.previous import CHANGE_COLUMNS, Change, changes
from insights.rules.quality import Cell
from insights.rules.ratio import Ratio
from insights.rules.slice import GroupBy, Slice
from insights.rules.table import Table


def previous(*, slice: Slice, at: datetime, by: GroupBy | None = None) -> Table[Change]:
    """Compare the ripe weeks of a slice with the period before it, which is as long as the whole slice.

    The table's slice ends with the last ripe week. It has no rows when there is nothing to compare: an open end, or no
    week that is ripe.
    """
    ripe, before = ripe_part(slice=slice, at=at), slice.previous
    if ripe is None or before is None:
        return table_of(
            metric="previous",
            slice=slice,
            at=at,
            by=by,
            cells=cells(slice=slice, at=at),
            columns=CHANGE_COLUMNS,
            rows=[],
        )
    found = _until(ripe.to_on, cells(slice=slice, at=at, by=GroupBy.WEEK))
    earlier = cells(slice=before, at=at, by=GroupBy.WEEK)
    shown = criteria_to_show(slice=ripe, at=at, cells=[*found, *earlier])
    codes = [(bit, code) for bit, code, _name in shown]
    compared = changes(
        (rules.quality(found), rules.criteria(found, codes)),
        (rules.quality(earlier), rules.criteria(earlier, codes)),
        enough=settings_at(at).minimum_sample_to_rank,
        redefined=_redefined(before, ripe, at),
        spread=excess_spread([*_by_week(earlier), *_by_week(found)]),
    )
    return table_of(
        metric="previous",
        slice=ripe,
        at=at,
        by=by,
        cells=found,
        columns=CHANGE_COLUMNS,
        rows=[(WHOLE, change) for change in compared],
        names={code: name for _bit, code, name in shown},
    )


def _until(last_on: date | None, found: Sequence[Cell]) -> list[Cell]:
    """Keep the cells of weeks up to a day's; the whole slice was read, since other panels ask for it too."""
    last = Week.of(last_on).label if last_on else ""
    return [cell for cell in found if cell.group is not None and cell.group <= last]


def _by_week(found: Sequence[Cell]) -> list[Ratio]:
    """Read the weekly shares out of the cells, in time."""
    weeks = rules.by_group(found)
    return [rules.quality(weeks[label]).of_all for label in sorted(label for label in weeks if label)]


def ripe_part(*, slice: Slice, at: datetime) -> Slice | None:
    """Cut off the weeks that are not ripe; nothing when none is, or when an end is open.

    Without an age limit a week counts as ripe at the organisation's second age, as on the control chart.
    """
    if slice.period is None:
        return None
    age = comparable(slice=slice, at=at).age
    zone, known_at = ZoneInfo(settings_at(at).time_zone), slice.as_of or at
    ends = (min(week.last_on, slice.period.to_on) for week in reversed(slice.period.weeks))
    last_on = next((day for day in ends if is_mature(day, age=age, as_of=known_at, zone=zone)), None)
    return None if last_on is None else replace(slice, to_on=last_on)


def _redefined(before: Slice, ripe: Slice, at: datetime) -> set[str | None]:
    """Name what was defined anew within both periods: criteria of more than one version, and with any the verdict.

    Restated leads are all judged by one definition, whatever was in force when they came.
    """
    if ripe.restated or before.from_on is None or ripe.to_on is None:
        return set()
    used = _used(Period(before.from_on, ripe.to_on), ripe, at)
    if len(used) < 2:
        return set()
    asked = criteria_by_definition(definitions=used).values()
    versions = [{c.code: c.version_number for c in criteria if c.is_blocking} for criteria in asked]
    codes = {code for known in versions for code in known}
    return {None} | {code for code in codes if len({known.get(code) for known in versions}) > 1}


def _used(days: Period, slice: Slice, at: datetime) -> list[Definition]:
    agreed = once(definitions_agreed, funnel_id=funnel_of(slice=slice).pk)
    if not agreed:
        return []
    zone = ZoneInfo(settings_at(at).time_zone)
    begins_at, ends_at = start_of_day(days.from_on, zone), start_of_day(days.to_on + DAY, zone)
    first = in_force(agreed, at=begins_at)
    return [first, *(one for one in agreed if begins_at < one.effective_from_at < ends_at and one.pk != first.pk)]
