"""Public forms: the one of a key, all of them with what came through, what waits for a decision."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import Count, Max, Q, QuerySet

from leads.models import Consent, ConsentText, PublicForm, Submission
from leads.rules.facts import Channel, SubmissionState
from leads.rules.public_forms import FORM_FIELD_LABELS, HANDED_BACK, SUSPICION_LABELS, FormField, Suspicion
from leads.rules.search import search_key

MOST_SHOWN = 200
LONGEST_VERSION = 6


@dataclass(frozen=True, slots=True)
class FormShown:
    """A form with the counts of what came through it."""

    form: PublicForm
    taken: int
    waiting: int
    last_at: datetime | None


@dataclass(frozen=True, slots=True)
class Suspected:
    """A request that waits for a person's decision."""

    number: UUID
    form: str
    received_at: datetime
    why: Any
    is_spam: bool
    fields: Sequence[tuple[Any, str]]


def form_by_key(*, key: str) -> PublicForm | None:
    """Find the form of a public key."""
    return PublicForm.objects.select_related("funnel", "source").filter(key=key).first()


def form_in_use(*, pk: int) -> PublicForm | None:
    """Find a form that is not archived."""
    return PublicForm.objects.select_related("funnel", "source").filter(pk=pk, archived_at__isnull=True).first()


def consent_text(*, form: PublicForm, version: str) -> ConsentText:
    """Find the text a visitor was shown; the one in force when none of this form's is told."""
    is_number = version.isascii() and version.isdecimal() and len(version) <= LONGEST_VERSION
    return (form.consent_texts.filter(version=version).first() if is_number else None) or form.consent


def forms_shown() -> list[FormShown]:
    """List the forms in use with their counts."""
    suspected = Q(consent_texts__consents__submission__quarantine__decided_at__isnull=True) & Q(
        consent_texts__consents__submission__quarantine__isnull=False
    )
    taken = Q(consent_texts__consents__submission__state=SubmissionState.ACCEPTED)
    rows = (
        PublicForm.objects.filter(archived_at__isnull=True)
        .select_related("funnel", "source")
        .annotate(
            taken=Count("consent_texts__consents", filter=taken),
            waiting=Count("consent_texts__consents", filter=suspected),
            last_at=Max("consent_texts__consents__given_at"),
        )
    )
    ordered = sorted(rows, key=lambda form: search_key(form.title))  # databases order Cyrillic each in its own way
    return [FormShown(form, form.taken, form.waiting, form.last_at) for form in ordered]


def waiting_count() -> int:
    """Count the requests that wait for a decision."""
    return _undecided().count()


def waits_for_a_decision(*, submission: Submission) -> bool:
    """Tell whether a person has to say what becomes of a request."""
    return _undecided().filter(pk=submission.pk).exists()


def undecided() -> list[Suspected]:
    """List the requests that wait for a decision, the newest first."""
    return _shown(_undecided())


def spam() -> list[Suspected]:
    """List the requests that a person called spam, the newest first."""
    return _shown(_of_forms().filter(quarantine__decided_at__isnull=False, quarantine__is_released=False))


def releasable() -> QuerySet[Submission]:
    """Keep the submissions of which a lead may still be made."""
    return _of_forms().filter(state__in=(SubmissionState.QUARANTINED, SubmissionState.FAILED))


def _of_forms() -> QuerySet[Submission]:
    return Submission.objects.filter(channel=Channel.FORM, consent__isnull=False)


def _undecided() -> QuerySet[Submission]:
    """Keep what looked like spam, and what was taken with thanks although no lead could be made of it."""
    is_suspected = Q(quarantine__isnull=False, quarantine__decided_at__isnull=True)
    return _of_forms().filter(is_suspected | Q(state=SubmissionState.FAILED) & ~Q(error_code=HANDED_BACK))


def _shown(found: QuerySet[Submission]) -> list[Suspected]:
    rows = list(found.order_by("-id")[:MOST_SHOWN])
    consents = Consent.objects.filter(submission__in=rows).select_related("text__form")
    titles = {consent.submission_id: consent.text.form.title for consent in consents}
    return [_suspected(row, titles[row.pk]) for row in rows]


def _suspected(row: Submission, title: str) -> Suspected:
    told = row.payload.get("fields", {})
    is_spam = row.error_code in set(Suspicion)
    return Suspected(
        number=row.public_id,
        form=title,
        received_at=row.received_at,
        why=SUSPICION_LABELS[Suspicion(row.error_code)] if is_spam else row.error_detail,
        is_spam=is_spam,
        fields=[(FORM_FIELD_LABELS[name], told[name]) for name in FormField if told.get(name)],
    )
