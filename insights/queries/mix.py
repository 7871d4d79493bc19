"""Whether worse channels were bought or the channels grew worse: this period against the one before (A6)."""

from collections.abc import Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

from crm.queries.organisation import settings_at
from insights.queries.cells import cells
from insights.queries.frame import table_of
from insights.queries.keys import keys_of
from insights.rules import quality as rules
from insights.rules.mix import MIX_COLUMNS, Shift, period_before, ripe_part, shifts
from insights.rules.quality import Cell
from insights.rules.ratio import Ratio
from insights.rules.slice import GroupBy, Slice
from insights.rules.table import Table


def mix(*, slice: Slice, at: datetime, by: GroupBy | None = None) -> Table[Shift]:
    """Split the change of the non-target share since the period before among groups, sources unless told otherwise.

    Only ripe weeks of both periods are compared, at the slice's age; the table's slice are those of the period asked
    about, `compared_with` those before. Where nothing can be compared the rows hold the leads asked about alone.
    """
    by = by or GroupBy.SOURCE
    zone = ZoneInfo(settings_at(at).time_zone)
    now = ripe_part(slice, at=at, zone=zone)
    earlier = period_before(slice)
    then = ripe_part(earlier, at=at, zone=zone) if now and earlier else None
    found = cells(slice=now or slice, at=at, by=by)
    before = cells(slice=then, at=at, by=by) if then else []
    groups = dict.fromkeys(cell.group for cell in (*found, *before))
    keys = keys_of(by=by, groups=list(groups), slice=slice)
    value_of = {group: key.value for group, key in keys.items()}
    split = shifts(_shares(before, value_of), _shares(found, value_of))
    rows = sorted(((key, split[key.value]) for key in keys.values()), key=lambda row: (_rank(row[1]), row[0].label))
    return table_of(
        metric="mix",
        slice=now or slice,
        at=at,
        by=by,
        cells=found,
        columns=MIX_COLUMNS,
        rows=rows,
        compared_with=then,
    )


def _shares(found: Sequence[Cell], value_of: dict[str | None, str]) -> dict[str, Ratio]:
    """Reduce the states of each group to non-target of all."""
    return {value_of[group]: rules.quality(cells).of_all for group, cells in rules.by_group(found).items()}


def _rank(shift: Shift) -> tuple[float, int]:
    """Put what moved the whole most first; where nothing is split, the largest."""
    return -abs((shift.mix or 0.0) + (shift.rate or 0.0)), -shift.n
