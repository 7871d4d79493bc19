"""Rows of a grouped table whose numbers are counted from cells of their own."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Protocol, TypeVar

from insights.queries.frame import groups_of
from insights.rules.quality import Cell
from insights.rules.slice import GroupBy, Slice
from insights.rules.table import Key


class Grouped(Protocol):
    """A cell that says which group it belongs to."""

    @property
    def group(self) -> str | None: ...


Any_cell = TypeVar("Any_cell", bound=Grouped)


def keyed(*, cells: Sequence[Cell], by: GroupBy | None, slice: Slice) -> list[tuple[Key, str | None]]:
    """List the groups of a table in their order, each with what other cells call it."""
    groups = groups_of(cells=cells, by=by, slice=slice)
    # Only a week may be without leads, and cells call it as its row does.
    return [(key, found[0].group if found else key.value if by else None) for key, found in groups]


def in_groups(cells: Iterable[Any_cell]) -> Mapping[str | None, list[Any_cell]]:
    """Sort cells into their groups; a group without any has an empty list."""
    groups: defaultdict[str | None, list[Any_cell]] = defaultdict(list)
    for cell in cells:
        groups[cell.group].append(cell)
    return groups
