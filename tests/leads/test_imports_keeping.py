"""Files of imports are forgotten in time."""

from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
from django.conf import LazySettings

from crm.models import User
from crm.operations import housekeeping
from leads.models import ImportDraft, ImportPart, Lead
from leads.operations.imports import background, drafts
from leads.rules.imports import DRAFT_KEPT_FOR, FILE_KEPT_FOR
from tests.factories.funnels import make_rules

pytestmark = pytest.mark.django_db

AT = datetime(2026, 4, 1, 9, 0, tzinfo=UTC)
SECOND = timedelta(seconds=1)


@pytest.fixture
def draft(admin: User, settings: LazySettings) -> ImportDraft:
    settings.REDIS_URL = ""
    draft = drafts.upload(
        content="Имя;Дата\nАнна;\nПётр;никогда".encode(),
        file_name="leads.csv",
        request_id=uuid4(),
        funnel=make_rules().funnel,
        source="",
        arrived_at=None,
        language="en",
        by=admin,
        at=AT,
    )
    return drafts.say_columns(draft=draft, meanings=draft.column_meanings, empty_words=[], date_format="", at=AT)


def test_a_file_nobody_imported_is_forgotten_after_a_week(draft: ImportDraft) -> None:
    housekeeping.tidy(at=AT + DRAFT_KEPT_FOR)
    assert ImportDraft.objects.exists()
    housekeeping.tidy(at=AT + DRAFT_KEPT_FOR + SECOND)
    assert not ImportDraft.objects.exists()
    assert not ImportPart.objects.exists()


def test_an_imported_file_is_forgotten_after_a_month_and_its_counts_are_not(draft: ImportDraft, admin: User) -> None:
    background.carry_on(draft=background.start_trial(draft=draft, by=admin, at=AT), at=AT)
    background.carry_on(draft=background.start(draft=draft, by=admin, at=AT), at=AT)
    housekeeping.tidy(at=AT + FILE_KEPT_FOR)
    assert ImportPart.objects.exists()
    housekeeping.tidy(at=AT + FILE_KEPT_FOR + SECOND)
    assert not ImportPart.objects.exists()
    kept = ImportDraft.objects.get()
    assert (kept.content, kept.totals["created"], kept.totals["first"]) == (None, 1, [])
    assert Lead.objects.count() == 1
