"""What every table carries beside its rows: as of when, under which definition, how much of what came is counted."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import TypeVar
from zoneinfo import ZoneInfo

from crm.queries.organisation import settings_at
from crm.queries.snapshot import once
from funnels.models import Definition
from funnels.queries import criteria_of
from insights.queries.answers import answer
from insights.queries.bridge import bridge
from insights.queries.keys import WHOLE, keys_of, week_is_mature
from insights.queries.verdicts import definition_at
from insights.queries.words import failings
from insights.rules.columns import Column
from insights.rules.period import is_mature
from insights.rules.quality import Cell, by_group, quality
from insights.rules.slice import GroupBy, Slice
from insights.rules.table import DefinitionUsed, Key, Row, Table

Numbers = TypeVar("Numbers")
Group = tuple[Key, list[Cell]]


def groups_of(*, cells: Sequence[Cell], by: GroupBy | None, slice: Slice) -> list[Group]:
    """Lay cells out by group: weeks in time, others with the largest first; without grouping there is one."""
    if by is None:
        return [(WHOLE, list(cells))]
    found = by_group(cells)
    keys = keys_of(by=by, groups=list(found), slice=slice)
    groups = [(key, found.get(group, [])) for group, key in keys.items()]
    if by is GroupBy.WEEK:
        return groups
    return sorted(groups, key=lambda group: (-sum(cell.count for cell in group[1]), group[0].label))


def table_of(
    *,
    metric: str,
    slice: Slice,
    at: datetime,
    by: GroupBy | None,
    cells: Sequence[Cell],
    columns: tuple[Column, ...],
    rows: Sequence[tuple[Key, Numbers]],
    names: Mapping[str, str] | None = None,
    compared_with: Slice | None = None,
) -> Table[Numbers]:
    """Put rows into the table of their slice."""
    zone = ZoneInfo(settings_at(at).time_zone)
    whole_is_mature = slice.to_on is not None and is_mature(
        slice.to_on, age=slice.age, as_of=slice.as_of or at, zone=zone
    )
    weekly = by is GroupBy.WEEK
    return Table(
        metric=metric,
        slice=slice,
        as_of=slice.as_of or at,
        columns=columns,
        rows=tuple(
            Row(
                key=key,
                numbers=numbers,
                is_mature=week_is_mature(key, slice=slice, at=at, zone=zone) if weekly else whole_is_mature,
            )
            for key, numbers in rows
        ),
        total=quality(cells),
        bridge=answer(bridge, slice=slice.as_judged),
        group_by=by,
        definition=_used(definition_at(slice=slice, at=at)),
        is_mature=whole_is_mature,
        names=names or {},
        compared_with=compared_with,
    )


def criteria_to_show(*, slice: Slice, at: datetime, cells: Sequence[Cell]) -> list[tuple[int, str, str]]:
    """List bit, code and name of the blocking criteria in force, then of those only old verdicts failed."""
    definition = definition_at(slice=slice, at=at)
    asked = [c for c in once(criteria_of, definition=definition) if c.is_blocking] if definition else []
    shown = [(criterion.bit, criterion.code, criterion.failed_name) for criterion in asked]
    bits = {bit for bit, _code, _name in shown}
    failed = 0
    for cell in cells:
        failed |= cell.fail_mask
    old = [(bit, known.code, known.name) for bit, known in once(failings, slice=slice).items() if failed >> bit & 1]
    return shown + [entry for entry in old if entry[0] not in bits]


def _used(definition: Definition | None) -> DefinitionUsed | None:
    if definition is None:
        return None
    return DefinitionUsed(number=definition.number, effective_from_at=definition.effective_from_at)
