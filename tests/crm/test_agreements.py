"""A process remembers what is agreed on until somebody, anywhere, changes it."""

from datetime import datetime
from uuid import uuid4

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from crm.models import Agreements
from crm.operations import agreements, keys, settings
from crm.queries.agreements import Memory, asked_once, memory, remembered
from crm.queries.keys import key_of
from crm.queries.organisation import settings_history

pytestmark = pytest.mark.django_db(transaction=True)


def issue(at: datetime) -> str:
    return keys.issue(name="Site", scopes=["leads:write"], by=None, at=at).token


def test_what_was_read_is_remembered_while_nothing_changes(at: datetime) -> None:
    token = issue(at)
    assert key_of(token=token, at=at, memory=memory()) is not None
    with CaptureQueriesContext(connection) as asked:
        assert key_of(token=token, at=at, memory=memory()) is not None
    assert len(asked) == 1  # whether anything has changed


def test_a_key_taken_back_opens_nothing_from_the_next_request_on(at: datetime) -> None:
    token = issue(at)
    key = key_of(token=token, at=at, memory=memory())
    assert key is not None
    keys.revoke(key=key, by=None, at=at)
    assert key_of(token=token, at=at, memory=memory()) is None


def test_a_change_of_settings_is_seen_at_once(at: datetime) -> None:
    issue(at)
    before = len(memory().once(settings_history).versions)
    settings.change(by=None, at=at, duplicate_window_days=3)
    assert len(memory().once(settings_history).versions) == before + 1


def test_a_change_that_is_taken_back_changes_nothing(at: datetime) -> None:
    issue(at)
    stamp = memory().stamp
    with transaction.atomic():
        settings.change(by=None, at=at, duplicate_window_days=3)
        assert memory().stamp != stamp
        transaction.set_rollback(True)
    assert memory().stamp == stamp


def test_inside_a_transaction_and_of_what_was_not_found_nothing_is_remembered(at: datetime) -> None:
    issue(at)
    known = memory()
    with transaction.atomic():
        assert known.once(_count) == 1
        Agreements.objects.all().delete()
        assert known.once(_count) is None
        transaction.set_rollback(True)
    assert known.once(_count) == 1


def test_without_a_stamp_nothing_is_shared() -> None:
    Agreements.objects.all().delete()
    assert memory() is not memory()
    assert isinstance(memory(), Memory)


def test_every_change_of_an_agreement_is_audited_too(at: datetime) -> None:
    made = keys.issue(name="Site", scopes=["leads:write"], by=None, at=at).key
    before = memory().stamp
    event = agreements.record(action="key.test", obj=made, by=None, at=at)
    assert event.object_id == str(made.pk)
    assert memory().stamp != before


def _count() -> int | None:
    return Agreements.objects.count() or None


def test_one_request_asks_but_once_what_is_in_force(at: datetime) -> None:
    issue(at)
    with asked_once(), CaptureQueriesContext(connection) as asked:
        for _time in range(3):
            remembered().once(settings_history)
    assert sum("crm_agreements" in one["sql"] for one in asked) == 1
    assert sum("crm_organisationsettings" in one["sql"] for one in asked) <= 1


def test_what_a_request_changes_it_sees_itself(at: datetime) -> None:
    issue(at)
    with asked_once():
        before = len(remembered().once(settings_history).versions)
        settings.change(by=None, at=at, duplicate_window_days=3)
        assert len(remembered().once(settings_history).versions) == before + 1


def test_the_next_request_sees_what_another_process_has_changed(at: datetime) -> None:
    issue(at)
    with asked_once():
        remembered().once(settings_history)
    Agreements.objects.update(stamp=uuid4())
    with asked_once(), CaptureQueriesContext(connection) as asked:
        remembered().once(settings_history)
    assert sum("crm_organisationsettings" in one["sql"] for one in asked) == 1
