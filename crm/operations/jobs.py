"""The outbox: work written in the transaction of the change it follows, done after it commits.

The row is the truth. The broker is only told that there is something to do, by a thread of its own,
so a broker that is away or frozen costs a request nothing.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Collection
from datetime import datetime, timedelta
from traceback import extract_tb
from types import SimpleNamespace
from typing import TypeVar

import structlog
from celery import current_app
from django.conf import settings
from django.db import OperationalError, connection, transaction
from django.db.models import QuerySet

from crm.models import OutboxMessage

MAXIMUM_ATTEMPTS = 15  # about seven hours
FIRST_DELAY = timedelta(seconds=10)
LONGEST_DELAY = timedelta(hours=1)
DRAIN_TASK = "crm.tasks.drain_outbox"
HINT_LIFETIME_SECONDS = 60
HINT_EVERY_SECONDS = 1.0  # a hint costs more than a push; what falls between two is found by the next, or by beat
ONE_TRY = {"max_retries": 1, "interval_start": 0, "socket_timeout": 2}

log = structlog.get_logger("razbor.jobs")


H = TypeVar("H", bound=Callable[..., None])
D = TypeVar("D", bound=Callable[..., int])

_handlers: dict[str, Callable[..., None]] = {}
_heavy: set[str] = set()
_before_jobs: list[Callable[..., int]] = []
_after_jobs: list[Callable[..., int]] = []
_hint_in_flight = threading.Lock()
_hinted = SimpleNamespace(until=0.0)


def job(name: str, *, is_heavy: bool = False) -> Callable[[H], H]:
    """Register the function that does the work of this name; called as `handler(at=…, **ids)`, maybe twice.

    No request waits for heavy work, also where requests drain for want of a broker: whoever wants it sees to it.
    """

    def register(handler: H) -> H:
        if _handlers.setdefault(name, handler) is not handler:
            raise ValueError(f"two handlers for the job {name!r}")
        if is_heavy:
            _heavy.add(name)
        return handler

    return register


def enqueue(*, name: str, at: datetime, due_at: datetime | None = None, **ids: object) -> OutboxMessage:
    """Write a piece of work beside the change it follows; it is done after the transaction commits."""
    message = OutboxMessage.objects.create(name=name, payload=ids, created_at=at, due_at=due_at or at)
    wake_after_commit(at=at)
    return message


def on_drain(function: D) -> D:
    """Register what every drain does before the jobs, called as `function(at=…)`; it returns how much it did.

    For work that is found rather than enqueued. It bounds itself: jobs wait for it.
    """
    _before_jobs.append(function)
    return function


def after_drain(function: D) -> D:
    """Register what every drain does after the jobs, in the same manner."""
    _after_jobs.append(function)
    return function


def wake_after_commit(*, at: datetime) -> None:
    """Have the workers told after the commit that there is something to do: once, however much a transaction writes."""
    wanted = connection.run_on_commit
    last = wanted[-1][1] if wanted else None
    wake = last if isinstance(last, _Wake) and not last.is_done else _Wake(at)
    wake.at = max(at, wake.at)
    transaction.on_commit(wake, robust=True)  # each of its own savepoint: one that is rolled back takes its wake along


def drain(*, at: datetime, limit: int = 1000, with_heavy: bool = True) -> int:
    """Do what is due, each piece in a transaction of its own; return how many were tried."""
    tried = sum(_run(function, at=at) for function in _before_jobs)
    passed_over = frozenset() if with_heavy else frozenset(_heavy)
    while tried < limit and _waiting(at=at, passed_over=passed_over).exists():
        if not _do_next(at=at, passed_over=passed_over):
            break
        tried += 1
    return tried + sum(_run(function, at=at) for function in _after_jobs)


def _run(function: Callable[..., int], *, at: datetime) -> int:
    try:
        return function(at=at)
    except OperationalError:
        raise  # the database is away: nothing else would work either
    except Exception as error:  # noqa: BLE001  whatever it raises, the jobs must go on
        log.warning("drain_step_failed", step=function.__name__, error=_describe(error))
        return 0


@transaction.atomic
def _do_next(*, at: datetime, passed_over: Collection[str]) -> bool:
    message = (
        _waiting(at=at, passed_over=passed_over)
        .select_for_update(skip_locked=connection.features.has_select_for_update_skip_locked)
        .order_by("due_at", "id")
        .first()
    )
    if message is None:
        return False
    try:
        with transaction.atomic():
            _handlers[message.name](at=at, **message.payload)
    except Exception as error:  # noqa: BLE001  whatever a job raises, the others must go on
        _put_off(message, error=error, at=at)
    else:
        message.done_at = at
    message.attempts += 1
    message.save()
    return True


def _waiting(*, at: datetime, passed_over: Collection[str]) -> QuerySet[OutboxMessage]:
    waiting = OutboxMessage.objects.filter(due_at__lte=at, done_at__isnull=True, failed_at__isnull=True)
    return waiting.exclude(name__in=passed_over) if passed_over else waiting


def _put_off(message: OutboxMessage, *, error: Exception, at: datetime) -> None:
    message.last_error = _describe(error)
    if message.attempts + 1 >= MAXIMUM_ATTEMPTS:
        message.failed_at = at
    else:
        message.due_at = at + min(FIRST_DELAY * 2**message.attempts, LONGEST_DELAY)
    log.warning("job_failed", job=message.name, message=message.pk, error=message.last_error)


def _describe(error: Exception) -> str:
    """Say what broke and where. Not the error's own text: it may quote a person's data."""
    frame = extract_tb(error.__traceback__)[-1]
    return f"{type(error).__name__} in {frame.name}, line {frame.lineno}"[:500]


class _Wake:
    """Wakes the workers once, however many savepoints of a transaction have asked for it."""

    def __init__(self, at: datetime) -> None:
        self.at = at
        self.is_done = False

    def __call__(self) -> None:
        if self.is_done:
            return
        self.is_done = True
        if settings.REDIS_URL:
            _hint()
        else:
            drain(at=self.at, with_heavy=False)


def _hint() -> None:
    """Tell the workers without waiting; when a hint is on its way or has just been sent, that one is enough."""
    if time.monotonic() < _hinted.until:
        return
    if _hint_in_flight.acquire(blocking=False):
        _hinted.until = time.monotonic() + HINT_EVERY_SECONDS
        threading.Thread(target=_send_hint, name="outbox-hint", daemon=True).start()


def _send_hint() -> None:
    try:
        with current_app.connection_for_write(url=settings.REDIS_URL, transport_options=ONE_TRY) as broker:
            current_app.send_task(DRAIN_TASK, connection=broker, expires=HINT_LIFETIME_SECONDS, retry=False)
    except Exception as error:  # noqa: BLE001  the beat drains every two seconds whatever happens here
        log.info("hint_not_sent", error=type(error).__name__)
    finally:
        _hint_in_flight.release()
