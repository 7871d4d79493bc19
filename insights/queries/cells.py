"""Leads counted by their state: from what is kept where it holds, from the leads themselves everywhere else."""

from collections.abc import Callable, Mapping
from datetime import datetime

from crm.queries.snapshot import once
from insights.queries.answers import answer
from insights.queries.kept import days_of, is_kept, kept_cells
from insights.queries.placed import Placed, placed
from insights.queries.states import cells_of_leads
from insights.rules.quality import Cell
from insights.rules.slice import GroupBy, Slice


def cells(*, slice: Slice, at: datetime, by: GroupBy | None = None) -> list[Cell]:
    """Count the valid leads of a slice by group, verdict, what an undecided one waits for, and masks.

    `at` is the present; it stands in for the slice's instant when that is not given. The group of a cell is a primary
    key as text, a week's label, or None. Cells of one group may be alike: they add up.

    What several panels ask is read once, by week and source, and laid out for each.
    """
    if not is_kept(slice=slice, by=by):
        return answer(cells_of_leads, slice=slice, at=at, by=by)
    if by is None or by in GROUP_OF:
        group = GROUP_OF[by]
        return [_grouped(one.cell, group(one)) for one in once(placed, slice=slice, at=at)]
    days = once(days_of, slice=slice)
    found = kept_cells(slice=slice, at=at, by=by, days=days.kept) if days.kept else []
    if days.others:
        found += cells_of_leads(slice=slice, at=at, by=by, days=days.others)
    return found


GROUP_OF: Mapping[GroupBy | None, Callable[[Placed], str | None]] = {
    None: lambda _placed: None,
    GroupBy.WEEK: lambda placed: placed.week,
    GroupBy.SOURCE: lambda placed: placed.source,
}


def _grouped(cell: Cell, group: str | None) -> Cell:
    return Cell(
        group=group,
        verdict=cell.verdict,
        timing=cell.timing,
        fail_mask=cell.fail_mask,
        assessed_mask=cell.assessed_mask,
        count=cell.count,
    )
