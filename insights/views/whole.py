"""A whole table as lines of cells, each count with the leads behind it: for the page of a panel."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from crm.rules import formats
from funnels.rules.moves import Milestone
from funnels.rules.verdict import Verdict
from insights.exports import shown
from insights.rules.columns import Cell, Column, Format
from insights.rules.losses import Level, LossCount
from insights.rules.pick import Pick, Timing
from insights.rules.pick_funnel import Fate, FunnelPick
from insights.rules.stages import Step
from insights.rules.table import Row, Table
from insights.views.links import FileUrl, export_url, leads_url
from insights.views.questions import scope_words
from insights.views.shift import group_heading

SHORT = 30  # rows; a longer table waits to be opened
PICKS = {
    "n": Pick(),
    "target": Pick(verdict=Verdict.TARGET),
    "non_target": Pick(verdict=Verdict.NON_TARGET),
    "undecided": Pick(verdict=Verdict.UNDECIDED),
    "untouched": Pick(timing=Timing.UNTOUCHED),
    "in_sla": Pick(timing=Timing.IN_SLA),
    "overdue": Pick(timing=Timing.OVERDUE),
    "not_restated": Pick(timing=Timing.NOT_RESTATED),
}
OPENED = frozenset({"quality", "criteria", "sources", "mix", "stages", "losses"})
"""Metrics whose counts of these names are of counted leads by state; those of others may be of anything."""
FATES = {
    "reached": Fate.REACHED,
    "touched": Fate.TOUCHED,
    "lost": Fate.LOST,
    "all_lost": Fate.LOST,
    "open": Fate.OPEN,
    "at_risk": Fate.OPEN,
    "won": Fate.WON,
}
OF_A_CRITERION = ("failed", "sole", "assessed")


@dataclass(frozen=True, slots=True)
class WholeCell:
    """A value in words, and the leads it counted; what says something and counts nothing is read from the left."""

    words: str
    url: str = ""
    says: bool = False


@dataclass(frozen=True, slots=True)
class WholeRow:
    """A line of a table."""

    label: str
    cells: Sequence[WholeCell]


@dataclass(frozen=True, slots=True)
class WholeTable:
    """Every number of a table, of how many leads, and the same as files."""

    name: str
    titles: Sequence[WholeCell]
    rows: Sequence[WholeRow]
    files: FileUrl
    scope: str
    n: int

    @property
    def is_short(self) -> bool:
        return len(self.rows) <= SHORT


def whole_table(table: Table[Any], *, name: str) -> WholeTable:
    """Lay out all columns of all rows; counts whose leads are known open them."""
    by = table.group_by
    return WholeTable(
        name=name,
        titles=[WholeCell(group_heading(by).capitalize() if by else ""), *map(_title, table.columns)],
        rows=[
            WholeRow(row.key.label, [_cell(column, value, row, table) for column, value in shown(table, row)])
            for row in table.rows
        ],
        files=export_url(table.slice, table.metric, by.value if by else ""),
        scope=scope_words(table.slice),
        n=table.total.n,
    )


def _title(column: Column) -> WholeCell:
    return WholeCell(str(column.title), says=column.format is Format.WORD)


def _cell(column: Column, value: Cell, row: Row[Any], table: Table[Any]) -> WholeCell:
    pick = _pick(column.code, row.numbers) if table.metric in OPENED else None
    if pick is None or value is None:
        return WholeCell(_words(column, value), says=column.format is Format.WORD)
    if table.group_by is not None:
        pick = replace(pick, group=(table.group_by, row.key.value))
    return WholeCell(_words(column, value), leads_url(table.slice, pick))


def _pick(code: str, numbers: object) -> Pick | None:
    if isinstance(numbers, Step):
        return _pick_of_stage(code, numbers.milestone) if code != "n" else PICKS["n"]
    if isinstance(numbers, LossCount):
        return _pick_of_loss(code, numbers)
    if code in OF_A_CRITERION:
        return _pick_of_criterion(code, getattr(numbers, "criterion", None))
    return PICKS.get(code)


def _pick_of_stage(code: str, milestone: Milestone) -> Pick | None:
    return Pick(funnel=FunnelPick(milestone=milestone, fate=FATES[code])) if code in FATES else None


def _pick_of_loss(code: str, count: LossCount) -> Pick | None:
    if code == "n":
        return _pick_of_stage("reached", count.milestone)
    if code not in ("lost", "sole") or count.level is Level.ALL:
        return _pick_of_stage("lost" if code == "sole" else code, count.milestone)
    because = (count.level, count.code)
    return Pick(funnel=FunnelPick(milestone=count.milestone, fate=Fate.LOST, because=because, sole=code == "sole"))


def _pick_of_criterion(code: str, criterion: str | None) -> Pick:
    if criterion is None:
        return PICKS["non_target"]
    return Pick(assessed=criterion) if code == "assessed" else Pick(criterion=criterion, sole=code == "sole")


def _words(column: Column, value: Cell) -> str:
    if value is None:
        return "—"
    if isinstance(value, str):
        return value
    match column.format:
        case Format.SHARE:
            return formats.percent(value)
        case Format.POINTS:
            return formats.points(value / 100)
        case Format.NUMBER:
            return formats.number(value, 3)
        case _:
            return formats.number(value)
