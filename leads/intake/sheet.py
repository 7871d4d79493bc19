"""A spreadsheet file → rows of text with their line numbers. Nothing here knows what the columns mean."""

import csv
import io
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from crm.rules.errors import DomainError
from leads.intake import encoding as encodings
from leads.intake import xlsx
from leads.intake.cells import unguarded
from leads.intake.limits import MAXIMUM_BYTES, MAXIMUM_COLUMNS, MAXIMUM_ROWS, SheetRefused

DELIMITERS = (";", ",", "\t")
NUL = "\x00"

Record = tuple[int, list[str]]


@dataclass(frozen=True, slots=True)
class SheetRow:
    """One row: its line in the file, its cells as they are, and the same by column. `problem` says what is broken."""

    line: int
    cells: tuple[str, ...]
    values: dict[str, str]
    problem: DomainError | None = None


@dataclass(frozen=True, slots=True)
class Sheet:
    """A checked file. `rows()` may be called as often as needed; each call reads the file from its beginning."""

    kind: Literal["csv", "xlsx"]
    encoding: str
    delimiter: str
    header: tuple[str, ...]
    columns: tuple[str, ...]
    repeated: frozenset[str]
    count: int
    records: Callable[[], Iterator[Record]]
    page: str = ""
    pages: tuple[str, ...] = ()

    def rows(self) -> Iterator[SheetRow]:
        """Give the rows under the header, one by one; rows with nothing in them are no rows."""
        records = self.records()
        next(records)
        for line, cells in records:
            yield self._row(line, cells)

    def _row(self, line: int, cells: Sequence[str]) -> SheetRow:
        width = len(self.columns)
        # Excel writes a delimiter too many after the last column; only a cell with a value is one too many.
        extra = [(number, cell) for number, cell in enumerate(cells[width:], width + 1) if cell.strip()]
        values = dict(zip(self.columns, cells, strict=False))
        values.update({f"column {number}": cell for number, cell in extra})
        problem: DomainError | None = None
        if any(NUL in cell for cell in cells):
            problem = SheetRefused("nul_byte", _("The row contains a NUL byte, which no text has."))
            values = {name: value.replace(NUL, "") for name, value in values.items()}
        elif extra or len(cells) < width:
            message = format_lazy(
                _("The row has {got} cells where the header has {expected}."), got=len(cells), expected=width
            )
            problem = SheetRefused("ragged_row", message)
        return SheetRow(line, tuple(cells), values, problem)


def read(content: bytes, *, encoding_hint: str = "", encoding: str = "", delimiter: str = "", page: str = "") -> Sheet:
    """Check a CSV or XLSX file against the limits, tell its encoding and delimiter, and make its rows readable.

    What a person says is taken as it is: the encoding, the delimiter, which page of a workbook.
    """
    if len(content) > MAXIMUM_BYTES:
        message = format_lazy(
            _("The file is larger than {limit} MB. Split it into parts."), limit=MAXIMUM_BYTES // 1_000_000
        )
        raise SheetRefused("file_too_big", message)
    if xlsx.is_xlsx(content):
        workbook = xlsx.open_page(content, page)
        read_page = _sheet("xlsx", workbook.records, encoding="", delimiter="")
        return replace(read_page, page=workbook.page, pages=workbook.pages)
    xlsx.refuse_other_binary(content)
    encoding = encoding or encodings.detect(content, encoding_hint)
    text = encodings.decoded(content, encoding)
    found, skipped = _delimiter(text)
    used = delimiter or found
    return _sheet("csv", lambda: _csv_records(text, used, skipped), encoding=encoding, delimiter=used)


def _sheet(
    kind: Literal["csv", "xlsx"], records: Callable[[], Iterator[Record]], *, encoding: str, delimiter: str
) -> Sheet:
    """Read everything once, so that a file beyond the limits or broken at its end is refused before the first row."""
    reading = records()
    _line, header = next(reading, (0, []))
    if not any(name.strip() for name in header):
        raise SheetRefused("header_missing", _("The file is empty: its first row must name the columns."))
    if len(header) > MAXIMUM_COLUMNS:
        message = format_lazy(_("The file has more than {limit} columns."), limit=MAXIMUM_COLUMNS)
        raise SheetRefused("too_many_columns", message)
    count = 0
    for _record in reading:
        count += 1
        if count > MAXIMUM_ROWS:
            message = format_lazy(_("The file has more than {limit} rows. Split it into parts."), limit=MAXIMUM_ROWS)
            raise SheetRefused("too_many_rows", message)
    columns, repeated = _column_names(header)
    return Sheet(
        kind=kind,
        encoding=encoding,
        delimiter=delimiter,
        header=tuple(header),
        columns=columns,
        repeated=repeated,
        count=count,
        records=records,
    )


def plain_name(name: str) -> str:
    """Write a column's name the way both the file's header and the mapping are compared."""
    return " ".join(name.replace("\ufeff", "").split())


def _column_names(header: Sequence[str]) -> tuple[tuple[str, ...], frozenset[str]]:
    """Name every column: an unnamed one by its number, a repeated one with a number after the name."""
    names: list[str] = []
    seen: Counter[str] = Counter()
    for number, cell in enumerate(header, 1):
        name = plain_name(cell) or f"column {number}"
        seen[name] += 1
        names.append(name if seen[name] == 1 else f"{name} ({seen[name]})")
    return tuple(names), frozenset(name for name, times in seen.items() if times > 1)


def _delimiter(text: str) -> tuple[str, int]:
    """Take the delimiter that splits the header into most columns, or the one Excel's first line "sep=;" names."""
    first = text.lstrip("\r\n").split("\n", 1)[0].rstrip("\r")
    if first.lower().startswith("sep=") and first[4:] in DELIMITERS:
        return first[4:], 1

    return max(DELIMITERS, key=lambda delimiter: _header_width(text, delimiter)), 0


def _header_width(text: str, delimiter: str) -> int:
    try:
        return len(next(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter), []))
    except csv.Error:  # split by a delimiter that is not its own, a long header is one endless cell
        return 0


def _csv_records(text: str, delimiter: str, skipped: int) -> Iterator[Record]:
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    start = 1
    try:
        for cells in reader:
            if start > skipped and any(cell.strip() for cell in cells):
                yield start, [unguarded(cell) for cell in cells]
            last, start = start, reader.line_num + 1
    except csv.Error:
        raise _not_closed(start) from None
    if reader.line_num:
        _refuse_open_quote(text, delimiter, last)


def _refuse_open_quote(text: str, delimiter: str, line: int) -> None:
    """A quote that is never closed would swallow the rest of the file into one cell, in silence."""
    tail = list(io.StringIO(text, newline=""))[line - 1 :]
    if len(tail) < 2:
        return
    try:
        list(csv.reader(tail, delimiter=delimiter, strict=True))
    except csv.Error as error:
        if "unexpected end of data" in str(error):
            raise _not_closed(line) from None


def _not_closed(line: int) -> SheetRefused:
    return SheetRefused(
        "quote_not_closed", format_lazy(_("A quotation mark opened in line {line} is never closed."), line=line)
    )
