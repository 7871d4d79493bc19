"""What a worker does: drain the outbox, nothing else."""

from celery import shared_task
from django.utils import timezone

from crm.operations import jobs


@shared_task(name=jobs.DRAIN_TASK)
def drain_outbox() -> None:
    """Do the work that is due."""
    jobs.drain(at=timezone.now())
