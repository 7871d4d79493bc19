"""The jobs of this app, registered by being read, for every process that drains the outbox; and what beat asks for."""

from celery import shared_task
from django.utils import timezone

from leads.operations import (
    escalations,
    hooks,  # noqa: F401  makes leads of what came from senders
)
from leads.operations.imports import (
    background,  # noqa: F401  brings spreadsheets in
    keeping,  # noqa: F401  forgets their files in time
    undoing,  # noqa: F401  takes large ones out again
)


@shared_task(name="leads.tasks.escalate")
def escalate() -> None:
    """Tell heads of leads that stay overdue."""
    escalations.escalate(at=timezone.now())
