"""Leads counted by their state: from what is kept where it holds, from the leads themselves everywhere else."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import F
from django.db.models.functions import TruncWeek

from crm.queries.snapshot import is_one_snapshot, once
from insights.queries.answers import answer
from insights.queries.kept import days_of, is_kept, kept_cells, kept_rows
from insights.queries.states import cell_of, cells_of_leads, rows_of_leads
from insights.rules.period import Week
from insights.rules.quality import Cell
from insights.rules.slice import GroupBy, Slice


def cells(*, slice: Slice, at: datetime, by: GroupBy | None = None) -> list[Cell]:
    """Count the valid leads of a slice by group, verdict, what an undecided one waits for, and masks.

    `at` is the present; it stands in for the slice's instant when that is not given. The group of a cell is a primary
    key as text, a week's label, or None. Cells of one group may be alike: they add up.

    Within one snapshot what several panels ask is read once, by week and source, and laid out for each.
    """
    if not is_kept(slice=slice, by=by):
        return answer(cells_of_leads, slice=slice, at=at, by=by)
    if is_one_snapshot() and by in GROUP_OF:
        group = GROUP_OF[by]
        return [_grouped(one.cell, group(one)) for one in once(_placed, slice=slice, at=at)]
    days = once(days_of, slice=slice)
    found = kept_cells(slice=slice, at=at, by=by, days=days.kept) if days.kept else []
    if days.others:
        found += cells_of_leads(slice=slice, at=at, by=by, days=days.others)
    return found


@dataclass(frozen=True, slots=True)
class _Placed:
    week: str
    source: str
    cell: Cell


GROUP_OF: Mapping[GroupBy | None, Callable[[_Placed], str | None]] = {
    None: lambda _placed: None,
    GroupBy.WEEK: lambda placed: placed.week,
    GroupBy.SOURCE: lambda placed: placed.source,
}


def _placed(*, slice: Slice, at: datetime) -> Sequence[_Placed]:
    days = once(days_of, slice=slice)
    rows: list[tuple[Any, ...]] = []
    if days.kept:
        rows += kept_rows(slice=slice, at=at, groups=(TruncWeek("day"), F("source_id")), days=days.kept)
    if days.others:
        groups = (TruncWeek("cohort_day"), F("source_id"))
        rows += rows_of_leads(slice=slice, at=at, groups=groups, days=days.others)
    return [
        _Placed(Week.of(week).label, str(source), cell_of(None, None, timing, state, count))
        for week, source, timing, *state, count in rows
    ]


def _grouped(cell: Cell, group: str | None) -> Cell:
    return Cell(
        group=group,
        verdict=cell.verdict,
        timing=cell.timing,
        fail_mask=cell.fail_mask,
        assessed_mask=cell.assessed_mask,
        count=cell.count,
    )
