"""What a worker does: drain the outbox, and tidy up now and then."""

from datetime import datetime

from celery import shared_task
from django.core.mail import EmailMultiAlternatives
from django.template.loader import render_to_string
from django.utils import timezone, translation

from crm.operations import (
    events,  # noqa: F401  numbers events at every drain
    housekeeping,
    invitations,
    jobs,
    webhooks,  # noqa: F401  sends what is due at every drain
)
from crm.queries.invitations import letter_of


@shared_task(name=jobs.DRAIN_TASK)
def drain_outbox() -> None:
    """Do the work that is due."""
    jobs.drain(at=timezone.now())


@shared_task(name="crm.tasks.tidy")
def tidy() -> None:
    """Forget what has had its time."""
    housekeeping.tidy(at=timezone.now())


@jobs.job(invitations.JOB)
def send_invitation(*, at: datetime, invitation: int, origin: str, language: str) -> None:
    """Send the letter of an invitation, in the language of whoever invites; one that is over is not sent."""
    letter = letter_of(invitation=invitation, at=at)
    if letter is None:
        return
    context = {"user": letter.user, "url": f"{origin}/invitation/{letter.token}/", "days": invitations.HOLDS_FOR.days}
    with translation.override(letter.user.language or language):
        subject = " ".join(render_to_string("crm/invitation_subject.txt", context).split())
        body = render_to_string("crm/invitation_email.txt", context)
    EmailMultiAlternatives(subject, body, None, [letter.user.email]).send()
