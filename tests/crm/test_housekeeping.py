"""What is forgotten when it is old, what never is, and how little at a time."""

import os
import signal
import threading
from datetime import datetime, timedelta
from io import StringIO
from itertools import pairwise

import pytest
from axes.models import AccessAttempt, AccessLog
from celery import current_app
from django.conf import settings as django_settings
from django.contrib.sessions.models import Session
from django.core.management import call_command
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from crm.models import Event, IdempotentAnswer, OutboxMessage, WebhookAttempt, WebhookDelivery, WebhookEndpoint
from crm.operations import events, housekeeping
from crm.operations.housekeeping import tidy
from crm.rules.events import EventType
from crm.rules.webhooks import DeliveryState

pytestmark = pytest.mark.django_db

on_postgresql = pytest.mark.skipif(
    "postgresql" not in django_settings.DATABASES["default"]["ENGINE"], reason="SQLite has one writer at a time"
)
MINUTE, DAY = timedelta(minutes=1), timedelta(days=1)


def answer(at: datetime, key: str = "k-1") -> IdempotentAnswer:
    return IdempotentAnswer.objects.create(
        caller="key:1", method="POST", path="/api/v1/leads", key=key, fingerprint="f", status=201, created_at=at
    )


def work(at: datetime, **changes: datetime) -> OutboxMessage:
    return OutboxMessage.objects.create(name="work", created_at=at, due_at=at, **changes)


def delivery(at: datetime, state: DeliveryState = DeliveryState.DELIVERED) -> WebhookDelivery:
    """Make a delivery that was tried and ended at a time."""
    number = WebhookDelivery.objects.count()
    one = WebhookDelivery.objects.create(
        endpoint=WebhookEndpoint.objects.get_or_create(url="https://example.com", defaults={"created_at": at})[0],
        message_id=f"evt_{number}",
        state=state,
        due_at=at,
        done_at=None if state == DeliveryState.WAITING else at,
        created_at=at,
    )
    WebhookAttempt.objects.create(delivery=one, at=at, status=500)
    return one


def test_answers_to_keys_are_forgotten_after_a_week(at: datetime) -> None:
    answer(at - 7 * DAY - MINUTE, "old")
    answer(at - 7 * DAY + MINUTE, "young")
    assert tidy(at=at) == 1
    assert IdempotentAnswer.objects.get().key == "young"


def test_done_work_is_forgotten_after_thirty_days(at: datetime) -> None:
    work(at - 90 * DAY, done_at=at - 30 * DAY - MINUTE)
    young = work(at - 90 * DAY, done_at=at - 30 * DAY + MINUTE)
    assert tidy(at=at) == 1
    assert OutboxMessage.objects.get() == young


def test_work_that_failed_or_waits_is_never_forgotten(at: datetime) -> None:
    work(at - 900 * DAY, failed_at=at - 900 * DAY)
    work(at - 900 * DAY)
    assert tidy(at=at) == 0
    assert OutboxMessage.objects.count() == 2


def test_deliveries_and_their_tries_are_forgotten_after_thirty_days(at: datetime) -> None:
    delivery(at - 30 * DAY - MINUTE)
    young = delivery(at - 30 * DAY + MINUTE)
    assert tidy(at=at) == 2
    assert WebhookDelivery.objects.get() == young
    assert WebhookAttempt.objects.get().delivery == young


@pytest.mark.parametrize("state", [DeliveryState.FAILED, DeliveryState.WAITING])
def test_what_no_receiver_took_stays_without_its_old_tries(state: DeliveryState, at: datetime) -> None:
    kept = delivery(at - 900 * DAY, state)
    assert tidy(at=at) == 1
    assert WebhookDelivery.objects.get() == kept
    assert not WebhookAttempt.objects.exists()


def test_sessions_that_are_over_are_forgotten(at: datetime) -> None:
    for key, until in (("over", at - MINUTE), ("good", at + MINUTE)):
        Session.objects.create(session_key=key, session_data="", expire_date=until)
    assert tidy(at=at) == 1
    assert Session.objects.get().pk == "good"


