"""Take in what a visitor typed into a public form, and decide about what looked like spam."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from crm.models import User
from crm.operations import audit
from crm.rules.errors import DomainError
from leads.intake.row import IntakeRow
from leads.models import Consent, ConsentText, PublicForm, Quarantine, Submission
from leads.operations import arrivals
from leads.rules.facts import Channel, SubmissionState
from leads.rules.public_forms import FormField, Suspicion

PROFILE = "form"  # what reads such a submission again


class NotToBeReleased(DomainError):
    """Releasing what waits for nobody: it is a lead already, or did not come through a form."""

    def __init__(self) -> None:
        super().__init__("not_to_be_released", _("This request does not wait for a decision."))


@dataclass(frozen=True, slots=True, kw_only=True)
class Sent:
    """What a visitor sent: fields as they were read, everything else as it came."""

    fields: Mapping[str, str]
    number: str = ""
    utm: Mapping[str, str] = field(default_factory=dict)
    page: str = ""
    referrer: str = ""
    others: Mapping[str, object] = field(default_factory=dict)

    def payload(self, form: PublicForm) -> dict[str, object]:
        """Write it down so that the same lead can be made of it later."""
        told: dict[str, object] = {
            "form": form.key,
            "number": self.number,
            "fields": dict(self.fields),
            "utm": dict(self.utm),
            "page": self.page,
            "referrer": self.referrer,
            "others": dict(self.others),
        }
        return {name: value for name, value in told.items() if value}


def submit(
    *, form: PublicForm, sent: Sent, consent: ConsentText, suspicion: Suspicion | None, at: datetime
) -> Submission:
    """Take a request in with its consent; a suspected one waits for a person instead of becoming a lead.

    Whatever comes of it, the visitor has done their part: what the rules refuse is kept as failed and can be released
    when its cause is gone.
    """
    payload = sent.payload(form)
    if suspicion is not None:
        return _quarantine(payload, suspicion, consent, at=at)
    try:
        with transaction.atomic():
            submission = _receive(form, payload, by=None, received_at=at, at=at).submission
            Consent.objects.create(submission=submission, text=consent, given_at=at)
            return submission
    except DomainError as refusal:
        with transaction.atomic():
            submission = _keep(payload, SubmissionState.FAILED, at=at, code=refusal.code, detail=str(refusal))
            Consent.objects.create(submission=submission, text=consent, given_at=at)
            return submission


@transaction.atomic
def note_refused(
    *, form: PublicForm, sent: Sent, consent: ConsentText | None, code: str, detail: str, at: datetime
) -> Submission:
    """Keep a request that was handed back to its visitor, with the reason.

    Without a consent nothing of the person may be kept: only which fields there were.
    """
    payload = sent.payload(form) if consent else {"form": form.key, "names": sorted(sent.fields)}
    submission = _keep(payload, SubmissionState.FAILED, at=at, code=code, detail=detail)
    if consent is not None:
        Consent.objects.create(submission=submission, text=consent, given_at=at)
    return submission


@transaction.atomic
def release(*, submission: Submission, by: User | None, at: datetime) -> arrivals.Received:
    """Make a lead of a request that was suspected, or failed; it came when it came, not when it was released."""
    submission = _held(submission)
    if submission.state not in (SubmissionState.QUARANTINED, SubmissionState.FAILED):
        raise NotToBeReleased
    consent = Consent.objects.select_related("text__form__funnel", "text__form__source").filter(submission=submission)
    form = consent.get().text.form if consent.exists() else None
    if form is None:
        raise NotToBeReleased
    received = _receive(form, submission.payload, by=by, received_at=submission.received_at, at=at)
    _fold(submission, received.submission)
    Quarantine.objects.filter(submission=submission).update(decided_at=at, decided_by=by, is_released=True)
    audit.record(action="submission.release", obj=submission, by=by, at=at, changes={"outcome": received.outcome})
    return arrivals.Received(lead=received.lead, outcome=received.outcome, submission=submission)


@transaction.atomic
def keep(*, submission: Submission, by: User | None, at: datetime) -> Submission:
    """Agree that a suspected request is spam: it stays where it is and asks for no decision any more."""
    submission = _held(submission)
    waiting = Quarantine.objects.filter(submission=submission, decided_at__isnull=True)
    if not waiting.update(decided_at=at, decided_by=by):
        raise NotToBeReleased
    audit.record(action="submission.keep", obj=submission, by=by, at=at)
    return submission


def row_of(*, form: PublicForm, payload: Mapping[str, Any]) -> IntakeRow:
    """Translate what was written down of a request into the row every door makes."""
    fields = payload.get("fields", {})
    number = payload.get("number", "")
    where = {name: payload[name] for name in ("page", "referrer") if payload.get(name)}
    return IntakeRow(
        **{name.value: fields.get(name, "") for name in FormField},
        source=form.source.code,
        campaign=form.campaign,
        external_id=f"form-{number}" if number else "",
        has_own_id=False,
        utm=payload.get("utm", {}),
        attributes={"form": form.title, **where},
    )


def _receive(
    form: PublicForm, payload: Mapping[str, Any], *, by: User | None, received_at: datetime, at: datetime
) -> arrivals.Received:
    return arrivals.receive(
        row=row_of(form=form, payload=payload),
        funnel=form.funnel,
        by=by,
        at=at,
        channel=Channel.FORM,
        default_received_at=received_at,
        raw=payload,
    )


def _quarantine(
    payload: Mapping[str, object], suspicion: Suspicion, consent: ConsentText, *, at: datetime
) -> Submission:
    with transaction.atomic():
        submission = _keep(payload, SubmissionState.QUARANTINED, at=at, code=suspicion)
        Consent.objects.create(submission=submission, text=consent, given_at=at)
        Quarantine.objects.create(submission=submission, suspicion=suspicion)
        return submission


def _keep(
    payload: Mapping[str, object], state: SubmissionState, *, at: datetime, code: str = "", detail: str = ""
) -> Submission:
    return Submission.objects.create(
        channel=Channel.FORM,
        profile=PROFILE,
        payload=dict(payload),
        received_at=at,
        state=state,
        error_code=code,
        error_detail=detail,
    )


def _held(submission: Submission) -> Submission:
    return Submission.objects.select_for_update().get(pk=submission.pk, channel=Channel.FORM)


def _fold(submission: Submission, fresh: Submission) -> None:
    """Let the request as it came stand for the lead, in the place of the row that receiving it again has made."""
    submission.state, submission.lead = fresh.state, fresh.lead
    submission.error_code = submission.error_detail = ""
    submission.attempts += 1
    submission.save(update_fields=["state", "lead", "error_code", "error_detail", "attempts"])
    fresh.delete()
