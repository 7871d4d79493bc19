"""Leads counted by their state: from what is kept where it holds, from the leads themselves everywhere else."""

from datetime import datetime

from insights.queries.kept import days_of, is_kept, kept_cells
from insights.queries.states import cells_of_leads
from insights.rules.quality import Cell
from insights.rules.slice import GroupBy, Slice


def cells(*, slice: Slice, at: datetime, by: GroupBy | None = None) -> list[Cell]:
    """Count the valid leads of a slice by group, verdict, what an undecided one waits for, and masks.

    `at` is the present; it stands in for the slice's instant when that is not given. The group of a cell is a primary
    key as text, a week's label, or None. Cells of one group may be alike: they add up.
    """
    if not is_kept(slice=slice, by=by):
        return cells_of_leads(slice=slice, at=at, by=by)
    days = days_of(slice=slice)
    found = kept_cells(slice=slice, at=at, by=by, days=days.kept) if days.kept else []
    if days.others:
        found += cells_of_leads(slice=slice, at=at, by=by, days=days.others)
    return found
