"""The outbox: written with the change, done once, tried again, given up, never in the way."""

import socket
import threading
import time
from collections.abc import Iterator
from datetime import datetime, timedelta

import pytest
import redis
from django.conf import LazySettings
from django.conf import settings as django_settings
from django.db import connection, transaction

from crm.models import OutboxMessage
from crm.operations import jobs
from tests.factories.crm import TeamFactory

pytestmark = pytest.mark.django_db

needs_skip_locked = pytest.mark.skipif(
    "postgresql" not in django_settings.DATABASES["default"]["ENGINE"], reason="SQLite has one writer at a time"
)


@pytest.fixture
def done(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[int]]:
    """Register two jobs for one test: one that works, one that breaks after writing something."""
    calls: list[int] = []

    def work(*, at: datetime, number: int) -> None:
        calls.append(number)

    def breaks(*, at: datetime, number: int) -> None:
        TeamFactory(name="half done")
        raise ValueError("secret@example.com")

    monkeypatch.setattr(jobs, "_handlers", {"work": work, "break": breaks})
    monkeypatch.setattr(jobs, "_heavy", set())
    return calls


def test_drain_does_what_is_due_in_order_and_only_once(done: list[int], at: datetime) -> None:
    for number in range(3):
        jobs.enqueue(name="work", at=at, number=number)
    assert jobs.drain(at=at) == 3
    assert jobs.drain(at=at) == 0
    assert done == [0, 1, 2]
    assert OutboxMessage.objects.filter(done_at=at, attempts=1).count() == 3


def test_drain_waits_until_work_is_due(done: list[int], at: datetime) -> None:
    jobs.enqueue(name="work", at=at, due_at=at + timedelta(minutes=5), number=1)
    assert jobs.drain(at=at + timedelta(minutes=4)) == 0
    assert jobs.drain(at=at + timedelta(minutes=5)) == 1


def test_drain_stops_at_its_limit(done: list[int], at: datetime) -> None:
    for number in range(3):
        jobs.enqueue(name="work", at=at, number=number)
    assert jobs.drain(at=at, limit=2) == 2
    assert done == [0, 1]


def test_a_failure_undoes_the_effect_and_is_tried_later(done: list[int], at: datetime) -> None:
    message = jobs.enqueue(name="break", at=at, number=1)
    jobs.enqueue(name="work", at=at, number=2)
    assert jobs.drain(at=at) == 2
    message.refresh_from_db()
    assert (message.done_at, message.attempts, message.due_at) == (None, 1, at + jobs.FIRST_DELAY)
    assert not TeamFactory._meta.model.objects.filter(name="half done").exists()
    assert done == [2]


def test_a_failure_says_where_it_broke_but_quotes_nobody(done: list[int], at: datetime) -> None:
    message = jobs.enqueue(name="break", at=at, number=1)
    jobs.drain(at=at)
    message.refresh_from_db()
    assert message.last_error.startswith("ValueError in breaks, line ")
    assert "secret" not in message.last_error


def test_an_unknown_job_fails_instead_of_vanishing(done: list[int], at: datetime) -> None:
    message = jobs.enqueue(name="from a newer version", at=at)
    jobs.drain(at=at)
    message.refresh_from_db()
    assert message.last_error.startswith("KeyError")
    assert message.done_at is None


def test_delays_grow_until_the_job_is_given_up(done: list[int], at: datetime) -> None:
    message = jobs.enqueue(name="break", at=at, number=1)
    delays = []
    for _attempt in range(jobs.MAXIMUM_ATTEMPTS):
        before = message.due_at
        jobs.drain(at=before)
        message.refresh_from_db()
        delays.append(message.due_at - before)
    assert delays[:3] == [jobs.FIRST_DELAY, 2 * jobs.FIRST_DELAY, 4 * jobs.FIRST_DELAY]
    assert max(delays) == jobs.LONGEST_DELAY
    assert message.failed_at is not None
    assert jobs.drain(at=message.due_at + timedelta(days=365)) == 0


