"""Are the phones dead, or does nobody call (A5)?"""

from datetime import datetime

from insights.queries.answers import answer
from insights.queries.effort import effort_cells
from insights.queries.effort_table import effort_table
from insights.rules import work as rules
from insights.rules.slice import GroupBy, Slice
from insights.rules.table import Table
from insights.rules.work import CONTACT_COLUMNS, Contactability


def contactability(*, slice: Slice, at: datetime, by: GroupBy | None = None) -> Table[Contactability]:
    """Divide the leads into those that cannot be reached, were not worked enough, are in time, were reached."""
    return effort_table(
        metric="contactability",
        columns=CONTACT_COLUMNS,
        numbers=lambda _group, cells: rules.contactability(cells),
        cells=answer(effort_cells, slice=slice, at=at, by=by),
        slice=slice,
        at=at,
        by=by,
    )
