"""What a worker does for this app: keeps counts at every drain, and compares them with the leads."""

from datetime import timedelta

from celery import shared_task
from django.utils import timezone

from insights.operations import keeping

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
