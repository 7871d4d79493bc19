"""One table for the page, the chart, the JSON and the file: they cannot disagree."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from django.utils.translation import gettext_lazy as _

from crm.rules.formulas import is_formula
from insights.rules.quality import Quality
from insights.rules.slice import GroupBy, Slice

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise

Numbers_co = TypeVar("Numbers_co", covariant=True)
Cell = str | int | float | None


class Format(StrEnum):
    """How a column's values are to be read."""

    COUNT = "count"
    SHARE = "share"
    POINTS = "points"
    NUMBER = "number"
    WORD = "word"


@dataclass(frozen=True, slots=True)
class Column:
    """A value every row has under this name; `of` names the count a share is taken of, if it is not the row's leads."""

    code: str
    title: "str | _StrPromise"
    format: Format = Format.COUNT
    of: str = "n"

    def size(self, numbers: object) -> int | None:
        """Tell of how many leads a share or a difference is; of a count nothing is asked."""
        size: int | None = getattr(numbers, self.of) if self.format in (Format.SHARE, Format.POINTS) else None
        return size


QUALITY_COLUMNS = (
    Column("n", _("Leads")),
    Column("target", _("Target")),
    Column("non_target", _("Non-target")),
    Column("undecided", _("Not decided")),
    Column("untouched", _("Not decided: no touch yet")),
    Column("in_sla", _("Not decided: in time")),
    Column("overdue", _("Not decided: overdue")),
    Column("share", _("Non-target of all"), Format.SHARE),
    Column("share_low", _("Non-target of all: lower limit"), Format.SHARE),
    Column("share_high", _("Non-target of all: upper limit"), Format.SHARE),
    Column("share_of_decided", _("Non-target of decided"), Format.SHARE, of="decided"),
    Column("bound_low", _("Final share at least"), Format.SHARE),
    Column("bound_high", _("Final share at most"), Format.SHARE),
)
CRITERION_COLUMNS = (
    Column("criterion", _("Criterion"), Format.WORD),
    Column("n", _("Leads")),
    Column("failed", _("Failed")),
    Column("sole", _("Failed nothing else")),
    Column("fractional", _("Fractional"), Format.NUMBER),
    Column("assessed", _("Asked")),
)
CONTRAST_COLUMNS = (
    Column("criterion", _("Criterion"), Format.WORD),
    Column("n", _("Leads")),
    Column("failed", _("Failed")),
    Column("share", _("Share"), Format.SHARE),
    Column("difference", _("Against all others"), Format.POINTS),
    Column("difference_low", _("Against all others: lower limit"), Format.POINTS),
    Column("difference_high", _("Against all others: upper limit"), Format.POINTS),
    Column("p", _("p-value"), Format.NUMBER),
    Column("p_adjusted", _("p-value, corrected"), Format.NUMBER),
    Column("signal", _("Signal"), Format.WORD),
)
STEP_COLUMNS = (
    Column("milestone", _("Milestone"), Format.WORD),
    Column("n", _("Leads")),
    Column("reached", _("Reached it")),
    Column("previous", _("Reached the one before")),
    Column("touched", _("Were at it")),
    Column("went_on", _("Went on")),
    Column("lost", _("Lost here")),
    Column("open", _("Still open")),
    Column("won", _("Won here")),
    Column("step", _("Of the one before"), Format.SHARE, "previous"),
    Column("step_low", _("Of the one before: lower limit"), Format.SHARE, "previous"),
    Column("step_high", _("Of the one before: upper limit"), Format.SHARE, "previous"),
    Column("share", _("Of all leads"), Format.SHARE),
    Column("share_low", _("Of all leads: lower limit"), Format.SHARE),
    Column("share_high", _("Of all leads: upper limit"), Format.SHARE),
    Column("skip_rate", _("Skipped it"), Format.SHARE, "reached"),
)
DURATION_COLUMNS = (
    Column("milestone", _("Milestone"), Format.WORD),
    Column("n", _("Visits")),
    Column("over", _("Visits that ended")),
    Column("open", _("Still there")),
    Column("median", _("Median, days"), Format.NUMBER),
    Column("p90", _("90th percentile, days"), Format.NUMBER),
    Column("observed", _("Longest seen, days"), Format.NUMBER),
)
LOSS_COLUMNS = (
    Column("milestone", _("Milestone"), Format.WORD),
    Column("level", _("Laid out by"), Format.WORD),
    Column("code", _("Reason"), Format.WORD),
    Column("n", _("Reached it")),
    Column("lost", _("Lost for it")),
    Column("sole", _("Lost for nothing else")),
    Column("fractional", _("Fractional"), Format.NUMBER),
    Column("share", _("Of those that reached it"), Format.SHARE),
    Column("share_low", _("Of those that reached it: lower limit"), Format.SHARE),
    Column("share_high", _("Of those that reached it: upper limit"), Format.SHARE),
    Column("all_lost", _("Lost here")),
    Column("at_risk", _("At risk, still open")),
)
FLOW_COLUMNS = (
    Column("what", _("What happened"), Format.WORD),
    Column("milestone", _("Milestone"), Format.WORD),
    Column("count", _("How often")),
)
WIN_COLUMNS = (
    Column("won_closed", _("Won of the closed")),
    Column("closed", _("Closed within the period")),
    Column("win_closed", _("Won of the closed, share"), Format.SHARE, "closed"),
    Column("win_closed_low", _("Won of the closed: lower limit"), Format.SHARE, "closed"),
    Column("win_closed_high", _("Won of the closed: upper limit"), Format.SHARE, "closed"),
    Column("won", _("Won of the qualified")),
    Column("qualified", _("Came within the period and qualified")),
    Column("win_cohort", _("Won of the qualified, share"), Format.SHARE, "qualified"),
    Column("win_cohort_low", _("Won of the qualified: lower limit"), Format.SHARE, "qualified"),
    Column("win_cohort_high", _("Won of the qualified: upper limit"), Format.SHARE, "qualified"),
)
CONTROL_COLUMNS = (
    Column("n", _("Leads")),
    Column("non_target", _("Non-target")),
    Column("share", _("Non-target of all"), Format.SHARE),
    Column("centre", _("Mean of the base"), Format.SHARE),
    Column("limit_low", _("Usual wobble: from"), Format.SHARE),
    Column("limit_high", _("Usual wobble: to"), Format.SHARE),
    Column("mark", _("Signal"), Format.WORD),
    Column("standing", _("Judged"), Format.WORD),
    Column("later", _("Non-target at the second age")),
    Column("later_share", _("Non-target of all at the second age"), Format.SHARE),
    Column("definition", _("Definition")),
    Column("spread", _("Excess spread of the base"), Format.NUMBER),
    Column("widening", _("Limits widened by"), Format.NUMBER),
    Column("base_weeks", _("Weeks in the base")),
    Column("base_from", _("Base: first week"), Format.WORD),
    Column("base_to", _("Base: last week"), Format.WORD),
)
CHANGE_COLUMNS = (
    Column("criterion", _("Criterion"), Format.WORD),
    Column("n", _("Leads")),
    Column("failed", _("Failed")),
    Column("share", _("Share"), Format.SHARE),
    Column("before_n", _("Before: leads")),
    Column("before_failed", _("Before: failed")),
    Column("before_share", _("Before: share"), Format.SHARE),
    Column("difference", _("Against the period before"), Format.POINTS),
    Column("difference_low", _("Against the period before: lower limit"), Format.POINTS),
    Column("difference_high", _("Against the period before: upper limit"), Format.POINTS),
    Column("relative", _("Against the period before, as a part of it"), Format.SHARE),
    Column("word", _("In a word"), Format.WORD),
    Column("p", _("p-value"), Format.NUMBER),
    Column("p_adjusted", _("p-value, corrected"), Format.NUMBER),
    Column("signal", _("Signal"), Format.WORD),
)
MIX_COLUMNS = (
    Column("n_before", _("Leads before")),
    Column("non_target_before", _("Non-target before")),
    Column("weight_before", _("Part of the stream before"), Format.SHARE, of="all_before"),
    Column("share_before", _("Non-target share before"), Format.SHARE, of="n_before"),
    Column("n", _("Leads")),
    Column("non_target", _("Non-target")),
    Column("weight", _("Part of the stream"), Format.SHARE, of="all_after"),
    Column("share", _("Non-target share"), Format.SHARE),
    Column("mix", _("Of the change: mix"), Format.POINTS, of="smaller"),
    Column("rate", _("Of the change: quality"), Format.POINTS, of="smaller"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Key:
    """Which leads a row is about. `value` is what a drill-down asks for; `parts` identify the group to machines."""

    value: str
    label: str
    parts: Mapping[str, str | None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Row(Generic[Numbers_co]):
    """The numbers of one group. `is_mature` tells whether all its leads had their full age when they were counted."""

    key: Key
    numbers: Numbers_co
    is_mature: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Bridge:
    """From what arrived to what is counted. A test that is also a duplicate is a test."""

    received: int
    valid: int
    duplicate: int
    test: int

    def to_json(self) -> dict[str, int]:
        return {"received": self.received, "duplicate": self.duplicate, "test": self.test, "valid": self.valid}


@dataclass(frozen=True, slots=True, kw_only=True)
class DefinitionUsed:
    """The definition of "target" in force for the slice."""

    number: int
    effective_from_at: datetime

    def to_json(self) -> dict[str, Any]:
        return {"number": self.number, "effective_from": _instant(self.effective_from_at)}


@dataclass(frozen=True, slots=True, kw_only=True)
class Table(Generic[Numbers_co]):
    """The answer to a slice: rows, what they add up to, and all that is needed to ask again.

    `total` is counted over all leads of the slice, not added up from rows that are shares. `names` are the words for
    the criteria in the rows. `compared_with` is the other slice whose leads the rows count beside those of this one.
    """

    metric: str
    slice: Slice
    as_of: datetime
    columns: tuple[Column, ...]
    rows: tuple[Row[Numbers_co], ...]
    total: Quality
    bridge: Bridge
    group_by: GroupBy | None = None
    definition: DefinitionUsed | None = None
    is_mature: bool = True
    names: Mapping[str, str] = field(default_factory=dict)
    compared_with: Slice | None = None

    def to_json(self) -> dict[str, Any]:
        """Write everything as plain values."""
        return {
            "metric": self.metric,
            "as_of": _instant(self.as_of),
            "slice": _parameters(self.slice),
            "compared_with": _parameters(self.compared_with) if self.compared_with else None,
            "group_by": self.group_by.value if self.group_by else None,
            "definition": self.definition.to_json() if self.definition else None,
            "mature": self.is_mature,
            "bridge": self.bridge.to_json(),
            "names": dict(self.names),
            "rows": [self._row(row) for row in self.rows],
            "total": values_of(QUALITY_COLUMNS, self.total),
        }

    def to_csv(self) -> Iterator[list[str]]:
        """Write a heading and the rows as cells that a spreadsheet will not run."""
        lead = [self.group_by.value] if self.group_by else []
        yield [*lead, *(str(column.title) for column in self.columns)]
        for row in self.rows:
            label = [safe_cell(row.key.label)] if self.group_by else []
            yield [*label, *map(safe_cell, values_of(self.columns, row.numbers).values())]

    def _row(self, row: Row[Numbers_co]) -> dict[str, Any]:
        return {"key": dict(row.key.parts), "mature": row.is_mature, **values_of(self.columns, row.numbers)}


def safe_cell(value: Cell) -> str:
    """Write a value as a cell; an apostrophe goes before words that a spreadsheet would take for a formula."""
    if value is None:
        return ""
    if isinstance(value, str) and is_formula(value):
        return f"'{value}"
    return str(value)


def values_of(columns: Sequence[Column], numbers: object) -> dict[str, Cell]:
    """Read the value of each column."""
    return {column.code: getattr(numbers, column.code) for column in columns}


def _parameters(slice: Slice) -> dict[str, str | list[str]]:
    return {name: values if len(values) > 1 else values[0] for name, values in slice.to_query().items()}


def _instant(at: datetime) -> str:
    return at.astimezone(UTC).isoformat().replace("+00:00", "Z")
