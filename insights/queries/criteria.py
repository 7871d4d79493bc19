"""In what the non-target leads are non-target (A3)."""

from datetime import datetime

from insights.queries.cells import cells
from insights.queries.frame import criteria_to_show, groups_of, table_of
from insights.rules import quality as rules
from insights.rules.quality import CRITERION_COLUMNS, CriterionCount
from insights.rules.slice import GroupBy, Slice
from insights.rules.table import Table


def criteria(*, slice: Slice, at: datetime, by: GroupBy | None = None) -> Table[CriterionCount]:
    """Count who failed each criterion, who failed nothing else, who was asked; one row a group and criterion."""
    found = cells(slice=slice, at=at, by=by)
    shown = criteria_to_show(slice=slice, at=at, cells=found)
    codes = [(bit, code) for bit, code, _name in shown]
    rows = [
        (key, count)
        for key, group in groups_of(cells=found, by=by, slice=slice)
        for count in rules.criteria(group, codes)
    ]
    return table_of(
        metric="criteria",
        slice=slice,
        at=at,
        by=by,
        cells=found,
        columns=CRITERION_COLUMNS,
        rows=rows,
        names={code: name for _bit, code, name in shown},
    )
