"""Where leads are lost and where they stay long: conversion (B1) and duration (B4) by milestone."""

from datetime import datetime

from insights.queries.cells import cells
from insights.queries.frame import table_of
from insights.queries.grouping import keyed
from insights.queries.journeys import journeys, stages_known
from insights.rules import durations as of_visits
from insights.rules.durations import DURATION_COLUMNS, Duration
from insights.rules.journeys import milestones_shown
from insights.rules.quality import by_group
from insights.rules.slice import GroupBy, Slice
from insights.rules.stages import STEP_COLUMNS, Step, steps
from insights.rules.table import Table


def stages(*, slice: Slice, at: datetime, by: GroupBy | None = None) -> Table[Step]:
    """Count who reached each milestone and who went on; one row a group and milestone."""
    found = cells(slice=slice, at=at, by=by)
    counted = journeys(slice=slice, at=at, by=by).journeys
    known = stages_known(slice=slice)
    shown = milestones_shown(known.listed, counted)
    grouped = by_group(counted)
    rows = [
        (key, step) for key, group in keyed(cells=found, by=by, slice=slice) for step in steps(grouped[group], shown)
    ]
    return table_of(
        metric="stages",
        slice=slice,
        at=at,
        by=by,
        cells=found,
        columns=STEP_COLUMNS,
        rows=rows,
        names=known.names,
    )


def durations(*, slice: Slice, at: datetime, by: GroupBy | None = None) -> Table[Duration]:
    """Estimate how long leads stay at each milestone; one row a group and milestone, all from one reading."""
    found = cells(slice=slice, at=at, by=by)
    counted = journeys(slice=slice, at=at, by=by)
    known = stages_known(slice=slice)
    shown = milestones_shown(known.listed, counted.journeys)
    grouped = by_group(counted.visits)
    rows = [
        (key, duration)
        for key, group in keyed(cells=found, by=by, slice=slice)
        for duration in of_visits.durations(grouped[group], shown)
    ]
    return table_of(
        metric="durations",
        slice=slice,
        at=at,
        by=by,
        cells=found,
        columns=DURATION_COLUMNS,
        rows=rows,
        names=known.names,
    )
