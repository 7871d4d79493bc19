"""The feed of events: what is recorded is numbered after the commit, in an order no reader can miss anything by."""

import threading
from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from django.conf import LazySettings
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from crm.models import Event, EventHead
from crm.operations import events, jobs
from crm.rules.events import EventType

pytestmark = pytest.mark.django_db

needs_real_locks = pytest.mark.skipif("connection.vendor == 'sqlite'", reason="one writer at a time on SQLite")


def record(at: datetime, lead: str = "ld_1", source: str = "google", type: EventType = EventType.RECEIVED) -> Event:
    return events.record(type=type, lead=lead, source=source, data={"channel": "api"}, occurred_at=at, at=at)


def numbers() -> list[int | None]:
    return list(Event.objects.order_by("id").values_list("number", flat=True))


def test_a_drain_numbers_what_was_recorded_without_a_gap(at: datetime) -> None:
    for _time in range(3):
        record(at)
    jobs.drain(at=at)
    record(at)
    jobs.drain(at=at)
    assert numbers() == [1, 2, 3, 4]
    assert EventHead.objects.get().last_number == 4


def test_what_is_rolled_back_leaves_no_gap(at: datetime) -> None:
    record(at)
    with transaction.atomic():
        record(at)
        transaction.set_rollback(True)
    record(at)
    record(at)
    with transaction.atomic():
        record(at)
        transaction.set_rollback(True)
    record(at)
    events.publish(at=at)
    assert numbers() == [1, 2, 3, 4]


@pytest.mark.django_db(transaction=True)
def test_without_a_broker_events_are_published_right_after_the_commit(at: datetime, settings: LazySettings) -> None:
    settings.REDIS_URL = ""
    with transaction.atomic():
        record(at)
        record(at + timedelta(seconds=1))
        assert numbers() == [None, None]
    assert numbers() == [1, 2]


@pytest.mark.django_db(transaction=True)
def test_a_transaction_wakes_the_drain_once_however_much_it_records(
    at: datetime, settings: LazySettings, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.REDIS_URL = ""
    drained: list[datetime] = []
    monkeypatch.setattr(jobs, "drain", lambda *, at, with_heavy: drained.append(at))
    with transaction.atomic():
        for number in range(20):
            with transaction.atomic():
                record(at + timedelta(seconds=number))
                transaction.set_rollback(number % 3 == 0)
    assert drained == [at + timedelta(seconds=19)]


def test_an_import_of_ten_thousand_is_published_in_a_few_statements(at: datetime) -> None:
    Event.objects.bulk_create(
        Event(type=EventType.RECEIVED, lead=f"ld_{n}", source="file", occurred_at=at, recorded_at=at)
        for n in range(10_000)
    )
    with CaptureQueriesContext(
        connection,
    ) as queries:
        assert events.publish(at=at) == 10_000
    assert len(queries) < 100
    assert sorted(Event.objects.values_list("number", flat=True)) == list(range(1, 10_001))


@needs_real_locks
@pytest.mark.django_db(transaction=True)
def test_a_reader_misses_nothing_although_transactions_commit_out_of_order(at: datetime) -> None:
    recorded, may_commit = threading.Event(), threading.Event()

    def slow() -> None:
        with transaction.atomic():
            record(at, lead="slow")
            recorded.set()
            may_commit.wait(20)
        connection.close()

    read: list[str] = []
    after = 0

    def read_on() -> None:
        nonlocal after
        for event in Event.objects.filter(number__gt=after).order_by("number"):
            assert event.number == after + 1
            after = event.number
            read.append(event.lead)

    thread = threading.Thread(target=slow)
    thread.start()
    assert recorded.wait(20)
    record(at, lead="fast")  # a higher id than the slow one's, committed before it
    events.publish(at=at)
    read_on()
    assert read == ["fast"]
    may_commit.set()
    thread.join()
    events.publish(at=at)
    read_on()
    assert read == ["fast", "slow"]


@needs_real_locks
@pytest.mark.django_db(transaction=True)
def test_writers_and_publishers_at_once_leave_no_gap_and_no_repeat(at: datetime) -> None:
    stop = threading.Event()

    def in_thread(work: Callable[[], None]) -> threading.Thread:
        def run() -> None:
            try:
                work()
            finally:
                connection.close()

        thread = threading.Thread(target=run)
        thread.start()
        return thread

    def write() -> None:
        for number in range(40):
            with transaction.atomic():
                record(at)
                transaction.set_rollback(number % 5 == 0)

    def publish() -> None:
        while not stop.is_set():
            events.publish(at=at)

    seen: list[int] = []

    def read() -> None:
        after = 0
        while not stop.is_set() or Event.objects.filter(number__gt=after).exists():
            for number in Event.objects.filter(number__gt=after).order_by("number").values_list("number", flat=True):
                seen.append(number)
                after = number

    publishers = [in_thread(publish) for _ in range(2)]
    reader = in_thread(read)
    writers = [in_thread(write) for _ in range(3)]
    for writer in writers:
        writer.join()
    events.publish(at=at)
    stop.set()
    for thread in (*publishers, reader):
        thread.join()
    assert seen == list(range(1, 97))
