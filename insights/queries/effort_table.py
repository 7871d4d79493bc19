"""Cells of work into the table of their slice, whatever numbers are made of them."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any, TypeVar

from insights.queries.cells import cells as states
from insights.queries.frame import table_of
from insights.queries.keys import WHOLE, keys_of
from insights.rules.columns import Column
from insights.rules.quality import by_group
from insights.rules.slice import GroupBy, Slice
from insights.rules.speed import SpeedCell
from insights.rules.table import Key, Table
from insights.rules.work import WorkCell

Effort = TypeVar("Effort", WorkCell, SpeedCell)
Groups = Mapping[str | None, Sequence[Any]]


def effort_table(
    *,
    metric: str,
    columns: tuple[Column, ...],
    numbers: Callable[[str | None, Sequence[Effort]], Any],
    cells: Sequence[Effort],
    slice: Slice,
    at: datetime,
    by: GroupBy | None,
) -> Table[Any]:
    """Make the numbers of each group: weeks in time, others with the largest first; without grouping there is one."""
    groups = by_group(cells)
    return table_of(
        metric=metric,
        slice=slice,
        at=at,
        by=by,
        cells=states(slice=slice, at=at, by=by),
        columns=columns,
        rows=[(key, numbers(group, groups[group])) for group, key in _keys(groups, by, slice)],
    )


def _keys(groups: Groups, by: GroupBy | None, slice: Slice) -> list[tuple[str | None, Key]]:
    if by is None:
        return [(None, WHOLE)]
    keys = list(keys_of(by=by, groups=list(groups), slice=slice).items())
    if by is GroupBy.WEEK:
        return keys
    return sorted(keys, key=lambda entry: (-sum(cell.count for cell in groups[entry[0]]), entry[1].label))
