"""How fast a caller may ask, with Redis and without."""

import socket
import threading
import time
from collections.abc import Iterator
from datetime import datetime
from uuid import uuid4

import pytest
import redis
from django.conf import LazySettings
from django.conf import settings as django_settings
from django.http import HttpResponse
from django.test import RequestFactory
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from crm.api.throttling import CallerThrottle
from crm.operations import buckets as throttling
from crm.operations import keys
from crm.operations.buckets import BURST, LocalBuckets, SharedBuckets

needs_redis = pytest.mark.skipif(not django_settings.REDIS_URL, reason="needs a real Redis at REDIS_URL")


@pytest.fixture
def caller() -> Iterator[str]:
    """Somebody who has not asked for anything yet."""
    name = f"test:{uuid4().hex}"
    yield name
    if django_settings.REDIS_URL:
        client = redis.Redis.from_url(django_settings.REDIS_URL)
        client.delete(f"razbor:rate:{name}")
        client.close()


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """A clock that stands until it is moved."""
    now = [1000.0]
    monkeypatch.setattr(throttling.time, "monotonic", lambda: now[0])
    return now


def test_a_burst_is_taken_and_then_a_token_every_fiftieth_of_a_second(clock: list[float]) -> None:
    buckets = LocalBuckets()
    assert [buckets.wait("a") for _ in range(BURST)] == [0] * BURST
    assert buckets.wait("a") == pytest.approx(0.02)
    assert buckets.wait("b") == 0
    clock[0] += 0.021
    assert buckets.wait("a") == 0
    assert buckets.wait("a") > 0
    clock[0] += 3600
    assert [buckets.wait("a") for _ in range(BURST)] == [0] * BURST
    assert buckets.wait("a") > 0


def test_who_is_refused_is_not_made_to_wait_longer(clock: list[float]) -> None:
    buckets = LocalBuckets(per_second=1, burst=1)
    buckets.wait("a")
    assert [buckets.wait("a") for _ in range(5)] == [1.0] * 5


def test_many_callers_do_not_fill_the_memory(clock: list[float], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(throttling, "CALLERS_REMEMBERED", 10)
    buckets = LocalBuckets()
    for number in range(100):
        buckets.wait(str(number))
    assert len(buckets._buckets) <= 10


@needs_redis
def test_all_processes_share_one_limit(caller: str) -> None:
    one, other = (SharedBuckets(per_second=0.001, burst=10) for _ in range(2))
    waits = [buckets.wait(caller) for _ in range(10) for buckets in (one, other)]
    assert waits.count(0) == 10
    assert 900 < waits[-1] <= 1000


@needs_redis
def test_threads_at_once_take_no_token_twice(caller: str) -> None:
    buckets, start, taken = SharedBuckets(per_second=0.001, burst=50), threading.Barrier(16), []

    def ask() -> None:
        start.wait(timeout=20)
        taken.extend(buckets.wait(caller) == 0 for _ in range(10))

    threads = [threading.Thread(target=ask) for _ in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert buckets._rests_until == 0, "Redis was too slow for this machine, and the local limit was asked"
    assert taken.count(True) == 50


@needs_redis
def test_a_process_takes_a_lot_of_a_full_bucket_and_no_more_than_there_is(caller: str) -> None:
    one, other = (SharedBuckets(per_second=0.001, burst=BURST) for _ in range(2))
    one.wait(caller)
    client = redis.Redis.from_url(django_settings.REDIS_URL)
    assert float(client.hget(f"razbor:rate:{caller}", "left")) == pytest.approx(190)
    client.close()
    waits = [buckets.wait(caller) for _ in range(BURST) for buckets in (one, other)]
    assert waits.count(0) == BURST - 1


@needs_redis
def test_what_is_left_of_an_old_lot_adds_nothing_to_a_later_burst(caller: str, clock: list[float]) -> None:
    one, other = (SharedBuckets(per_second=0.001, burst=BURST) for _ in range(2))
    one.wait(caller)
    assert [other.wait(caller) for _ in range(BURST)].count(0) == BURST - 10
    clock[0] += 1.1
    assert one.wait(caller) > 0


@needs_redis
def test_a_bucket_in_redis_is_forgotten_once_it_is_full_again(caller: str) -> None:
    SharedBuckets().wait(caller)
    client = redis.Redis.from_url(django_settings.REDIS_URL)
    assert 0 < client.ttl(f"razbor:rate:{caller}") <= 5
    client.close()


@pytest.mark.parametrize("kind", ["refusing", "frozen"])
def test_without_redis_the_local_limit_holds_and_nobody_waits_for_it(kind: str, settings: LazySettings) -> None:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        if kind == "frozen":  # takes connections and never says a word, as a stopped Redis does
            listener.listen()
        settings.REDIS_URL = f"redis://127.0.0.1:{listener.getsockname()[1]}/0"
        buckets = SharedBuckets()
        started = time.monotonic()
        waits = [buckets.wait("a") for _ in range(BURST + 100)]
        took = time.monotonic() - started
    assert waits.count(0) >= BURST
    assert waits[-1] > 0
    assert took < 0.5


class Asked(APIView):
    """Something to ask for."""

    throttle_classes = [CallerThrottle]

    def get(self, request: Request) -> Response:
        """Answer."""
        return Response({})


@pytest.mark.django_db
def test_a_program_that_asks_too_fast_is_told_when_to_come_again(
    at: datetime, rf: RequestFactory, settings: LazySettings, clock: list[float], monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.REDIS_URL = ""
    monkeypatch.setattr(CallerThrottle, "buckets", SharedBuckets())
    fast, calm = (keys.issue(name=name, scopes=["leads:read"], by=None, at=at).token for name in ("fast", "calm"))

    def ask(token: str) -> HttpResponse:
        request = rf.get("/api/v1/asked", headers={"authorization": f"Bearer {token}"})
        return Asked.as_view()(request).render()

    assert {ask(fast).status_code for _ in range(BURST)} == {200}
    refused = ask(fast)
    assert refused.status_code == 429
    assert refused.headers["Content-Type"].startswith("application/problem+json")
    assert int(refused.headers["Retry-After"]) >= 1
    assert ask(calm).status_code == 200
    clock[0] += 1
    assert ask(fast).status_code == 200
