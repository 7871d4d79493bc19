"""Imports as pages show them: which there are, how one is read, how far it has come, what came of it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db.models import Q, QuerySet

from crm.models import User
from crm.rules.permissions import Permission, Reach, reach
from leads.models import ImportBatch, ImportDraft
from leads.rules.imports import WORKING, ImportState

MOST_SHOWN = 200
QUIET_FOR = timedelta(minutes=1)


def imports_of(*, actor: User) -> QuerySet[ImportDraft]:
    """List the imports a person may see: all, or those of their team."""
    drafts = ImportDraft.objects.select_related("uploaded_by", "funnel", "batch__undone_by").defer("content")
    return drafts.order_by("-id").filter(_done_by("uploaded_by", actor))


def batches_of(*, actor: User) -> QuerySet[ImportBatch]:
    """List what has come in by the imports a person may see."""
    return ImportBatch.objects.filter(_done_by("started_by", actor))


def _done_by(column: str, actor: User) -> Q:
    granted = reach(actor.role, Permission.IMPORT_LEADS)
    if granted is Reach.ALL:
        return Q()
    if granted is Reach.NONE:
        return Q(pk=None)
    own = Q(**{column: actor})
    return own | Q(**{f"{column}__team": actor.team_id}) if actor.team_id else own


def import_by_code(*, code: UUID, actor: User) -> ImportDraft | None:
    """Find an import by its public id, among those a person may see."""
    return imports_of(actor=actor).filter(public_id=code).first()


def imports_shown(*, actor: User) -> Sequence[ImportDraft]:
    """List the latest imports."""
    return list(imports_of(actor=actor)[:MOST_SHOWN])


@dataclass(frozen=True, slots=True)
class Progress:
    """How far the work has come. Without enough done to tell, neither rate nor time left are known."""

    done: int
    total: int
    rate: float | None
    left: timedelta | None
    is_working: bool
    moved_at: datetime
    is_quiet: bool

    @property
    def share(self) -> int:
        """How much of a hundred is done."""
        return self.done * 100 // self.total if self.total else 0

    @property
    def minutes_left(self) -> int | None:
        """Whole minutes left, when it is more than one."""
        return None if self.left is None or self.left < timedelta(minutes=1) else round(self.left.total_seconds() / 60)


@dataclass(frozen=True, slots=True)
class Look:
    """What a page that looks on saw last: how much was done, and when that was new."""

    done: int
    moved_at: datetime


def progress(*, draft: ImportDraft, at: datetime, last: Look | None = None) -> Progress:
    """Tell how far a trial or a run has come, and whether it stands still, as far as whoever looks on can know."""
    done = int(draft.totals.get("rows", 0))
    passed = ((draft.finished_at or at) - (draft.work_started_at or at)).total_seconds()
    rate = done / passed if done and passed > 0 else None
    left = timedelta(seconds=(draft.row_count - done) / rate) if rate else None
    is_working = draft.state in WORKING
    moved_at = last.moved_at if last and last.done == done else at
    if not done:
        moved_at = min(moved_at, draft.work_started_at or at)
    is_quiet = is_working and at - moved_at > QUIET_FOR
    return Progress(done, draft.row_count, rate, left, is_working, moved_at, is_quiet)


@dataclass(frozen=True, slots=True)
class ErrorKind:
    """What is wrong with some rows in the same way."""

    column: str
    example: str
    count: int


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a trial found, or what came of an import."""

    created: int
    recognised: int
    duplicate: int
    failed: int
    won_and_lost: int
    unread_phones: int
    unread_emails: int
    kinds: Sequence[ErrorKind]
    first: Sequence[Sequence[Any]]
    rows: int

    @property
    def accepted(self) -> int:
        """How many rows have nothing against them."""
        return self.rows - self.failed


def outcome(*, draft: ImportDraft) -> Outcome | None:
    """Tell what became of the rows, as far as they were worked through."""
    if not draft.totals or draft.state == ImportState.PREPARED:
        return None
    told = dict(draft.totals)
    kinds = [ErrorKind(column, example, count) for _code, column, example, count in told.pop("kinds")]
    return Outcome(kinds=kinds, **told)
