"""What a worker does: drain the outbox, and tidy up now and then."""

from celery import shared_task
from django.utils import timezone

from crm.operations import (
    events,  # noqa: F401  numbers events at every drain
    housekeeping,
    jobs,
    webhooks,  # noqa: F401  sends what is due at every drain
)


@shared_task(name=jobs.DRAIN_TASK)
def drain_outbox() -> None:
    """Do the work that is due."""
    jobs.drain(at=timezone.now())


@shared_task(name="crm.tasks.tidy")
def tidy() -> None:
    """Forget what has had its time."""
    housekeeping.tidy(at=timezone.now())
