"""What a worker does for this app: keeps counts and compares them with the leads, counts the past, sends letters."""

from datetime import datetime, timedelta
from functools import partial
from zoneinfo import ZoneInfo

import structlog
from celery import shared_task
from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.db import transaction
from django.template.loader import render_to_string
from django.utils import timezone, translation

from crm.operations import jobs
from crm.queries.organisation import settings_at
from crm.queries.snapshot import one_snapshot
from crm.rules import formats
from insights.models import BoardSubscription
from insights.operations import (
    countings,  # noqa: F401  counts what a page may not wait for
    keeping,
    letters,
)
from insights.queries.letters import letter_of
from insights.rules.letters import stop_token
from insights.rules.words import age_words, attribution_words, period_words

RECENT = timedelta(hours=48)

log = structlog.get_logger("razbor.mail")


@shared_task(name="insights.tasks.reconcile")
def reconcile() -> None:
    """Compare everything that is kept with the leads."""
    keeping.reconcile(at=timezone.now())


@shared_task(name="insights.tasks.reconcile_recent")
def reconcile_recent() -> None:
    """Compare what is kept of the newest days with the leads."""
    at = timezone.now()
    keeping.reconcile(at=at, since=(at - RECENT).date())


@jobs.job(letters.JOB, is_heavy=True)
def send_letter(*, at: datetime, subscription: int) -> None:
    """Send the weekly letter of a subscription if it is due, after it is written down that this week has had one."""
    claimed = letters.claim(subscription=subscription, at=at)
    if claimed is not None:
        transaction.on_commit(partial(_post, claimed, at=at), robust=True)


def _post(subscription: BoardSubscription, *, at: datetime) -> None:
    try:
        _letter(subscription, at=at).send()
    except Exception as error:  # noqa: BLE001  whatever kept it from going out, it is tried again
        log.warning("letter_not_sent", error=type(error).__name__, subscription=subscription.pk)
        letters.try_again(subscription=subscription, at=at)
    else:
        letters.note_sent(subscription=subscription)


def _letter(subscription: BoardSubscription, *, at: datetime) -> EmailMultiAlternatives:
    """Write the letter as its reader reads: in their language, at the organisation's clock, as text and as a page."""
    agreed = settings_at(at)
    person = subscription.person
    with (
        translation.override(person.language or subscription.language or settings.LANGUAGE_CODE),
        timezone.override(ZoneInfo(agreed.time_zone)),
        formats.shown_from(agreed.minimum_sample_to_show),
    ):
        with one_snapshot():
            letter = letter_of(board=subscription.board, at=at)
        stop_url = f"{subscription.origin}/boards/letters/{stop_token(subscription=subscription.pk)}/"
        context = {
            "letter": letter,
            "person": person,
            "period": period_words(letter.slice),
            "age": age_words(letter.slice.age),
            "visit": "".join(attribution_words(letter.slice)),
            "board_url": f"{subscription.origin}/boards/{subscription.board_id}/",
            "stop_url": stop_url,
            "language": translation.get_language(),
        }
        subject = " ".join(render_to_string("board/letter_subject.txt", context).split())
        message = EmailMultiAlternatives(
            subject,
            render_to_string("board/letter.txt", context),
            None,
            [person.email],
            # What mail programs offer as a button: one press, no page, no signing in (RFC 8058).
            headers={"List-Unsubscribe": f"<{stop_url}>", "List-Unsubscribe-Post": "List-Unsubscribe=One-Click"},
        )
        message.attach_alternative(render_to_string("board/letter.html", context), "text/html")
    return message
