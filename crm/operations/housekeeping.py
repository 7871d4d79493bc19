"""Forget what has had its time, a little at every round, so that no long transaction makes anybody wait."""

import time
from datetime import datetime, timedelta
from types import SimpleNamespace
from typing import TypeVar

from django.db.models import Model, QuerySet

from crm.models import OutboxMessage
from crm.operations import idempotency, jobs

M = TypeVar("M", bound=Model)

KEPT_FOR = timedelta(days=30)
EVERY_SECONDS = 60.0
AT_ONCE = 1000

_rounds = SimpleNamespace(next_at=time.monotonic() + EVERY_SECONDS)


@jobs.after_drain
def tidy_now_and_then(*, at: datetime) -> int:
    """Tidy at most once a minute in each process that drains; says that it did no job."""
    if time.monotonic() >= _rounds.next_at:
        _rounds.next_at = time.monotonic() + EVERY_SECONDS
        tidy(at=at)
    return 0


def tidy(*, at: datetime) -> int:
    """Forget some of what is too old, at most a thousand rows of a kind; returns how many.

    Answers to idempotency keys are kept for 7 days, work that is done for 30; the log of webhooks looks after itself.
    What failed is kept: a person has to see it. So are events, audit and everything a lead consists of.
    """
    done = OutboxMessage.objects.filter(done_at__lt=at - KEPT_FOR)
    return _forgotten(idempotency.too_old(at=at)) + _forgotten(done)


def _forgotten(rows: QuerySet[M]) -> int:
    oldest = list(rows.order_by("pk").values_list("pk", flat=True)[:AT_ONCE])
    return rows.filter(pk__in=oldest).delete()[0] if oldest else 0
