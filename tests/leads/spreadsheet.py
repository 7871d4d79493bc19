"""A spreadsheet for tests: few columns, a row in one line, and what came of it."""

import json
from datetime import UTC, datetime
from typing import Any

from leads.intake import mapping, sheet
from leads.models import (
    Assessment,
    AssessmentAnswer,
    Contact,
    Lead,
    OwnerChange,
    Sale,
    Source,
    Touch,
    Transition,
)
from leads.operations.imports import ImportReport, run_import
from tests.factories.funnels import Rules

AT = datetime(2026, 4, 1, 9, 0, tzinfo=UTC)
ARRIVED = datetime(2026, 3, 1, 21, 0, tzinfo=UTC)
HEADER = "id;src;name;phone;email;tag;won;created;touched;stage;lost;reason;note;sum;owner"
COLUMNS = {
    "external_id": "id",
    "source": "src",
    "name": "name",
    "phone": "phone",
    "email": "email",
    "tag": "tag",
    "won": "won",
    "created_at": "created",
    "first_touch_at": "touched",
    "stage": "stage",
    "lost_at": "lost",
    "lost_reason": "reason",
    "lost_note": "note",
    "amount": "sum",
    "owner": "owner",
}
TAGS = {
    "dead": {"fails": ["contact_valid"]},
    "poor": {"fails": ["budget", "need"]},
    "good": {"verdict": "target"},
    "stolen": {"verdict": "target", "lost": ["competitor"]},
    "ringing": {"touch": "no_answer"},
    "test": {"test": True},
    "": {},
}
DOCUMENT: dict[str, Any] = {"columns": COLUMNS, "tag_values": TAGS}


def import_rows(
    rules: Rules, *rows: str, document: dict[str, Any] | None = None, header: str = HEADER, **options: Any
) -> ImportReport:
    """Import a file of these rows."""
    content = "\n".join([header, *rows]).encode()
    return run_import(
        **{
            "sheet": sheet.read(content),
            "file_name": "leads.csv",
            "sha256": "0" * 64,
            "mapping": mapping.parse(json.dumps(document or DOCUMENT)),
            "funnel": rules.funnel,
            "by": None,
            "arrived_at": ARRIVED,
            "at": AT,
            **options,
        }
    )


def line(**cells: str) -> str:
    """Write a row by what its cells mean."""
    by_column = {COLUMNS[key]: value for key, value in cells.items()}
    return ";".join(by_column.get(name, "") for name in HEADER.split(";"))


def counts(report: ImportReport) -> tuple[int, int, int, int]:
    """Count the rows: created, recognised, duplicate, failed."""
    return report.created, report.recognised, report.duplicate, report.failed


def facts() -> list[int]:
    """Count everything an import may write."""
    models = (Lead, Contact, Assessment, AssessmentAnswer, Touch, Transition, Sale, OwnerChange, Source)
    return [model._default_manager.count() for model in models]
