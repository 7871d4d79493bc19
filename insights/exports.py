"""Tables of the board as a workbook: the question in words on the first sheet, the numbers on one sheet a table.

Every text is written as a text, so that no formula can arise; every number as a number that can be calculated with.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import IO, Any

import xlsxwriter
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from xlsxwriter.format import Format as Look
from xlsxwriter.worksheet import Worksheet

from crm.rules import formats
from insights.rules.columns import Cell, Column, Format
from insights.rules.table import Row, Table

LONGEST_CELL = 32_767
LOOKS = {
    Format.COUNT: "#,##0",
    Format.SHARE: "0.0%",
    Format.POINTS: "+0.0;-0.0;0.0",
    Format.NUMBER: "0.0###",
    Format.WORD: "@",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Sheet:
    """A table under a name; `heading` names its groups."""

    name: str
    heading: str
    table: Table[Any]


def to_xlsx(*, sheets: Sequence[Sheet], about: Sequence[tuple[str, str]], into: IO[bytes]) -> None:
    """Write tables as a workbook; `about` are the lines of its first sheet.

    A share of fewer leads than may be said as one is left empty, as the page does; its counts stand beside it.
    """
    book = xlsxwriter.Workbook(
        into,
        {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False},
    )
    bold, wrapped = book.add_format({"bold": True, "valign": "top"}), book.add_format({"text_wrap": True})
    first = book.add_worksheet(_("Question"))
    first.set_column(0, 0, 30, bold)
    first.set_column(1, 1, 100, wrapped)
    for number, (name, value) in enumerate(about):
        first.write_string(number, 0, name, bold)
        first.write_string(number, 1, value[:LONGEST_CELL], wrapped)
    looks = {format: book.add_format({"num_format": look}) for format, look in LOOKS.items()}
    for sheet in sheets:
        _numbers(book.add_worksheet(capfirst(sheet.name)), sheet.table, sheet.heading, bold, looks)
    book.close()


def _numbers(sheet: Worksheet, table: Table[Any], heading: str, bold: Look, looks: dict[Format, Look]) -> None:
    lead = 1 if table.group_by else 0
    sheet.freeze_panes(1, lead)
    sheet.set_column(0, 0, 28)
    sheet.set_column(1, lead + len(table.columns), 16)
    if lead:
        sheet.write_string(0, 0, heading, bold)
    for place, column in enumerate(table.columns, start=lead):
        sheet.write_string(0, place, title_of(column), bold)
    for number, row in enumerate(table.rows, start=1):
        if lead:
            sheet.write_string(number, 0, row.key.label[:LONGEST_CELL])
        for place, (column, value) in enumerate(shown(table, row), start=lead):
            if isinstance(value, str):
                sheet.write_string(number, place, value[:LONGEST_CELL])
            elif value is not None:
                sheet.write_number(number, place, value, looks[column.format])


def title_of(column: Column) -> str:
    """Name a column; one of differences also says its unit, since a cell holds the number alone."""
    if column.format is Format.POINTS:
        return _("%(title)s, percentage points") % {"title": column.title}
    return str(column.title)


def shown(table: Table[Any], row: Row[Any]) -> list[tuple[Column, Cell]]:
    """Read the values of a row as they may be shown: in words, differences in points, no share of few leads."""
    return [
        (column, _shown(column, value, column.size(row.numbers)))
        for column, value in zip(table.columns, table.in_words(row), strict=True)
    ]


def _shown(column: Column, value: Cell, size: int | None) -> Cell:
    if value is None or isinstance(value, str):
        return value
    if size is not None and formats.is_few(size):
        return None
    return 100 * float(value) if column.format is Format.POINTS else value
