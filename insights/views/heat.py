"""Source × criterion: which source breaks what, and what of it is more than chance."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from crm.rules import formats
from funnels.rules.verdict import Verdict
from insights.rules.contrast import Contrast, Signal
from insights.rules.pick import Pick
from insights.rules.ratio import Ratio
from insights.rules.slice import GroupBy
from insights.rules.table import Row, Table
from insights.views.links import leads_url

STEPS = (0.02, 0.05, 0.10, 0.20)  # shares at which a cell grows a shade darker
VERDICT_STEPS = (0.10, 0.20, 0.30, 0.45)


@dataclass(frozen=True, slots=True)
class HeatCell:
    """A cell: k of n, how dark, whether it stands out after correction for all cells shown."""

    name: str
    count: int
    n: int
    share: str
    shade: str
    mark: str
    told: str
    url: str


@dataclass(frozen=True, slots=True)
class HeatRow:
    """A source and its cells: non-target at all, then by criterion."""

    label: str
    n: int
    url: str
    total: HeatCell
    cells: Sequence[HeatCell]


@dataclass(frozen=True, slots=True)
class Heat:
    """The whole table."""

    criteria: Sequence[str]
    rows: Sequence[HeatRow]
    take: str
    mood: str
    enough: int


def heat_of(table: Table[Contrast], *, enough: int) -> Heat:
    """Lay out the contrasts of sources as a table of shades; rows of fewer than `enough` leads stay grey."""
    rows = list(_rows(table, enough))
    by_size = groupby(table.rows, key=lambda row: row.key.value)
    marked = [(row.key.label, row.numbers) for _value, group in by_size for row in group if row.numbers.signal]
    return Heat(
        criteria=list(table.names.values()),
        rows=rows,
        take=_take(marked, table),
        mood="look" if marked else "calm",
        enough=enough,
    )


def _rows(table: Table[Contrast], enough: int) -> Iterator[HeatRow]:
    for _value, found in groupby(table.rows, key=lambda row: row.key.value):
        group = list(found)
        cells = [_cell(row, table, enough) for row in group]
        key = group[0].key
        url = leads_url(table.slice, Pick(group=(table.group_by or GroupBy.SOURCE, key.value)))
        yield HeatRow(key.label, group[0].numbers.n, url, cells[0], cells[1:])


def _cell(row: Row[Contrast], table: Table[Contrast], enough: int) -> HeatCell:
    contrast, group = row.numbers, (table.group_by or GroupBy.SOURCE, row.key.value)
    pick = (
        Pick(verdict=Verdict.NON_TARGET, group=group)
        if contrast.criterion is None
        else Pick(criterion=contrast.criterion, group=group)
    )
    ratio = Ratio(contrast.failed, contrast.n)
    what = _("non-target") if contrast.criterion is None else table.names[contrast.criterion]
    told = f"{row.key.label}, {what}: {formats.k_of_n(ratio.k, ratio.n)} — {formats.share(ratio.k, ratio.n)}"
    steps = VERDICT_STEPS if contrast.criterion is None else STEPS
    return HeatCell(
        name=what,
        count=ratio.k,
        n=ratio.n,
        share=formats.share(ratio.k, ratio.n),
        shade=_shade(ratio, steps, enough),
        mark={Signal.WORSE: "▲", Signal.BETTER: "▼"}[contrast.signal] if contrast.signal else "",
        told=told,
        url=leads_url(table.slice, pick),
    )


def _shade(ratio: Ratio, steps: Sequence[float], enough: int) -> str:
    """Choose a shade; too few leads have none, since a colour would be read as a finding."""
    if ratio.n < enough:
        return "few"
    if not ratio.k:
        return "heat-0"
    return f"heat-{1 + sum((ratio.share or 0) >= step for step in steps)}"


def _take(marked: Sequence[tuple[str, Contrast]], table: Table[Contrast]) -> str:
    worse = [(label, cell) for label, cell in marked if cell.signal is Signal.WORSE]
    if not worse:
        return _("No difference here is more than chance.")
    label, cell = max(worse, key=lambda pair: pair[1].difference or 0)
    what = _("non-target at all") if cell.criterion is None else table.names[cell.criterion].lower()
    first = _("%(source)s stands out: %(what)s %(share)s, %(difference)s against all others.") % {
        "source": label,
        "what": what,
        "share": formats.share(cell.failed, cell.n),
        "difference": formats.points(cell.difference or 0),
    }
    rest = len(worse) - 1
    if not rest:
        return first
    more = ngettext("%(count)s more cell is marked.", "%(count)s more cells are marked.", rest) % {"count": rest}
    return f"{first} {more}"
