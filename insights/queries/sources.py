"""Which source breaks what (A4): every cell against all other leads, marked only when it is a signal."""

from datetime import datetime

from crm.queries.organisation import settings_at
from insights.queries.cells import cells
from insights.queries.frame import criteria_to_show, groups_of, table_of
from insights.rules import quality as rules
from insights.rules.contrast import CONTRAST_COLUMNS, Contrast, contrasts
from insights.rules.slice import GroupBy, Slice
from insights.rules.table import Table


def sources(*, slice: Slice, at: datetime, by: GroupBy | None = None) -> Table[Contrast]:
    """Compare each group, a source unless told otherwise, with the rest: non-target at all, then by criterion."""
    by = by or GroupBy.SOURCE
    found = cells(slice=slice, at=at, by=by)
    shown = criteria_to_show(slice=slice, at=at, cells=found)
    codes = [(bit, code) for bit, code, _name in shown]
    groups = groups_of(cells=found, by=by, slice=slice)
    counts = {key.value: (rules.quality(group), rules.criteria(group, codes)) for key, group in groups}
    total = rules.quality(found), rules.criteria(found, codes)
    compared = contrasts(counts, total, enough=settings_at(at).minimum_sample_to_rank)
    return table_of(
        metric="sources",
        slice=slice,
        at=at,
        by=by,
        cells=found,
        columns=CONTRAST_COLUMNS,
        rows=[(key, cell) for key, _group in groups for cell in compared[key.value]],
        names={code: name for _bit, code, name in shown},
    )
