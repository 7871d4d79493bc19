"""`manage.py drain`: once, or until stopped."""

import os
import signal
import threading
from collections.abc import Iterator
from datetime import timedelta
from io import StringIO

import pytest
from django.core.management import call_command
from django.db import OperationalError
from django.utils import timezone

from crm.management.commands import drain as command
from crm.operations import jobs
from crm.tasks import drain_outbox

pytestmark = pytest.mark.django_db


@pytest.fixture
def done(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    calls: list[int] = []
    monkeypatch.setattr(jobs, "_handlers", {"work": lambda *, at, number: calls.append(number)})
    for number in range(3):
        jobs.enqueue(name="work", at=timezone.now() - timedelta(seconds=1), number=number)
    return calls


@pytest.fixture
def _signals() -> Iterator[None]:
    before = {number: signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGINT)}
    yield
    for number, handler in before.items():
        signal.signal(number, handler)


def test_drain_does_what_waits_and_says_how_much(done: list[int]) -> None:
    out = StringIO()
    call_command("drain", stdout=out)
    assert (out.getvalue().strip(), done) == ("3", [0, 1, 2])


@pytest.mark.django_db(transaction=True)  # the loop drops its connection between rounds
@pytest.mark.usefixtures("_signals")
def test_drain_goes_on_until_it_is_told_to_stop(done: list[int]) -> None:
    timer = threading.Timer(0.3, os.kill, (os.getpid(), signal.SIGTERM))
    timer.start()
    call_command("drain", loop=True)
    timer.join()
    assert done == [0, 1, 2]


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("_signals")
def test_drain_outlives_a_database_that_restarts(monkeypatch: pytest.MonkeyPatch) -> None:
    rounds = []

    def drain(**options: object) -> int:
        rounds.append(options)
        if len(rounds) == 1:
            raise OperationalError
        os.kill(os.getpid(), signal.SIGTERM)
        return 1

    monkeypatch.setattr(jobs, "drain", drain)
    monkeypatch.setattr(command, "PAUSE_SECONDS", 0)
    call_command("drain", loop=True, stderr=StringIO())
    assert len(rounds) == 2


def test_a_worker_drains_too(done: list[int]) -> None:
    drain_outbox()
    assert done == [0, 1, 2]
