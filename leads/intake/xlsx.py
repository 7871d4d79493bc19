"""Excel workbooks: the zip directory and the cell addresses are checked before anything is unpacked into memory."""

import datetime as dt
import io
import re
import zipfile
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _
from python_calamine import CalamineError, CalamineSheet, CalamineWorkbook

from leads.intake.limits import (
    MAXIMUM_COLUMNS,
    MAXIMUM_GRID_CELLS,
    MAXIMUM_ROWS,
    MAXIMUM_UNPACKED_BYTES,
    SheetRefused,
)

ZIP = b"PK\x03\x04"
OLD_EXCEL = b"\xd0\xcf\x11\xe0"
OTHER_BINARY = (
    *(b"%PDF", b"\x1f\x8b", b"Rar!", b"7z\xbc\xaf"),
    *(b"\x89PNG", b"\xff\xd8\xff", b"GIF8", b"RIFF", b"II*\x00", b"MM\x00*"),  # pictures
)
MAXIMUM_PARTS = 2_000
CELL = re.compile(rb"<(?:\w+:)?c(?=[\s>])([^>]*[^/>])?>")  # an empty cell closes itself and takes no place
ADDRESS = re.compile(rb"""\br=["']([A-Z]{1,7})(\d{1,12})["']""")
LARGEST_EXACT_FLOAT = 2**53


def is_xlsx(content: bytes) -> bool:
    """Tell an Excel workbook from anything else by its bytes; another zip file is refused."""
    if not content.startswith(ZIP):
        return False
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            if "xl/workbook.xml" in archive.namelist():
                return True
    except (zipfile.BadZipFile, ValueError, NotImplementedError):
        raise _broken() from None
    raise SheetRefused("not_a_spreadsheet", _("This archive is not an Excel workbook. Give a .xlsx or .csv file."))


def refuse_other_binary(content: bytes) -> None:
    """Say what to do with a file that is neither a workbook nor a text."""
    if content.startswith(OLD_EXCEL):
        raise SheetRefused(
            "old_excel", _("This is the old Excel format, or a workbook with a password. Save it as .xlsx or .csv.")
        )
    if content.startswith(OTHER_BINARY):
        raise SheetRefused("not_a_spreadsheet", _("This file is not a spreadsheet. Give a .xlsx or .csv file."))


@dataclass(frozen=True, slots=True)
class Page:
    """One sheet of a workbook, readable as often as needed, and how all of them are called."""

    page: str
    pages: tuple[str, ...]
    records: Callable[[], Iterator[tuple[int, list[str]]]]


def open_page(content: bytes, name: str = "") -> Page:
    """Open a sheet of a workbook, the first unless one is named."""
    safe = _checked(content)
    try:
        workbook = CalamineWorkbook.from_filelike(safe)
        pages = tuple(workbook.sheet_names)
        chosen = name if name in pages else pages[0]
        sheet = workbook.get_sheet_by_name(chosen)
    except (CalamineError, OSError, IndexError):
        raise _broken() from None
    return Page(chosen, pages, lambda: _rows(sheet))


def _rows(sheet: CalamineSheet) -> Iterator[tuple[int, list[str]]]:
    # Row by row, for the whole of a large sheet would be a gigabyte of small objects; what is left of it is empty.
    left = [""] * (sheet.start[1] if sheet.start else 0)
    for line, cells in enumerate(sheet.iter_rows(), 1):
        texts = left + [_text(cell) for cell in cells]
        if any(text.strip() for text in texts):
            yield line, texts


def _text(cell: object) -> str:
    """Write a cell as a person would type it: whole numbers without ".0", times in ISO."""
    if isinstance(cell, bool):
        return "TRUE" if cell else "FALSE"
    if isinstance(cell, float) and cell.is_integer() and abs(cell) < LARGEST_EXACT_FLOAT:
        return str(int(cell))
    if isinstance(cell, dt.datetime):
        return cell.isoformat(sep=" ", timespec="seconds")
    if isinstance(cell, dt.date | dt.time):
        return cell.isoformat()
    return str(cell)


def _checked(content: bytes) -> io.BytesIO:
    """Check every part, and pack again just what was checked: a directory that lies about sizes reaches nobody."""
    checked = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as archive, zipfile.ZipFile(checked, "w") as safe:
        parts = archive.infolist()
        if len(parts) > MAXIMUM_PARTS or sum(part.file_size for part in parts) > MAXIMUM_UNPACKED_BYTES:
            message = format_lazy(
                _("The workbook is larger than {limit} MB when unpacked. Split it into parts."),
                limit=MAXIMUM_UNPACKED_BYTES // 1_000_000,
            )
            raise SheetRefused("file_too_big", message)
        if len({part.filename for part in parts}) < len(parts):
            raise _broken()
        for part in parts:
            body = _unpacked(archive, part)
            _check_part(part.filename, body)
            safe.writestr(part.filename, body)
    checked.seek(0)
    return checked


def _unpacked(archive: zipfile.ZipFile, part: zipfile.ZipInfo) -> bytes:
    try:
        return archive.read(part)
    except (zipfile.BadZipFile, zlib.error, ValueError, NotImplementedError, RuntimeError, EOFError):
        raise _broken() from None


def _check_part(name: str, body: bytes) -> None:
    if b"<!DOCTYPE" in body or b"<!ENTITY" in body:
        raise SheetRefused("not_a_spreadsheet", _("The workbook declares XML entities; it is not read."))
    if not name.startswith("xl/worksheets/") or not name.endswith(".xml"):
        return
    rows = columns = 0
    for cell in CELL.finditer(body):
        address = ADDRESS.search(cell[1] or b"")
        if address is None:
            raise SheetRefused(
                "not_a_spreadsheet", _("The workbook omits the addresses of cells. Open it in Excel and save it again.")
            )
        columns, rows = max(columns, _column_number(address[1])), max(rows, int(address[2]))
    _check_grid(rows, columns)


def _check_grid(rows: int, columns: int) -> None:
    if columns > MAXIMUM_COLUMNS:
        message = format_lazy(_("The file has more than {limit} columns."), limit=MAXIMUM_COLUMNS)
        raise SheetRefused("too_many_columns", message)
    if rows > MAXIMUM_ROWS + 1 or rows * columns > MAXIMUM_GRID_CELLS:
        message = format_lazy(_("The file has more than {limit} rows. Split it into parts."), limit=MAXIMUM_ROWS)
        raise SheetRefused("too_many_rows", message)


def _column_number(letters: bytes) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + letter - 64
    return number


def _broken() -> SheetRefused:
    return SheetRefused("not_a_spreadsheet", _("The workbook is damaged and cannot be read."))
