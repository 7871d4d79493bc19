"""A file is tried and taken in part by part, in the background: each part is one transaction, so whatever breaks off
is gone on with, and no row comes in twice."""

from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import transaction
from django.utils import translation
from django.utils.translation import gettext_lazy as _

from crm.models import User
from crm.operations import audit, jobs
from crm.operations.rights import require
from crm.rules.errors import DomainError
from crm.rules.permissions import Permission
from leads.intake import mapping as mappings
from leads.intake.mapping import ImportMapping
from leads.models import ImportBatch, ImportDraft, ImportPart
from leads.operations.desk import Desk
from leads.operations.imports import memory
from leads.operations.imports.apply import Importer
from leads.operations.imports.drafts import ImportHasStarted, say_words
from leads.operations.imports.meaning import mapping_of
from leads.operations.imports.names import agree_on_names
from leads.operations.imports.parts import COUNTED, empty_totals, rows_of
from leads.operations.imports.report import ImportReport
from leads.operations.imports.taking import Taking
from leads.operations.imports.trial import Trial
from leads.operations.imports.vocabulary import check_mapping, vocabulary_of
from leads.operations.imports.words import Told, is_settled
from leads.rules.imports import STARTED, WORKING, ImportState

JOB = "imports.go_on"
PARTS_A_DRAIN = 20  # then other work has its turn
A_MOMENT = timedelta(microseconds=1)
MOST_ERRORS_KEPT = 50
MOST_KINDS_KEPT = 100


class WordsAreNotSettled(DomainError):
    """Trying a file some of whose words mean nothing yet."""

    def __init__(self) -> None:
        super().__init__("words_not_settled", _("Say first what every value means, or that it is ignored."))


class TrialIsDueFirst(DomainError):
    """Starting an import that was not tried as it is now."""

    def __init__(self) -> None:
        super().__init__("trial_due", _("Check the file first: something was changed since."))


@transaction.atomic
def start_trial(*, draft: ImportDraft, by: User, at: datetime) -> ImportDraft:
    """Have a file tried: everything is done as in the import, and taken back."""
    require(by=by, permission=Permission.IMPORT_LEADS)
    draft = _held(draft)
    if draft.state in STARTED:
        raise ImportHasStarted
    if draft.state == ImportState.TRYING:
        return draft
    if not draft.column_meanings or not is_settled(draft=draft):
        raise WordsAreNotSettled
    mapping = mapping_of(draft=draft)
    mapping.check_columns(draft.columns)
    check_mapping(mapping=mapping, vocabulary=vocabulary_of(funnel=draft.funnel, at=at))
    memory.remember(draft=draft, at=at)
    _begin(draft, ImportState.TRYING, at)
    return draft


@transaction.atomic
def say_and_try(*, draft: ImportDraft, told: Told, by: User, at: datetime) -> ImportDraft:
    """Say what the words of a file mean, and have it tried with that."""
    return start_trial(draft=say_words(draft=draft, told=told), by=by, at=at)


@transaction.atomic
def start(*, draft: ImportDraft, by: User, at: datetime) -> ImportDraft:
    """Start an import; however often it is started, it starts once."""
    require(by=by, permission=Permission.IMPORT_LEADS)
    draft = _held(draft)
    if draft.state in STARTED:
        return draft
    if draft.state != ImportState.TRIED:
        raise TrialIsDueFirst
    agree_on_names(draft=draft, by=by, at=at)
    draft.batch = ImportBatch.objects.create(
        funnel=draft.funnel,
        file_name=draft.file_name,
        sha256=draft.sha256,
        mapping=mapping_of(draft=draft).document,
        arrived_at=draft.arrived_at,
        started_at=at,
        started_by=by,
    )
    audit.record(action="import.started", obj=draft.batch, by=by, at=at, changes={"rows": draft.row_count})
    _begin(draft, ImportState.RUNNING, at)
    return draft


@transaction.atomic
def cancel(*, draft: ImportDraft, by: User, at: datetime) -> ImportDraft:
    """Stop the trial or the run; what is in stays in, and can be undone."""
    require(by=by, permission=Permission.IMPORT_LEADS)
    draft = _held(draft)
    if draft.state == ImportState.TRYING:
        draft.state, draft.attempt = ImportState.PREPARED, draft.attempt + 1
        draft.save()
    if draft.state == ImportState.RUNNING:
        draft.cancelled_at, draft.cancelled_by = at, by
        _finish(draft, ImportState.STOPPED, by=by, at=at)
    return draft


@jobs.job(JOB, is_heavy=True)
@transaction.atomic
def go_on(*, at: datetime, draft: int, attempt: int, turn: int = 1) -> None:
    """Do the next part, and have the one after it done."""
    held = (
        ImportDraft.objects.defer("content")
        .select_for_update()
        .filter(pk=draft, attempt=attempt, state__in=WORKING)
        .first()
    )
    if held is not None and _do_next_part(held, at):
        # A drain does what was due when it began, so a moment later is the next drain's.
        due_at = at if turn % PARTS_A_DRAIN else at + A_MOMENT
        jobs.enqueue(name=JOB, at=at, due_at=due_at, draft=draft, attempt=attempt, turn=turn + 1)


def needs_looking_on() -> bool:
    """Tell whether the work goes on only while somebody looks on, for want of a worker to tell of it."""
    return not settings.REDIS_URL


