"""Rows that did not come in, as a file of the very form they came in: to be corrected and given again."""

import csv
import io
from collections.abc import Iterable

import xlsxwriter

from leads.intake.cells import guarded
from leads.intake.sheet import Sheet, SheetRow


def write(sheet: Sheet, rows: Iterable[SheetRow]) -> bytes:
    """Write rows under the header of their file, in its format, encoding and delimiter."""
    lines = [sheet.header, *(row.cells for row in rows)]
    return _xlsx(lines) if sheet.kind == "xlsx" else _csv(lines, sheet)


def _csv(lines: Iterable[Iterable[str]], sheet: Sheet) -> bytes:
    target = io.StringIO(newline="")
    csv.writer(target, delimiter=sheet.delimiter).writerows([guarded(cell) for cell in line] for line in lines)
    return target.getvalue().encode(sheet.encoding)


def _xlsx(lines: Iterable[Iterable[str]]) -> bytes:
    target = io.BytesIO()
    book = xlsxwriter.Workbook(target, {"in_memory": True})
    page = book.add_worksheet()
    for row, cells in enumerate(lines):
        for column, text in enumerate(cells):
            page.write_string(row, column, text)
    book.close()
    return target.getvalue()
