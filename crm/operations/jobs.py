"""The outbox: work written in the transaction of the change it follows, done after it commits.

The row is the truth. The broker is only told that there is something to do, by a thread of its own,
so a broker that is away or frozen costs a request nothing.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial
from traceback import extract_tb
from typing import TypeVar

import structlog
from celery import current_app
from django.conf import settings
from django.db import connection, transaction
from django.db.models import QuerySet

from crm.models import OutboxMessage

MAXIMUM_ATTEMPTS = 15  # about seven hours
FIRST_DELAY = timedelta(seconds=10)
LONGEST_DELAY = timedelta(hours=1)
DRAIN_TASK = "crm.tasks.drain_outbox"
HINT_LIFETIME_SECONDS = 60
ONE_TRY = {"max_retries": 1, "interval_start": 0, "socket_timeout": 2}

log = structlog.get_logger("razbor.jobs")


H = TypeVar("H", bound=Callable[..., None])

_handlers: dict[str, Callable[..., None]] = {}
_hint_in_flight = threading.Lock()


def job(name: str) -> Callable[[H], H]:
    """Register the function that does the work of this name; called as `handler(at=…, **ids)`, maybe twice."""

    def register(handler: H) -> H:
        if _handlers.setdefault(name, handler) is not handler:
            raise ValueError(f"two handlers for the job {name!r}")
        return handler

    return register


def enqueue(*, name: str, at: datetime, due_at: datetime | None = None, **ids: object) -> OutboxMessage:
    """Write a piece of work beside the change it follows; it is done after the transaction commits."""
    message = OutboxMessage.objects.create(name=name, payload=ids, created_at=at, due_at=due_at or at)
    transaction.on_commit(partial(_wake, at=at), robust=True)
    return message


def drain(*, at: datetime, limit: int = 1000) -> int:
    """Do what is due, each piece in a transaction of its own; return how many were tried."""
    tried = 0
    while tried < limit and _waiting(at=at).exists():
        if not _do_next(at=at):
            break
        tried += 1
    return tried


@transaction.atomic
def _do_next(*, at: datetime) -> bool:
    message = (
        _waiting(at=at)
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


def _waiting(*, at: datetime) -> QuerySet[OutboxMessage]:
    return OutboxMessage.objects.filter(due_at__lte=at, done_at__isnull=True, failed_at__isnull=True)


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


def _wake(*, at: datetime) -> None:
    if settings.REDIS_URL:
        _hint()
    else:
        drain(at=at)


def _hint() -> None:
    """Tell the workers without waiting; when a hint is already on its way, that one is enough."""
    if _hint_in_flight.acquire(blocking=False):
        threading.Thread(target=_send_hint, name="outbox-hint", daemon=True).start()


def _send_hint() -> None:
    try:
        with current_app.connection_for_write(url=settings.REDIS_URL, transport_options=ONE_TRY) as broker:
            current_app.send_task(DRAIN_TASK, connection=broker, expires=HINT_LIFETIME_SECONDS, retry=False)
    except Exception as error:  # noqa: BLE001  the beat drains every two seconds whatever happens here
        log.info("hint_not_sent", error=type(error).__name__)
    finally:
        _hint_in_flight.release()
