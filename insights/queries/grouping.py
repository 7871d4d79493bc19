"""Rows of a grouped table whose numbers are counted from cells of their own."""

from collections.abc import Sequence

from insights.queries.frame import groups_of
from insights.rules.quality import Cell
from insights.rules.slice import GroupBy, Slice
from insights.rules.table import Key


def keyed(*, cells: Sequence[Cell], by: GroupBy | None, slice: Slice) -> list[tuple[Key, str | None]]:
    """List the groups of a table in their order, each with what other cells call it."""
    groups = groups_of(cells=cells, by=by, slice=slice)
    # Only a week may be without leads, and cells call it as its row does.
    return [(key, found[0].group if found else key.value if by else None) for key, found in groups]
