"""The kept file of an import as a sheet, and its rows out of their parts."""

import json
import zlib
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from itertools import islice
from typing import cast

from leads.intake.mapping import compared
from leads.intake.sheet import Record, Sheet, SheetRow
from leads.models import ImportBatch, ImportDraft, ImportPart, Submission
from leads.rules.facts import SubmissionState

SAMPLES = 200
FIRST_ROWS = 8
Words = dict[str, dict[str, int]]


def sheet_of(*, draft: ImportDraft) -> Sheet:
    """Make a sheet of what is kept of a file."""

    def records() -> Iterator[Record]:
        yield 1, list(draft.header)
        for part in draft.parts.order_by("number").iterator(chunk_size=1):
            yield from ((line, cells) for line, _turn, cells in part_records(part=part))

    return Sheet(
        kind="xlsx" if draft.kind == "xlsx" else "csv",
        encoding=draft.encoding,
        delimiter=draft.delimiter,
        header=tuple(draft.header),
        columns=tuple(draft.columns),
        repeated=frozenset(),  # a person has seen both columns and said what each of them is
        count=draft.row_count,
        records=records,
        page=draft.page,
        pages=tuple(draft.pages),
    )


def part_records(*, part: ImportPart) -> Iterator[tuple[int, int, list[str]]]:
    """Unpack the rows of a part: line, turn, cells."""
    told = json.loads(zlib.decompress(bytes(part.rows)))
    return ((line, turn, cells) for line, turn, cells in cast("list[tuple[int, int, list[str]]]", told))


def samples(*, draft: ImportDraft) -> dict[str, list[str]]:
    """Read the first values of every column that say something."""
    found: dict[str, list[str]] = {name: [] for name in draft.columns}
    part = draft.parts.order_by("number").first()
    for _line, _turn, cells in list(part_records(part=part))[:SAMPLES] if part else ():
        for name, cell in zip(draft.columns, cells, strict=False):
            if cell.strip() and cell.strip() not in draft.empty_words:
                found[name].append(cell.strip())
    return found


def words_in(*, draft: ImportDraft, columns: Sequence[str]) -> Words:
    """Count the different words of columns, the most frequent first; case and spaces make no difference."""
    counts: dict[str, Counter[str]] = {name: Counter() for name in columns}
    spelled: dict[str, str] = {}
    places = {name: list(draft.columns).index(name) for name in columns}
    empty = {"", *draft.empty_words}
    rows = sheet_of(draft=draft).records()
    next(rows)  # the headings
    for _line, cells in rows:
        for name, place in places.items():
            word = cells[place].strip() if place < len(cells) else ""
            if word not in empty:
                counts[name][compared(word)] += 1
                spelled.setdefault(compared(word), " ".join(word.split()))
    return {name: {spelled[word]: count for word, count in counts[name].most_common()} for name in columns}


def headings_of(*, draft: ImportDraft) -> str:
    """Digest the headings of a file: the next file with these is read as this one was."""
    return sha256("\x1f".join(compared(name) for name in draft.columns).encode()).hexdigest()


def same_file_before(*, draft: ImportDraft) -> tuple[datetime, str] | None:
    """Tell when and by whom this very file was imported already, if it was and was not undone."""
    batch = (
        ImportBatch.objects.filter(sha256=draft.sha256, undone_at__isnull=True)
        .exclude(pk=draft.batch_id or 0)
        .select_related("started_by")
        .order_by("-started_at")
        .first()
    )
    return (batch.started_at, batch.started_by.name if batch.started_by else "") if batch else None


@dataclass(frozen=True, slots=True)
class Preview:
    """The first rows of a file as it is read now, and whether it was imported before."""

    columns: Sequence[str]
    rows: Sequence[tuple[int, Sequence[str]]]
    before: tuple[datetime, str] | None


def preview(*, draft: ImportDraft) -> Preview:
    """Read the first rows of a file."""
    rows = [(row.line, row.cells) for row in islice(sheet_of(draft=draft).rows(), FIRST_ROWS)]
    return Preview(columns=draft.columns, rows=rows, before=same_file_before(draft=draft))


def failed_rows_of(*, draft: ImportDraft) -> Iterator[SheetRow]:
    """Find the rows of a run that did not come in, as they are in the file."""
    failed = Submission.objects.filter(import_batch=draft.batch, state=SubmissionState.FAILED)
    lines = set(failed.values_list("row_number", flat=True))
    return (row for row in sheet_of(draft=draft).rows() if row.line in lines)
