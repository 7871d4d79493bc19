"""How much was done within a period (B2), and of what was closed in it how much was won (B5)."""

from collections.abc import Iterator, Sequence
from datetime import datetime

from funnels.rules.moves import Milestone, Outcome
from insights.queries.answers import answer
from insights.queries.cells import cells
from insights.queries.closings import ClosedCell, closed_cells
from insights.queries.flow import flow_cells
from insights.queries.frame import table_of
from insights.queries.journeys import journeys, stages_known
from insights.queries.keys import WHOLE, keys_of
from insights.rules.flow import FLOW_COLUMNS, WIN_COLUMNS, Flow, FlowCell, FlowCount, WinRates, flow
from insights.rules.journeys import RANKS, JourneyCell
from insights.rules.quality import by_group
from insights.rules.slice import GroupBy, Slice
from insights.rules.table import Key, Table


def throughput(*, slice: Slice, at: datetime, by: GroupBy | None = None) -> Table[FlowCount]:
    """Count what took effect on the days of a slice, in rows: arrivals, closings, verdicts, moves to each milestone.

    The age of the slice says nothing here. The table's total and bridge are of the leads that came on those days.
    """
    found = answer(flow_cells, slice=slice, at=at, by=by)
    known = stages_known(slice=slice)
    met = {cell.milestone for cell in found if not cell.is_before} | set(known.listed)
    shown = [milestone for milestone in Milestone if milestone in met and milestone is not Milestone.WON]
    rows = [(key, count) for key, part in _parts(found, by, slice) for count in part.counts(shown)]
    return table_of(
        metric="throughput",
        slice=slice,
        at=at,
        by=by,
        cells=cells(slice=slice, at=at),
        columns=FLOW_COLUMNS,
        rows=rows,
        names=known.names,
    )


def wins(*, slice: Slice, at: datetime, by: GroupBy | None = None) -> Table[WinRates]:
    """Count both shares of won leads: of those closed on the days of the slice, of those that came and qualified."""
    closed = closed_cells(slice=slice, at=at, by=by)
    came = journeys(slice=slice, at=at, by=by).journeys
    closed_by, came_by = by_group(closed), by_group(came)
    keys = _keys([*closed_by, *came_by], by, slice)
    return table_of(
        metric="wins",
        slice=slice,
        at=at,
        by=by,
        cells=cells(slice=slice, at=at),
        columns=WIN_COLUMNS,
        rows=[(key, win_rates(closed_by[group], came_by[group])) for group, key in keys],
    )


def win_rates(closed: Sequence[ClosedCell], came: Sequence[JourneyCell]) -> WinRates:
    """Put the two readings side by side."""
    qualified = [cell for cell in came if RANKS[cell.furthest] >= RANKS[Milestone.QUALIFIED]]
    return WinRates(
        won_closed=sum(cell.count for cell in closed if cell.outcome is Outcome.WON),
        closed=sum(cell.count for cell in closed),
        won=sum(cell.count for cell in qualified if cell.outcome is Outcome.WON),
        qualified=sum(cell.count for cell in qualified),
    )


def _parts(found: Sequence[FlowCell], by: GroupBy | None, slice: Slice) -> Iterator[tuple[Key, Flow]]:
    """Add up each group; a week begins with what the week before left open, the first with all before it."""
    if by is not GroupBy.WEEK:
        grouped = by_group(found)
        yield from ((key, flow(grouped[group])) for group, key in _keys(list(grouped), by, slice))
        return
    left = flow(cell for cell in found if cell.is_before).open_start
    weekly = by_group(cell for cell in found if not cell.is_before)
    for group, key in _keys(list(weekly), by, slice):
        part = flow(weekly[group], open_start=left)
        left = part.open_end
        yield key, part


def _keys(groups: Sequence[str | None], by: GroupBy | None, slice: Slice) -> list[tuple[str | None, Key]]:
    """Name the groups in which something happened: weeks in time, others by name."""
    if by is None:
        return [(None, WHOLE)]
    keys = list(keys_of(by=by, groups=list(dict.fromkeys(groups)), slice=slice).items())
    return keys if by is GroupBy.WEEK else sorted(keys, key=lambda item: item[1].label)
