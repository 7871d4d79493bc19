"""The list of leads as a file. Nothing in it is executed by a spreadsheet, and phones stay what they are.

A text that begins as a formula would, and is not simply a number or a phone, gets an apostrophe before it in CSV; in
XLSX every text is written as a text and no formula can arise.
"""

import csv
import io
import re
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from typing import IO, Any

import xlsxwriter
from django.utils import timezone
from django.utils.translation import gettext as _

from crm.rules.formulas import is_formula
from funnels.rules.verdict import VERDICT_LABELS, Verdict
from leads.queries.presentation import LeadRow
from leads.rules.columns import COLUMNS

MOST_EXPORTED = 50_000
PLAIN_NUMBER = re.compile(r"^[+-]?\d+(?:[.,]\d+)?$")  # a phone +79172201408, a sum -15,5: a value, not an instruction
WIDTHS = {"came": 17, "touched": 17, "code": 36, "email": 28, "phone": 17, "company": 24, "stage": 20}
LONGEST_CELL = 32_767


def safe(text: str) -> str:
    """Write a text so that no spreadsheet takes it for a formula."""
    return f"'{text}" if is_formula(text) and not PLAIN_NUMBER.match(text) else text


def headings(columns: Sequence[str]) -> list[str]:
    """Name the columns of the file: who, what the person has chosen to see, how it ended and why it is non-target."""
    return [_("Lead"), *(str(COLUMNS[name]) for name in columns), _("Outcome"), _("Not met")]


def cells(row: LeadRow, columns: Sequence[str]) -> list[str | datetime]:
    """Write one lead as cells."""
    return [
        row.title,
        *(_cell(row, name) for name in columns),
        row.outcome_label,
        ", ".join(row.failed),
    ]


def to_csv(*, rows: Iterable[LeadRow], columns: Sequence[str], remark: str, into: IO[bytes]) -> None:
    """Write rows as CSV that Excel opens in Cyrillic; a remark, if there is one, is its last line."""
    text = io.TextIOWrapper(into, encoding="utf-8-sig", newline="", write_through=True)
    writer = csv.writer(text)
    writer.writerow([safe(heading) for heading in headings(columns)])
    for row in rows:
        writer.writerow([_plain(cell) for cell in cells(row, columns)])
    if remark:
        writer.writerow([remark])
    text.detach()


def to_xlsx(
    *, rows: Iterable[LeadRow], columns: Sequence[str], about: Sequence[tuple[str, str]], into: IO[bytes]
) -> None:
    """Write rows as a workbook: what was asked on the first sheet, the leads on the second, row by row to the disk."""
    book = xlsxwriter.Workbook(
        into,
        {
            "constant_memory": True,
            "strings_to_formulas": False,
            "strings_to_urls": False,
            "strings_to_numbers": False,
            "default_date_format": "yyyy-mm-dd hh:mm",
        },
    )
    bold = book.add_format({"bold": True})
    first = book.add_worksheet(_("Question"))
    first.set_column(0, 0, 24, bold)
    first.set_column(1, 1, 80)
    for number, (name, value) in enumerate(about):
        first.write_string(number, 0, name, bold)
        first.write_string(number, 1, value[:LONGEST_CELL])
    sheet = book.add_worksheet(_("Leads"))
    sheet.freeze_panes(1, 1)
    for number, name in enumerate(["", *columns, "", ""]):
        sheet.set_column(number, number, WIDTHS.get(name, 18))
    for number, heading in enumerate(headings(columns)):
        sheet.write_string(0, number, heading, bold)
    for number, row in enumerate(rows, start=1):
        for place, cell in enumerate(cells(row, columns)):
            if isinstance(cell, datetime):
                sheet.write_datetime(number, place, cell)
            elif cell:
                sheet.write_string(number, place, cell[:LONGEST_CELL])
    book.close()


def in_chunks(leads: Iterable[Any], size: int) -> Iterator[list[Any]]:
    """Take leads a few hundred at a time: what is shown of them is read for as many."""
    chunk: list[Any] = []
    for lead in leads:
        chunk.append(lead)
        if len(chunk) == size:
            yield chunk
            chunk = []
    if chunk:
        yield chunk


def _cell(row: LeadRow, name: str) -> str | datetime:
    told: dict[str, Any] = {
        "came": _local(row.received_at),
        "touched": _local(row.first_touch_at) if row.first_touch_at else "",
        "phone": ", ".join(phone.value for phone in row.contact.phones) if row.contact else "",
        "email": ", ".join(row.contact.emails) if row.contact else "",
        "company": row.contact.company if row.contact else "",
        "verdict": str(VERDICT_LABELS[Verdict(row.verdict.upper())]),
    }
    value: str | datetime = told[name] if name in told else getattr(row, name)
    return value


def _local(moment: datetime) -> datetime:
    return moment.astimezone(timezone.get_current_timezone()).replace(tzinfo=None, microsecond=0)


def _plain(cell: str | datetime) -> str:
    return cell.isoformat(" ", "minutes") if isinstance(cell, datetime) else safe(cell)
