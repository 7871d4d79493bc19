"""Files uploaded as the pages do it, and the work on them done as a worker does."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

from crm.models import User
from crm.operations import jobs
from leads.models import ImportDraft
from leads.operations.imports import background, drafts
from tests.factories.funnels import Rules

AT = datetime(2026, 4, 1, 9, 0, tzinfo=UTC)
HEADINGS = "id;name;phone;source;tag"


def rows(count: int) -> list[str]:
    return [f"{number};Анна {number};+79{number:09d};Fair;" for number in range(count)]


def prepared(rules: Rules, by: User, *lines: str, headings: str = HEADINGS, **told: Any) -> ImportDraft:
    draft = drafts.upload(
        **{
            "content": "\n".join([headings, *lines]).encode(),
            "file_name": "leads.csv",
            "request_id": uuid4(),
            "funnel": rules.funnel,
            "source": "",
            "arrived_at": AT - timedelta(days=1),
            "language": "en",
            "by": by,
            "at": AT,
        }
        | told
    )
    return drafts.say_columns(draft=draft, meanings=draft.column_meanings, empty_words=[], date_format="", at=AT)


def drained(draft: ImportDraft, *, times: int = 50) -> ImportDraft:
    for turn in range(1, times + 1):
        if not jobs.drain(at=AT + timedelta(seconds=turn), limit=1):
            break
    return ImportDraft.objects.get(pk=draft.pk)


def tried(draft: ImportDraft, by: User) -> ImportDraft:
    return drained(background.start_trial(draft=draft, by=by, at=AT))


def imported(draft: ImportDraft, by: User) -> ImportDraft:
    return drained(background.start(draft=tried(draft, by), by=by, at=AT))


def counts(draft: ImportDraft) -> tuple[int, ...]:
    return tuple(draft.totals[name] for name in ("created", "recognised", "duplicate", "failed"))
