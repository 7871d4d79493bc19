"""Take an import out again, as a whole and only while nobody has built upon it."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from itertools import islice

from django.db import transaction
from django.db.models import Model, ProtectedError, Q, QuerySet
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from crm.models import User
from crm.operations import agreements
from crm.operations.rights import require
from crm.rules.errors import DomainError
from crm.rules.permissions import Permission
from leads.models import (
    Assessment,
    Campaign,
    Contact,
    ContactPoint,
    ImportBatch,
    Lead,
    LeadLink,
    OwnerChange,
    Sale,
    Segment,
    Source,
    Submission,
    Touch,
    Transition,
)
from leads.rules.facts import SubmissionState

CHUNK = 500  # below the number of parameters SQLite takes in one statement


class UnknownBatch(DomainError):
    """An import that does not exist, or no import at all."""

    def __init__(self) -> None:
        super().__init__("unknown_import", _("There is no such import to undo."))


class BatchAlreadyUndone(DomainError):
    """A second undoing."""

    def __init__(self) -> None:
        super().__init__("import_already_undone", _("This import has already been undone."))


class BatchHasBeenWorkedOn(DomainError):
    """Undoing what people have already worked with."""

    def __init__(self, *, count: int) -> None:
        message = format_lazy(
            _("The import cannot be undone: since then people have worked on {count} of its leads."), count=count
        )
        super().__init__("import_worked_on", message)


def batch_to_undo(*, pk: int | None) -> ImportBatch:
    """Find an import by its number, or the last one that was not undone."""
    batches = ImportBatch.objects.order_by("-id")
    batch = batches.filter(undone_at__isnull=True).first() if pk is None else batches.filter(pk=pk).first()
    if batch is None:
        raise UnknownBatch
    return batch


@dataclass(frozen=True, slots=True)
class Undoing:
    """What taking an import out would remove, and what stands against it. The raw rows stay in any case."""

    leads: int
    worked_on: int


def what_undoing_takes(*, batch: ImportBatch) -> Undoing:
    """Count what would go with an import."""
    leads = Lead.objects.filter(import_batch=batch)
    return Undoing(leads=leads.count(), worked_on=_worked_on(batch, leads))


@transaction.atomic
def undo_import(*, batch: ImportBatch, by: User | None, at: datetime) -> int:
    """Remove every lead of an import with its facts, and what was made for these leads alone.

    The raw rows stay, marked undone. Returns how many leads were removed.
    """
    require(by=by, permission=Permission.IMPORT_LEADS)
    batch = ImportBatch.objects.select_for_update().get(pk=batch.pk)
    if batch.undone_at is not None:
        raise BatchAlreadyUndone
    leads = Lead.objects.filter(import_batch=batch)
    worked_on = _worked_on(batch, leads)
    if worked_on:
        raise BatchHasBeenWorkedOn(count=worked_on)
    contacts = set(leads.values_list("contact_id", flat=True))
    count = _delete_leads(leads)
    Submission.objects.filter(import_batch=batch).update(state=SubmissionState.UNDONE)
    _delete_contacts(contacts, batch)
    _delete_dictionaries(batch)
    batch.undone_at, batch.undone_by = at, by
    batch.save(update_fields=["undone_at", "undone_by"])
    agreements.record(action="import.undone", obj=batch, by=by, at=at, changes={"leads": count})
    return count


def _worked_on(batch: ImportBatch, leads: QuerySet[Lead]) -> int:
    """Count the leads with facts of another moment than the import's, with other leads hanging on them, or that
    somebody has sent too since then and was told are there.

    Everything an import writes carries one recorded_at, the moment the import began.
    """
    theirs = ~Q(recorded_at=batch.started_at)
    ids: set[int] = set()
    for facts in (Assessment, Touch, Transition, Sale, OwnerChange, LeadLink):
        found = facts._default_manager.filter(theirs, lead__import_batch=batch)
        ids.update(found.values_list("lead_id", flat=True))
    sent = Submission.objects.filter(lead__import_batch=batch, import_batch__isnull=True)
    ids.update(sent.values_list("lead_id", flat=True))
    others = Lead.objects.exclude(import_batch=batch)
    for link in ("duplicate_of", "repeat_of"):
        ids.update(others.filter(**{f"{link}__in": leads}).values_list(f"{link}_id", flat=True))
    return len(ids)


def _delete_leads(leads: QuerySet[Lead]) -> int:
    # The leads of one file may be duplicates of each other; they go together, so the links go first.
    leads.update(duplicate_of=None, repeat_of=None)
    LeadLink.objects.filter(lead__in=leads).delete()
    ids = list(leads.values_list("pk", flat=True))
    for chunk in _chunks(ids):
        Lead.objects.filter(pk__in=chunk).delete()
    return len(ids)


def _delete_contacts(ids: set[int], batch: ImportBatch) -> None:
    """Delete the people nobody else has heard of; one known before only loses what the import told about them."""
    for chunk in _chunks(sorted(ids)):
        ContactPoint.objects.filter(contact__in=chunk, created_at=batch.started_at).delete()
        Contact.objects.filter(
            pk__in=chunk, created_at=batch.started_at, leads__isnull=True, sales__isnull=True, points__isnull=True
        ).delete()


def _delete_dictionaries(batch: ImportBatch) -> None:
    """Delete the names this import brought, unless a person has confirmed them or something uses them."""
    _delete_unused(Campaign.objects.filter(created_at=batch.started_at, archived_at__isnull=True))
    new_and_unconfirmed = Q(created_at=batch.started_at, is_confirmed=False)
    _delete_unused(Segment.objects.filter(new_and_unconfirmed))
    _delete_unused(Source.objects.filter(new_and_unconfirmed, aliases__isnull=True))


def _delete_unused(rows: Iterable[Model]) -> None:
    for row in rows:
        try:
            with transaction.atomic():
                row.delete()
        except ProtectedError:  # leads, spend or plans of others stand on it
            continue


def _chunks(ids: list[int]) -> Iterator[list[int]]:
    rest = iter(ids)
    while chunk := list(islice(rest, CHUNK)):
        yield chunk
