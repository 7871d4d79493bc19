"""Whether sales worked all leads, and in time (B7), with the tags that were overturned (A8 c)."""

from collections import defaultdict
from datetime import datetime

from insights.queries.answers import answer
from insights.queries.effort import effort_cells
from insights.queries.effort_table import effort_table
from insights.queries.tags import tag_cells
from insights.rules import work as rules
from insights.rules.slice import GroupBy, Slice
from insights.rules.table import Table
from insights.rules.work import WORK_COLUMNS, TagCount, Work


def work(*, slice: Slice, at: datetime, by: GroupBy | None = None) -> Table[Work]:
    """Count what was done in time, what is overdue and what nobody touched."""
    tags: dict[str | None, TagCount] = defaultdict(TagCount, answer(tag_cells, slice=slice, by=by))
    return effort_table(
        metric="work",
        columns=WORK_COLUMNS,
        numbers=lambda group, cells: rules.work(cells, tags[group]),
        cells=answer(effort_cells, slice=slice, at=at, by=by),
        slice=slice,
        at=at,
        by=by,
    )
