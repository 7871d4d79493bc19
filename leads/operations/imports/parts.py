"""The rows of a file, cut into parts that are packed, tried and taken in one at a time."""

import json
import zlib
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import islice
from typing import Any, cast

from leads.intake.sheet import Record, Sheet, SheetRow
from leads.models import ImportDraft, ImportPart
from leads.operations.imports.files import part_records, sheet_of
from leads.operations.imports.taking import content_digest

ROWS = 500
TOGETHER = 10  # parts written by one statement: flat memory however long the file is
COUNTED = ("created", "recognised", "duplicate", "failed", "won_and_lost", "unread_phones", "unread_emails")


def cut(*, draft: ImportDraft, sheet: Sheet) -> None:
    """Keep the rows of a file in parts, each row with its turn among the rows that say the same."""
    draft.parts.all().delete()
    turns: Counter[bytes] = Counter()
    packed = _packed(draft, sheet, turns)
    while together := list(islice(packed, TOGETHER)):
        ImportPart.objects.bulk_create(together)


def _packed(draft: ImportDraft, sheet: Sheet, turns: Counter[bytes]) -> Iterator[ImportPart]:
    rows = sheet.rows()
    number = 0
    while chunk := list(islice(rows, ROWS)):
        number += 1
        told = [(row.line, _turn(row, turns), row.cells) for row in chunk]
        yield ImportPart(draft=draft, number=number, row_count=len(chunk), rows=pack(told))


def _turn(row: SheetRow, turns: Counter[bytes]) -> int:
    name = content_digest(row).digest()
    turns[name] += 1
    return turns[name]


def pack(told: Sequence[tuple[int, int, Sequence[str]]]) -> bytes:
    """Pack rows as small as quickly may be."""
    return zlib.compress(json.dumps(told, ensure_ascii=False, separators=(",", ":")).encode(), level=3)


def rows_of(*, draft: ImportDraft, part: ImportPart) -> tuple[list[SheetRow], dict[int, int]]:
    """Unpack the rows of a part, and by line their turns."""
    told = list(part_records(part=part))

    def records() -> Iterator[Record]:
        yield 1, list(cast("list[str]", draft.header))
        yield from ((line, cells) for line, _turn, cells in told)

    sheet = replace(sheet_of(draft=draft), records=records)
    return list(sheet.rows()), {line: turn for line, turn, _cells in told}


def empty_totals() -> dict[str, Any]:
    """Begin a count of what becomes of rows."""
    return {**dict.fromkeys((*COUNTED, "rows"), 0), "kinds": [], "first": []}
