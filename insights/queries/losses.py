"""Why leads are lost, by the milestone they were lost from (B3)."""

from datetime import datetime

from funnels.rules.definitions import SIDE_LABELS
from insights.queries.cells import cells
from insights.queries.frame import table_of
from insights.queries.grouping import keyed
from insights.queries.journeys import journeys, reasons_known, stages_known
from insights.rules import losses as rules
from insights.rules.journeys import milestones_shown
from insights.rules.losses import LOSS_COLUMNS, Level, LossCount
from insights.rules.quality import by_group
from insights.rules.slice import GroupBy, Slice
from insights.rules.table import Table


def losses(*, slice: Slice, at: datetime, by: GroupBy | None = None) -> Table[LossCount]:
    """Count who was lost from each milestone and why: all of them, then by reason, by side, by group of reasons."""
    found = cells(slice=slice, at=at, by=by)
    counted = journeys(slice=slice, at=at, by=by).journeys
    known = stages_known(slice=slice)
    shown = milestones_shown(known.listed, counted)
    reasons = reasons_known(slice=slice)
    grouped = by_group(counted)
    rows = [
        (key, count)
        for key, group in keyed(cells=found, by=by, slice=slice)
        for level in Level
        for count in rules.losses(grouped[group], shown, reasons, level)
    ]
    sides = {side.value: str(label) for side, label in SIDE_LABELS.items()}
    return table_of(
        metric="losses",
        slice=slice,
        at=at,
        by=by,
        cells=found,
        columns=LOSS_COLUMNS,
        rows=rows,
        names={**known.names, **sides, **{reason.code: reason.name for reason in reasons.values()}},
    )
