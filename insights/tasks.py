"""What a worker does for this app: keeps counts at every drain, compares them with the leads, counts the past."""

from datetime import timedelta

from celery import shared_task
from django.utils import timezone

from insights.operations import (
    countings,  # noqa: F401  counts what a page may not wait for
    keeping,
)

RECENT = timedelta(hours=48)


@shared_task(name="insights.tasks.reconcile")
def reconcile() -> None:
    """Compare everything that is kept with the leads."""
    keeping.reconcile(at=timezone.now())


@shared_task(name="insights.tasks.reconcile_recent")
def reconcile_recent() -> None:
    """Compare what is kept of the newest days with the leads."""
    at = timezone.now()
    keeping.reconcile(at=at, since=(at - RECENT).date())
