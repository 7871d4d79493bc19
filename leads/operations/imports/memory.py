"""What was said of a source's file is remembered for its next one."""

from datetime import datetime
from typing import Any

from leads.models import ImportDraft, ImportMemory
from leads.operations.imports.files import headings_of


def recall(*, draft: ImportDraft) -> bool:
    """Say of the columns what was said of the last file like this; tell whether there was one."""
    known = _known(draft)
    if known is None:
        return False
    draft.column_meanings = {name: known.column_meanings.get(name, "") for name in draft.columns}
    draft.empty_words, draft.date_format = known.empty_words, known.date_format
    return True


def words_recalled(*, draft: ImportDraft) -> dict[str, Any]:
    """Give what the words of the last file like this meant."""
    known = _known(draft)
    return dict(known.word_meanings) if known else {}


def remember(*, draft: ImportDraft, at: datetime) -> None:
    """Remember what a person said of a file."""
    before = words_recalled(draft=draft)
    words = {
        key: {**before.get(key, {}), **{word: _without_count(told) for word, told in said.items()}}
        for key, said in draft.word_meanings.items()
    }
    ImportMemory.objects.update_or_create(
        source=draft.source,
        funnel=draft.funnel,
        headings=headings_of(draft=draft),
        defaults={
            "column_meanings": draft.column_meanings,
            "word_meanings": before | words,
            "empty_words": draft.empty_words,
            "date_format": draft.date_format,
            "used_at": at,
        },
    )


def _without_count(told: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in told.items() if key != "count"}


def _known(draft: ImportDraft) -> ImportMemory | None:
    return ImportMemory.objects.filter(
        source=draft.source, funnel=draft.funnel, headings=headings_of(draft=draft)
    ).first()
