"""What was said of a file, as the checked mapping every import goes by."""

from leads.intake import mapping
from leads.intake.mapping import ImportMapping
from leads.intake.told import document_of
from leads.models import ImportDraft


def mapping_of(*, draft: ImportDraft) -> ImportMapping:
    """Read the mapping of an import from what was said on its pages; raises MappingRefused."""
    return mapping.parse(
        mapping.dumped(
            document_of(
                columns=draft.column_meanings,
                words=draft.word_meanings,
                empty=draft.empty_words,
                date_format=draft.date_format,
                funnel=draft.funnel.code,
            )
        )
    )
