"""How soon somebody contacts a lead (B6)."""

from datetime import datetime

from insights.queries.answers import answer
from insights.queries.effort import effort_cells
from insights.queries.effort_table import effort_table
from insights.rules import speed as rules
from insights.rules.slice import GroupBy, Slice
from insights.rules.speed import SPEED_COLUMNS, Speed
from insights.rules.table import Table


def speed(*, slice: Slice, at: datetime, by: GroupBy | None = None) -> Table[Speed]:
    """Count first contacts at the marks, with median and the ninth tenth, of all valid leads."""
    return effort_table(
        metric="speed",
        columns=SPEED_COLUMNS,
        numbers=lambda _group, cells: rules.speed(cells),
        cells=answer(effort_cells, slice=slice, at=at, by=by),
        slice=slice,
        at=at,
        by=by,
    )
