"""A file is uploaded, and a person says how it is to be read and what its columns and words mean."""

import hashlib
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import IntegrityError, transaction
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from crm.models import User
from crm.operations.rights import require
from crm.rules.errors import DomainError
from crm.rules.permissions import Permission
from funnels.models import Funnel
from leads.intake import sheet as sheets
from leads.intake import xlsx
from leads.intake.guess import guess_columns
from leads.intake.limits import SheetRefused
from leads.intake.sheet import Sheet
from leads.intake.told import IGNORE, KEEP, LISTED
from leads.models import ImportDraft
from leads.operations.imports import memory
from leads.operations.imports.files import samples, words_in
from leads.operations.imports.parts import cut
from leads.operations.imports.run import LONGEST_FILE_NAME, ArrivalInTheFuture
from leads.operations.imports.words import propose
from leads.rules.imports import STARTED, ImportState

MOST_WORDS = 200
KNOWN_BY = ("phone", "email", "name", "company", "message", "external_id")


class FileHasNoRows(DomainError):
    """A file of nothing but headings."""

    def __init__(self) -> None:
        super().__init__("file_has_no_rows", _("The file has headings and no rows."), "file")


class ImportHasStarted(DomainError):
    """Changing what columns mean while rows come in."""

    def __init__(self) -> None:
        super().__init__("import_started", _("This import has started: what its columns mean cannot change now."))


class ColumnChosenTwice(DomainError):
    """Two columns that are said to hold the same."""

    def __init__(self, *, first: str, second: str) -> None:
        message = format_lazy(
            _("“{first}” and “{second}” cannot both be the same field. Keep one of them as it is."),
            first=first,
            second=second,
        )
        super().__init__("column_chosen_twice", message)


class NobodyToKnow(DomainError):
    """A file none of whose columns says who the people are."""

    def __init__(self) -> None:
        message = _("Say which column holds a phone, an e-mail, a name, a company, a message or an id.")
        super().__init__("nobody_to_know", message)


class TooManyWords(DomainError):
    """A column of free text said to be one of tags."""

    def __init__(self, *, column: str, count: int) -> None:
        message = format_lazy(
            _("“{column}” has {count} different values, more than {limit}: keep it as it is instead."),
            column=column,
            count=count,
            limit=MOST_WORDS,
        )
        super().__init__("too_many_words", message)


@dataclass(frozen=True, slots=True)
class Reading:
    """How a file is to be read; what is empty is told from the file."""

    encoding: str = ""
    delimiter: str = ""
    page: str = ""


@transaction.atomic
def upload(
    *,
    content: bytes,
    file_name: str,
    request_id: UUID,
    funnel: Funnel,
    source: str,
    arrived_at: datetime | None,
    language: str,
    by: User,
    at: datetime,
) -> ImportDraft:
    """Keep a file to be imported; the same form sent twice keeps it once."""
    require(by=by, permission=Permission.IMPORT_LEADS)
    if known := _uploaded(request_id, by):
        return known
    if arrived_at is not None and arrived_at > at:
        raise ArrivalInTheFuture
    sheet = _read(content, Reading())
    draft = ImportDraft(
        request_id=request_id,
        file_name=file_name[-LONGEST_FILE_NAME:],
        sha256=hashlib.sha256(content).hexdigest(),
        content=content,
        funnel=funnel,
        source=source,
        arrived_at=arrived_at or at,
        language=language,
        uploaded_at=at,
        uploaded_by=by,
    )
    try:
        with transaction.atomic():
            _keep(draft, sheet)
    except IntegrityError:
        if known := _uploaded(request_id, by):  # sent at the same moment
            return known
        raise
    return draft


def _uploaded(request_id: UUID, by: User) -> ImportDraft | None:
    return ImportDraft.objects.filter(request_id=request_id, uploaded_by=by).first()


@transaction.atomic
def read_as(*, draft: ImportDraft, reading: Reading) -> ImportDraft:
    """Read a file anew, in the encoding, with the delimiter, from the page a person names."""
    draft = editable(draft)
    if (draft.encoding, draft.delimiter, draft.page) != (reading.encoding, reading.delimiter, reading.page):
        _keep(draft, _read(bytes(draft.content or b""), reading))
    return draft


