"""What comes to the addresses of senders: kept first, then read and taken in as leads, and again after a correction."""

from dataclasses import dataclass
from datetime import datetime

import structlog
from django.db import DataError, IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from crm.models import ApiKey, User
from crm.operations import audit, jobs
from crm.rules.errors import DomainError
from leads.intake.hook import KEPT_HEADERS, Handshake, Hook
from leads.intake.payload import clean
from leads.intake.profiles import PROFILES
from leads.models import Submission
from leads.operations.hook_work import BodyIsTooLarge, Work, settings_of
from leads.queries.submissions import may_be_replayed, replayable
from leads.rules.facts import Channel, SubmissionState

JOB = "leads.process_submission"
LONGEST_BODY = 1_000_000
KEPT_OF_TOO_MUCH = 10_000
NOT_KEPT = ("hub.verify_token",)
LONGEST_QUERY_VALUE = 10_000


class CannotBeReplayed(DomainError):
    """Processing something again that has come to its end."""

    def __init__(self) -> None:
        super().__init__("cannot_be_replayed", _("Only what failed or waits can be processed again."))


@dataclass(frozen=True, slots=True)
class Taken:
    """What was kept, and the answer to a question about the address itself."""

    submission: Submission
    greeting: str | None = None


@transaction.atomic
def take(*, key: ApiKey, profile: str, hook: Hook, at: datetime, is_cut: bool = False) -> Taken:
    """Keep a request as it came, whatever it is; it is processed after this is committed.

    `is_cut` says that less has arrived than was announced.
    """
    is_too_much = len(hook.body) > LONGEST_BODY
    query = {clean(name): clean(value)[:LONGEST_QUERY_VALUE] for name, value in hook.query.items()}
    submission = Submission(
        channel=Channel.HOOK,
        profile=profile,
        api_key=key,
        body=hook.body[:KEPT_OF_TOO_MUCH] if is_too_much else hook.body,
        content_type=clean(hook.content_type)[:200],
        payload={
            "method": hook.method,
            "query": {name: value for name, value in query.items() if name not in NOT_KEPT},
            "headers": {name: clean(hook.headers[name])[:500] for name in KEPT_HEADERS if name in hook.headers},
            "is_cut": is_cut,
            "is_too_much": is_too_much,
        },
        received_at=at,
        state=SubmissionState.PENDING,
    )
    greeting = None if is_too_much else _greeting(key, profile, hook, at=at)
    if is_too_much:
        _fail(submission, BodyIsTooLarge())
    elif greeting is not None:
        submission.state = SubmissionState.TEST
    submission.save(force_insert=True)
    if submission.state == SubmissionState.PENDING:
        jobs.enqueue(name=JOB, at=at, submission=submission.pk)
    return Taken(submission, greeting.answer if greeting else None)


@jobs.job(JOB)
def process(*, at: datetime, submission: int) -> None:
    """Make leads of a submission that waits; called twice, it does so once."""
    with transaction.atomic():
        kept = _lock(submission)
        if kept.state == SubmissionState.PENDING:
            _process(kept, at=at)


@transaction.atomic
def replay(*, submission: Submission, by: User | None, at: datetime) -> Submission:
    """Process once more what failed or waits. Raises CannotBeReplayed."""
    kept = _lock(submission.pk)
    if not may_be_replayed(submission=kept):
        raise CannotBeReplayed
    _process(kept, at=at)
    audit.record(action="submission.replay", obj=kept, by=by, at=at, changes={"state": kept.state})
    return kept


@transaction.atomic
def queue_failed(*, profile: str, by: User | None, at: datetime) -> int:
    """Let everything of a profile that failed be processed once more; return how much that is."""
    failed = replayable(profile=profile).select_for_update()
    numbers = list(failed.values_list("pk", flat=True))
    Submission.objects.filter(pk__in=numbers).update(state=SubmissionState.PENDING)
    for number in sorted(numbers):
        jobs.enqueue(name=JOB, at=at, submission=number)
    if numbers:
        changes = {"profile": profile, "count": len(numbers)}
        audit.record(action="submission.replay_all", obj=("leads.submission", "*"), by=by, at=at, changes=changes)
    return len(numbers)


def _lock(pk: int) -> Submission:
    return Submission.objects.select_for_update(of=("self",)).select_related("api_key").get(pk=pk)


def _greeting(key: ApiKey, profile: str, hook: Hook, *, at: datetime) -> Handshake | None:
    greet = PROFILES[profile].greet
    try:
        return greet(hook=hook, setup=settings_of(key=key, profile=profile, at=at)[0]) if greet else None
    except DomainError:
        return None  # processing will say what is wrong with it


def _process(kept: Submission, *, at: datetime) -> None:
    """Read a submission and take its leads in, all of them or none; it ends with a state and a reason."""
    kept.attempts += 1
    kept.error_code = kept.error_detail = ""
    before = kept.lead_id
    try:
        with structlog.contextvars.bound_contextvars(api_key_id=kept.api_key_id), transaction.atomic():
            refusal = Work(kept, at).do()
    except DomainError as error:
        kept.lead_id, refusal = before, error  # what was made is gone with the transaction
    except (DataError, IntegrityError):
        kept.lead_id = before
        message = _("The database refused a value of this payload: it is too long, too large or not unique.")
        refusal = DomainError("database_refused", message)
    if refusal is not None:
        _fail(kept, refusal)
    kept.save()


def _fail(kept: Submission, refusal: DomainError) -> None:
    kept.state = SubmissionState.FAILED
    kept.error_code, kept.error_detail = refusal.code, str(refusal)
