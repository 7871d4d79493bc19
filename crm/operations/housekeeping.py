"""Forget what has had its time, a little at a time, so that nobody waits for it.

What failed stays until a person has seen to it, however old it is: work that was given up, messages no receiver took.
Events, facts and what arrived are never forgotten here.
"""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import TypeVar

from axes.models import AccessAttempt, AccessLog
from django.contrib.sessions.models import Session
from django.db import connection, transaction
from django.db.models import Model, QuerySet

from crm.models import IdempotentAnswer, OutboxMessage, WebhookAttempt, WebhookDelivery
from crm.operations import idempotency
from crm.rules.webhooks import DeliveryState

DONE_WORK_KEPT_FOR = timedelta(days=30)
WEBHOOK_LOG_KEPT_FOR = timedelta(days=30)
SIGN_INS_KEPT_FOR = timedelta(days=30)  # they name people and where they were
BATCH = 1000  # rows a transaction: held for milliseconds
_others: list[Callable[..., int]] = []
D = TypeVar("D", bound=Callable[..., int])
MOST_BATCHES = 50  # of each kind at once; what is left has time until the next tidying


def also_tidies(function: D) -> D:
    """Register what another app forgets at every tidying, called as `function(at=…)`; it returns how many rows."""
    _others.append(function)
    return function


def tidy(*, at: datetime) -> int:
    """Forget answers to keys, work that is done, the logs of webhooks and of sign-ins when they are old, and sessions
    that are over; return how many rows.
    """
    return sum(_forget(rows) for rows in _outlived(at=at)) + sum(function(at=at) for function in _others)


def _outlived(*, at: datetime) -> tuple[QuerySet[Model], ...]:
    logged_before = at - WEBHOOK_LOG_KEPT_FOR
    return (
        IdempotentAnswer.objects.filter(created_at__lt=at - idempotency.KEPT_FOR),
        OutboxMessage.objects.filter(done_at__lt=at - DONE_WORK_KEPT_FOR),
        WebhookAttempt.objects.filter(at__lt=logged_before),
        WebhookDelivery.objects.filter(state=DeliveryState.DELIVERED, done_at__lt=logged_before),
        Session.objects.filter(expire_date__lt=at),
        AccessAttempt.objects.filter(attempt_time__lt=at - SIGN_INS_KEPT_FOR),
        AccessLog.objects.filter(attempt_time__lt=at - SIGN_INS_KEPT_FOR),
    )


def _forget(rows: QuerySet[Model]) -> int:
    forgotten = 0
    for _batch in range(MOST_BATCHES):
        count = _forget_batch(rows)
        forgotten += count
        if count < BATCH:
            break
    return forgotten


@transaction.atomic
def _forget_batch(rows: QuerySet[Model]) -> int:
    """Forget the oldest of them; what somebody holds, to send it once more perhaps, is passed over."""
    held = rows.select_for_update(skip_locked=connection.features.has_select_for_update_skip_locked)
    ids = list(held.order_by("pk").values_list("pk", flat=True)[:BATCH])
    rows.filter(pk__in=ids).delete()
    return len(ids)