def _read(content: bytes, reading: Reading) -> Sheet:
    """Read a file; of a workbook the first page that has rows, unless one is named."""
    try:
        return _read_page(content, reading, reading.page)
    except (FileHasNoRows, SheetRefused) as refused:
        is_empty = isinstance(refused, FileHasNoRows) or refused.code == "header_missing"
        if reading.page or not is_empty or not xlsx.is_xlsx(content):
            raise
        for page in xlsx.open_page(content).pages[1:]:
            with suppress(FileHasNoRows, SheetRefused):
                return _read_page(content, reading, page)
        raise


def _read_page(content: bytes, reading: Reading, page: str) -> Sheet:
    sheet = sheets.read(content, encoding=reading.encoding, delimiter=reading.delimiter, page=page)
    if not sheet.count:
        raise FileHasNoRows
    return sheet


def _keep(draft: ImportDraft, sheet: Sheet) -> None:
    draft.kind, draft.encoding, draft.delimiter = sheet.kind, sheet.encoding, sheet.delimiter
    draft.page, draft.pages, draft.row_count = sheet.page, list(sheet.pages), sheet.count
    draft.header = [cell.replace(sheets.NUL, "") for cell in sheet.header]
    draft.columns = [name.replace(sheets.NUL, "") for name in sheet.columns]
    draft.word_meanings = {}
    draft.save()
    cut(draft=draft, sheet=sheet)
    if not memory.recall(draft=draft):
        guessed = guess_columns(draft.columns, samples(draft=draft))
        draft.column_meanings = {name: guessed.get(name, KEEP) for name in draft.columns}
    draft.save()


@transaction.atomic
def say_columns(
    *, draft: ImportDraft, meanings: Mapping[str, str], empty_words: Sequence[str], date_format: str, at: datetime
) -> ImportDraft:
    """Say what each column holds; then the words of those that are read by words are gathered, with a guess each."""
    draft = editable(draft)
    chosen: dict[str, str] = {}
    for column, key in meanings.items():
        if key not in (KEEP, IGNORE) and key in chosen:
            raise ColumnChosenTwice(first=chosen[key], second=column)
        chosen[key] = column
    if not set(KNOWN_BY) & set(chosen):
        raise NobodyToKnow
    draft.column_meanings, draft.date_format = dict(meanings), date_format
    draft.empty_words = list(dict.fromkeys(empty_words))
    columns = {key: chosen[key] for key in LISTED if key in chosen}
    words = words_in(draft=draft, columns=list(columns.values()))
    for column, found in words.items():
        if len(found) > MOST_WORDS:
            raise TooManyWords(column=column, count=len(found))
    told = {**memory.words_recalled(draft=draft), **_settled(draft)}
    draft.word_meanings = propose(
        draft=draft, words={key: words[column] for key, column in columns.items()}, told=told, at=at
    )
    draft.save()
    return draft


def _settled(draft: ImportDraft) -> dict[str, Any]:
    """Keep what was said of words before somebody went back to the columns."""
    return {key: dict(words) for key, words in draft.word_meanings.items()}


@transaction.atomic
def say_words(*, draft: ImportDraft, told: Mapping[str, Mapping[str, Mapping[str, Any]]]) -> ImportDraft:
    """Say what the words of the file mean."""
    draft = editable(draft)
    draft.word_meanings = {
        key: {word: {**known, **told.get(key, {}).get(word, {})} for word, known in words.items()}
        for key, words in draft.word_meanings.items()
    }
    draft.save()
    return draft


@transaction.atomic
def discard(*, draft: ImportDraft) -> None:
    """Forget a file that was not imported."""
    editable(draft).delete()


def editable(draft: ImportDraft) -> ImportDraft:
    """Hold an import that has not begun; what was checked before has to be checked again."""
    held = ImportDraft.objects.defer("content").select_for_update().get(pk=draft.pk)
    if held.state in STARTED:
        raise ImportHasStarted
    held.state = ImportState.PREPARED
    held.attempt += 1
    return held