def test_a_job_has_one_handler(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(jobs, "_handlers", {})
    jobs.job("work")(lambda **ids: None)
    with pytest.raises(ValueError):
        jobs.job("work")(lambda **ids: None)


@pytest.mark.django_db(transaction=True)
def test_without_a_broker_work_is_done_right_after_the_commit(
    done: list[int], at: datetime, settings: LazySettings
) -> None:
    settings.REDIS_URL = ""
    with transaction.atomic():
        jobs.enqueue(name="work", at=at, number=1)
        assert done == []
    assert done == [1]


@pytest.mark.django_db(transaction=True)
def test_a_change_rolled_back_leaves_no_work(done: list[int], at: datetime, settings: LazySettings) -> None:
    settings.REDIS_URL = ""
    with transaction.atomic():
        jobs.enqueue(name="work", at=at, number=1)
        transaction.set_rollback(True)
    assert (done, OutboxMessage.objects.count()) == ([], 0)


@pytest.mark.django_db(transaction=True)
def test_a_failing_job_does_not_fail_the_request_it_follows(
    done: list[int], at: datetime, settings: LazySettings
) -> None:
    settings.REDIS_URL = ""
    with transaction.atomic():
        jobs.enqueue(name="break", at=at, number=1)
    assert OutboxMessage.objects.get().attempts == 1


@needs_skip_locked
@pytest.mark.django_db(transaction=True)
def test_two_drains_at_once_do_every_piece_once(done: list[int], at: datetime) -> None:
    for number in range(40):
        OutboxMessage.objects.create(name="work", payload={"number": number}, created_at=at, due_at=at)
    barrier = threading.Barrier(2)

    def drain() -> None:
        barrier.wait()
        try:
            jobs.drain(at=at)
        finally:
            connection.close()

    threads = [threading.Thread(target=drain) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(done) == list(range(40))


@pytest.fixture
def rested() -> None:
    """No hint has been sent lately."""
    jobs._hinted.until = 0.0


def _wait_for_the_hint() -> None:
    assert jobs._hint_in_flight.acquire(timeout=30)
    jobs._hint_in_flight.release()


def _enqueue_and_time(at: datetime) -> float:
    started = time.monotonic()
    with transaction.atomic():
        jobs.enqueue(name="work", at=at, number=1)
    return time.monotonic() - started


@pytest.mark.django_db(transaction=True)
@pytest.mark.filterwarnings("ignore::celery.exceptions.AlwaysEagerIgnored")
@pytest.mark.parametrize("kind", ["frozen", "refusing"])
def test_a_broker_that_does_not_answer_costs_the_request_nothing(
    kind: str, done: list[int], at: datetime, settings: LazySettings, rested: None
) -> None:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        if kind == "frozen":  # accepts connections and never says a word, as a stopped Redis does
            listener.listen()
            listener.settimeout(30)
        settings.REDIS_URL = f"redis://127.0.0.1:{listener.getsockname()[1]}/0"
        assert max(_enqueue_and_time(at) for _ in range(5)) < 0.3
        if kind == "frozen":
            listener.accept()[0].close()  # the hint was on its way, and was waited for by nobody
    _wait_for_the_hint()
    assert OutboxMessage.objects.filter(done_at=None).count() == 5


@pytest.mark.skipif(not django_settings.REDIS_URL, reason="needs a real Redis at REDIS_URL")
@pytest.mark.django_db(transaction=True)
def test_with_a_broker_the_workers_are_told(done: list[int], at: datetime, rested: None) -> None:
    client = redis.Redis.from_url(django_settings.REDIS_URL)
    client.delete("celery")
    with transaction.atomic():
        jobs.enqueue(name="work", at=at, number=1)
    _wait_for_the_hint()
    with transaction.atomic():
        jobs.enqueue(name="work", at=at, number=2)  # the workers have just been told
    _wait_for_the_hint()
    letters = client.lrange("celery", 0, -1)
    client.delete("celery")
    client.close()
    assert len(letters) == 1
    assert jobs.DRAIN_TASK.encode() in letters[0]
    assert done == []


def test_heavy_work_is_passed_over_where_a_request_drains(done: list[int], at: datetime) -> None:
    name = "heavy"
    jobs.job(name, is_heavy=True)(lambda *, at, number: done.append(number))
    jobs.enqueue(name=name, at=at, number=1)
    jobs.enqueue(name="work", at=at, number=2)
    jobs.drain(at=at, with_heavy=False)
    assert done == [2]
    jobs.drain(at=at)
    assert done == [2, 1]
