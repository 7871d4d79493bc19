"""Leads counted by their state: from what is kept where it holds, from the leads themselves everywhere else."""

from collections.abc import Sequence
from datetime import datetime

from crm.queries.snapshot import once
from insights.queries.answers import answer
from insights.queries.kept import cells_of_segments, days_of, is_kept
from insights.queries.placed import GROUPS, placed
from insights.queries.states import cells_of_leads
from insights.rules.quality import Cell
from insights.rules.slice import GroupBy, Slice


def cells(*, slice: Slice, at: datetime, by: GroupBy | None = None) -> Sequence[Cell]:
    """Count the valid leads of a slice by group, verdict, what an undecided one waits for, and masks.

    `at` is the present; it stands in for the slice's instant when that is not given. The group of a cell is a primary
    key as text, a week's label, or None. Cells of one group may be alike: they add up.

    What several panels ask is read once, by week and source, and laid out for each.
    """
    if not is_kept(slice=slice, by=by):
        return answer(cells_of_leads, slice=slice, at=at, by=by)
    if by in GROUPS:
        return once(placed, slice=slice, at=at, by=by)
    days = once(days_of, slice=slice)
    found = cells_of_segments(slice=slice, at=at, days=days.kept) if days.kept else []
    if days.others:
        found += cells_of_leads(slice=slice, at=at, by=by, days=days.others)
    return found
