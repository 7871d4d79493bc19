"""What has had its time is forgotten a little at a time; what failed, and what is young, stays."""

from datetime import datetime, timedelta

import pytest

from crm.models import OutboxMessage
from crm.operations import housekeeping
from crm.operations.housekeeping import tidy

MONTH = timedelta(days=30)

pytestmark = pytest.mark.django_db


def message(at: datetime, **state: datetime) -> OutboxMessage:
    return OutboxMessage.objects.create(name="test", created_at=at, due_at=at, **state)


def test_done_work_is_forgotten_after_a_month_and_nothing_else(at: datetime) -> None:
    message(at, done_at=at)
    kept = [message(at), message(at, failed_at=at), message(at, done_at=at + timedelta(seconds=2))]
    assert tidy(at=at + MONTH) == 0
    assert tidy(at=at + MONTH + timedelta(seconds=1)) == 1
    assert list(OutboxMessage.objects.order_by("pk")) == kept


def test_a_round_is_bounded_and_the_next_goes_on(at: datetime, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(housekeeping, "AT_ONCE", 2)
    for _number in range(3):
        message(at, done_at=at)
    later = at + 2 * MONTH
    assert [tidy(at=later) for _round in range(3)] == [2, 1, 0]
