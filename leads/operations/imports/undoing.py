"""Take an import out from its page: a small one at once, a large one where no request waits for it."""

from datetime import datetime

from django.conf import settings
from django.db import transaction

from crm.models import User
from crm.operations import jobs
from crm.operations.rights import require
from crm.rules.errors import DomainError
from crm.rules.permissions import Permission
from leads.models import ImportDraft
from leads.operations.imports.undo import BatchHasBeenWorkedOn, undo_import, what_undoing_takes
from leads.rules.imports import WORKING, ImportState

JOB = "imports.undo"
AT_ONCE = 2000  # leads: a few seconds


@transaction.atomic
def undo(*, draft: ImportDraft, by: User, at: datetime) -> ImportDraft:
    """Take an import out, or have it taken out; asked twice, it is done once."""
    require(by=by, permission=Permission.IMPORT_LEADS)
    held = ImportDraft.objects.defer("content").select_for_update().get(pk=draft.pk)
    batch = held.batch
    if batch is None or held.state in WORKING or held.state == ImportState.UNDOING or batch.undone_at is not None:
        return held
    takes = what_undoing_takes(batch=batch)
    if takes.worked_on:
        raise BatchHasBeenWorkedOn(count=takes.worked_on)
    if takes.leads > AT_ONCE and settings.REDIS_URL:
        held.state = ImportState.UNDOING
        held.save(update_fields=["state"])
        jobs.enqueue(name=JOB, at=at, draft=held.pk, by=by.pk)
    else:
        undo_import(batch=batch, by=by, at=at)
    return held


@jobs.job(JOB, is_heavy=True)
@transaction.atomic
def go_on(*, at: datetime, draft: int, by: int) -> None:
    """Take an import out; when somebody has worked on its leads meanwhile, it stays."""
    held = ImportDraft.objects.defer("content").select_for_update().filter(pk=draft, state=ImportState.UNDOING).first()
    if held is None or held.batch is None:
        return
    try:
        with transaction.atomic():
            undo_import(batch=held.batch, by=User.objects.get(pk=by), at=at)
    except DomainError:
        pass  # the page about undoing says why
    held.state = ImportState.STOPPED if held.cancelled_at else ImportState.DONE
    held.save(update_fields=["state"])
