"""One table for the page, the chart, the JSON and the file: they cannot disagree."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Generic, TypeVar

from crm.rules.formulas import is_formula
from insights.rules.columns import Cell, Column, values_of
from insights.rules.quality import QUALITY_COLUMNS, Quality
from insights.rules.slice import GroupBy, Slice

Numbers_co = TypeVar("Numbers_co", covariant=True)


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
    the codes of the company's own in the rows. `compared_with` is the other slice whose leads the rows count beside
    those of this one.
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
        """Write a heading and the rows, codes as words, as cells that a spreadsheet will not run."""
        lead = [self.group_by.value] if self.group_by else []
        yield [*lead, *(str(column.title) for column in self.columns)]
        for row in self.rows:
            label = [safe_cell(row.key.label)] if self.group_by else []
            yield [*label, *map(safe_cell, self.in_words(row))]

    def in_words(self, row: Row[Numbers_co]) -> list[Cell]:
        """Read the values of a row as people read them; programs are given the codes."""
        values = values_of(self.columns, row.numbers).values()
        return [self._word(column, value) for column, value in zip(self.columns, values, strict=True)]

    def _word(self, column: Column, value: Cell) -> Cell:
        if not isinstance(value, str):
            return value
        return str(column.words.get(value, value)) if column.words else self.names.get(value, str(value))

    def _row(self, row: Row[Numbers_co]) -> dict[str, Any]:
        return {"key": dict(row.key.parts), "mature": row.is_mature, **values_of(self.columns, row.numbers)}


def safe_cell(value: Cell) -> str:
    """Write a value as a cell; an apostrophe goes before words that a spreadsheet would take for a formula."""
    if value is None:
        return ""
    if isinstance(value, str) and is_formula(value):
        return f"'{value}"
    return str(value)


def _parameters(slice: Slice) -> dict[str, str | list[str]]:
    return {name: values if len(values) > 1 else values[0] for name, values in slice.to_query().items()}


def _instant(at: datetime) -> str:
    return at.astimezone(UTC).isoformat().replace("+00:00", "Z")