@transaction.atomic
def carry_on(*, draft: ImportDraft, at: datetime) -> ImportDraft:
    """Do the next part while somebody looks on, where there is no worker to do it; return how it stands."""
    if not needs_looking_on():
        return draft
    held = _held(draft)
    if held.state in WORKING:
        _do_next_part(held, at)
    return held


def _held(draft: ImportDraft) -> ImportDraft:
    return ImportDraft.objects.defer("content").select_for_update().get(pk=draft.pk)


def _begin(draft: ImportDraft, state: ImportState, at: datetime) -> None:
    draft.state, draft.attempt = state, draft.attempt + 1
    draft.totals, draft.work_started_at, draft.finished_at = empty_totals(), at, None
    draft.save()
    jobs.enqueue(name=JOB, at=at, draft=draft.pk, attempt=draft.attempt)


def _do_next_part(draft: ImportDraft, at: datetime) -> bool:
    """Do one part; tell whether there is another."""
    is_trial = draft.state == ImportState.TRYING
    waiting = draft.parts.exclude(tried_in=draft.attempt) if is_trial else draft.parts.filter(done_at__isnull=True)
    part = waiting.order_by("number").first()
    if part is not None:
        with translation.override(draft.language):
            goes_on = _try(draft, part) if is_trial else _take(draft, part, at)
        if not goes_on:
            _finish(draft, ImportState.STOPPED, by=None, at=at)
            return False
    if part is None or draft.totals["rows"] >= draft.row_count:
        _finish(draft, ImportState.TRIED if is_trial else ImportState.DONE, by=draft.uploaded_by, at=at)
        return False
    draft.save(update_fields=["totals"])
    return True


def _try(draft: ImportDraft, part: ImportPart) -> bool:
    """Do with some rows what the import would do, count it, and take everything back."""
    at = draft.work_started_at or draft.uploaded_at
    rows, turns = rows_of(draft=draft, part=part)
    mapping = mapping_of(draft=draft)
    with transaction.atomic():
        batch = ImportBatch.objects.create(
            funnel=draft.funnel,
            file_name=draft.file_name,
            sha256=draft.sha256,
            mapping={},
            arrived_at=draft.arrived_at,
            started_at=at,
            started_by=draft.uploaded_by,
        )
        trial = Trial(_importer(draft, batch), mapping, draft.source, turns)
        trial.know(draft.parts.filter(number__lt=part.number, tried_in=draft.attempt))
        trial.take(rows)
        transaction.set_rollback(True)
    part.tried_in, part.seen = draft.attempt, trial.seen_here()
    part.save(update_fields=["tried_in", "seen"])
    _add(draft.totals, trial.report, part.row_count)
    return True


def _take(draft: ImportDraft, part: ImportPart, at: datetime) -> bool:
    """Take some rows in; not when somebody has undone what came before."""
    batch = ImportBatch.objects.select_for_update().get(draft=draft)
    if batch.undone_at is not None:
        return False
    rows, turns = rows_of(draft=draft, part=part)
    taking = Taking(_importer(draft, batch), _mapping_of_batch(batch), draft.source, turns)
    taking.take(rows)
    part.done_at = at
    part.save(update_fields=["done_at"])
    _add(draft.totals, taking.report, part.row_count)
    for name in ("created", "recognised", "duplicate", "failed"):
        setattr(batch, f"{name}_count", draft.totals[name])
    batch.save()
    return True


def _mapping_of_batch(batch: ImportBatch) -> ImportMapping:
    return mappings.parse(mappings.dumped(batch.mapping))


def _importer(draft: ImportDraft, batch: ImportBatch) -> Importer:
    vocabulary = vocabulary_of(funnel=draft.funnel, at=batch.started_at)
    desk = Desk(gathers=True)
    return Importer(
        batch=batch, funnel=draft.funnel, vocabulary=vocabulary, by=batch.started_by, at=batch.started_at, desk=desk
    )


def _add(totals: dict[str, Any], report: ImportReport, rows: int) -> None:
    report.sort()
    totals["rows"] += rows
    for name in COUNTED:
        totals[name] += getattr(report, name)
    room = MOST_ERRORS_KEPT - len(totals["first"])
    totals["first"] += [[failure.line, failure.column, failure.message] for failure in report.errors[:room]]
    kinds = {(code, column): [code, column, example, count] for code, column, example, count in totals["kinds"]}
    for key, kind in report.kinds.items():
        known = kinds.setdefault(key, [kind.code, kind.column, kind.example, 0])
        known[3] += kind.count
    totals["kinds"] = sorted(kinds.values(), key=lambda kind: -int(kind[3]))[:MOST_KINDS_KEPT]


def _finish(draft: ImportDraft, state: ImportState, *, by: User | None, at: datetime) -> None:
    draft.state, draft.finished_at = state, at
    draft.save()
    if draft.batch is None:
        return
    draft.batch.refresh_from_db()
    draft.batch.finished_at = at
    draft.batch.save(update_fields=["finished_at"])
    counts = {name: draft.totals[name] for name in ("created", "recognised", "duplicate", "failed")}
    action = "import.finished" if state == ImportState.DONE else "import.stopped"
    audit.record(action=action, obj=draft.batch, by=by, at=at, changes=counts)
