"""How many leads are target, non-target, undecided (A1), and how ripe the cohort is (A2)."""

from datetime import datetime

from insights.queries.cells import cells
from insights.queries.frame import groups_of, table_of
from insights.rules import quality as rules
from insights.rules.quality import QUALITY_COLUMNS, Quality
from insights.rules.restated import RESTATED_COLUMNS
from insights.rules.slice import GroupBy, Slice
from insights.rules.table import Table


def quality(*, slice: Slice, at: datetime, by: GroupBy | None = None) -> Table[Quality]:
    """Count the three shares of a slice, as a whole or by group."""
    found = cells(slice=slice, at=at, by=by)
    rows = [(key, rules.quality(group)) for key, group in groups_of(cells=found, by=by, slice=slice)]
    columns = RESTATED_COLUMNS if slice.restated else QUALITY_COLUMNS
    return table_of(metric="quality", slice=slice, at=at, by=by, cells=found, columns=columns, rows=rows)