@pytest.mark.parametrize("log", [AccessAttempt, AccessLog])
def test_who_signed_in_from_where_is_forgotten_after_thirty_days(
    log: type[AccessAttempt | AccessLog], at: datetime
) -> None:
    said = {"failures_since_start": 1} if log is AccessAttempt else {}
    for age in (30 * DAY + MINUTE, 30 * DAY - MINUTE):
        row = log.objects.create(username="anna@example.com", ip_address="192.0.2.1", user_agent=str(age), **said)
        log.objects.filter(pk=row.pk).update(attempt_time=at - age)
    assert tidy(at=at) == 1
    assert log.objects.get().attempt_time == at - 30 * DAY + MINUTE


def test_events_stay(at: datetime) -> None:
    ago = at - 900 * DAY
    event = events.record(type=EventType.WON, lead="ld_1", source="google", data={}, occurred_at=ago, at=ago)
    told = delivery(ago)
    WebhookDelivery.objects.filter(pk=told.pk).update(event=event)
    tidy(at=at)
    assert Event.objects.get() == event
    assert not WebhookDelivery.objects.exists()


def test_only_so_much_is_forgotten_at_once_the_oldest_first(at: datetime, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(housekeeping, "BATCH", 2)
    monkeypatch.setattr(housekeeping, "MOST_BATCHES", 2)
    for number in range(5):
        answer(at - 10 * DAY + number * MINUTE, f"k-{number}")
        work(at - 90 * DAY, done_at=at - 60 * DAY)
    assert tidy(at=at) == 8
    assert IdempotentAnswer.objects.get().key == "k-4"
    assert tidy(at=at) == 2
    assert not OutboxMessage.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_each_batch_is_a_transaction_of_its_own(at: datetime, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(housekeeping, "BATCH", 2)
    for number in range(5):
        answer(at - 10 * DAY, f"k-{number}")
    with CaptureQueriesContext(connection) as queries:
        tidy(at=at)
    told = [query["sql"] for query in queries]
    deleted = [place for place, sql in enumerate(told) if sql.startswith("DELETE")]
    assert len(deleted) == 3
    assert all("COMMIT" in told[first:second] for first, second in pairwise(deleted))


@on_postgresql
@pytest.mark.django_db(transaction=True)
def test_what_somebody_is_sending_once_more_is_passed_over(at: datetime) -> None:
    again = delivery(at - 60 * DAY)
    delivery(at - 60 * DAY)
    WebhookAttempt.objects.all().delete()
    tidied = []

    def tidy_meanwhile() -> None:
        try:
            tidied.append(tidy(at=at))
        finally:
            connection.close()

    with transaction.atomic():
        WebhookDelivery.objects.select_for_update(no_key=True).get(pk=again.pk)
        thread = threading.Thread(target=tidy_meanwhile)
        thread.start()
        thread.join(10)
        assert tidied == [1]
        WebhookDelivery.objects.filter(pk=again.pk).update(state=DeliveryState.WAITING, done_at=None)
    assert tidy(at=at) == 0
    assert WebhookDelivery.objects.get() == again


def test_beat_tidies_every_hour(at: datetime) -> None:
    answer(timezone.now() - 8 * DAY)
    entry = django_settings.CELERY_BEAT_SCHEDULE["tidy"]
    assert (entry["schedule"].hour, len(entry["schedule"].minute)) == (set(range(24)), 1)
    current_app.tasks[entry["task"]].apply(throw=True)
    assert not IdempotentAnswer.objects.exists()


@pytest.mark.django_db(transaction=True)  # the loop drops its connection between rounds
def test_without_celery_the_loop_tidies_and_not_at_every_round(monkeypatch: pytest.MonkeyPatch) -> None:
    tidied: list[datetime] = []
    rounds: list[int] = []

    def drain(**options: object) -> int:
        rounds.append(1)
        if len(rounds) == 3:
            os.kill(os.getpid(), signal.SIGTERM)
        return 1

    monkeypatch.setattr("crm.operations.jobs.drain", drain)
    monkeypatch.setattr(housekeeping, "tidy", lambda *, at: tidied.append(at))
    before = {number: signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGINT)}
    try:
        call_command("drain", loop=True, stdout=StringIO())
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
    assert (len(rounds), len(tidied)) == (3, 1)
