"""Bring a spreadsheet in: everything is checked before the first row, and a bad row harms only itself."""

from collections.abc import Callable, Iterator
from datetime import datetime
from itertools import islice

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from crm.models import User
from crm.operations import audit
from crm.operations.rights import require
from crm.rules.errors import DomainError
from crm.rules.permissions import Permission
from funnels.models import Funnel
from funnels.queries import funnel_named
from leads.intake.mapping import ImportMapping
from leads.intake.sheet import Sheet, SheetRow
from leads.models import ImportBatch
from leads.operations.desk import Desk
from leads.operations.imports.apply import Importer
from leads.operations.imports.report import ImportReport
from leads.operations.imports.taking import Taking
from leads.operations.imports.undo import BatchAlreadyUndone
from leads.operations.imports.vocabulary import check_mapping, vocabulary_of

CHUNK = 200
LONGEST_FILE_NAME = 255

Progress = Callable[[int, int], None]


class ArrivalInTheFuture(DomainError):
    """A time of arrival that has not come yet."""

    def __init__(self) -> None:
        super().__init__("arrival_in_the_future", _("The time of arrival is in the future."), "arrived_at")


def choose_funnel(*, code: str, mapping: ImportMapping) -> Funnel:
    """Find the funnel of an import: the one the person names, else the mapping, else the only one there is."""
    return funnel_named(code=code or mapping.funnel)


def run_import(
    *,
    sheet: Sheet,
    file_name: str,
    sha256: str,
    mapping: ImportMapping,
    funnel: Funnel,
    by: User | None,
    arrived_at: datetime | None,
    at: datetime,
    source: str = "",
    dry_run: bool = False,
    on_progress: Progress | None = None,
) -> ImportReport:
    """Bring the rows of a file in as leads, and tell what became of each.

    A dry run does exactly the same and takes everything back.
    """
    require(by=by, permission=Permission.IMPORT_LEADS)
    vocabulary = vocabulary_of(funnel=funnel, at=at)
    mapping.check_columns(sheet.columns, sheet.repeated)
    check_mapping(mapping=mapping, vocabulary=vocabulary)
    if arrived_at is not None and arrived_at > at:
        raise ArrivalInTheFuture
    batch = ImportBatch(
        funnel=funnel,
        file_name=file_name[-LONGEST_FILE_NAME:],
        sha256=sha256,
        mapping=mapping.document,
        arrived_at=arrived_at,
        started_at=at,
        started_by=by,
    )

    def bring_in() -> ImportReport:
        batch.save()
        importer = Importer(batch=batch, funnel=funnel, vocabulary=vocabulary, by=by, at=at, desk=Desk(gathers=True))
        return _Run(importer, sheet, mapping, source).all(on_progress)

    if not dry_run:
        return bring_in()
    with transaction.atomic():
        report = bring_in()
        transaction.set_rollback(True)
    report.batch_id = None
    return report


class _Run:
    def __init__(self, importer: Importer, sheet: Sheet, mapping: ImportMapping, source: str) -> None:
        self.importer = importer
        self.sheet = sheet
        self.taking = Taking(importer, mapping, source)
        self.report = self.taking.report

    def all(self, on_progress: Progress | None) -> ImportReport:
        try:
            self._rows(on_progress)
        except BaseException:  # also Ctrl-C: what is in stays in, and can be undone
            self._finish("import.broken_off")
            raise
        self.report.sort()
        self._finish("import.finished")
        return self.report

    def _rows(self, on_progress: Progress | None) -> None:
        done = 0
        for chunk in _chunks(self.sheet.rows()):
            self.importer.desk.clear()  # what was agreed on may have changed meanwhile
            with transaction.atomic():
                refuse_undone(self.importer.batch)
                self.taking.take(chunk)
                self._keep_counts()
            done += len(chunk)
            if on_progress:
                on_progress(done, self.sheet.count)

    def _keep_counts(self) -> None:
        """Write down what came of the rows together with these: whatever breaks off later, the counts are true."""
        batch, report = self.importer.batch, self.report
        batch.created_count = report.created
        batch.recognised_count = report.recognised
        batch.duplicate_count = report.duplicate
        batch.failed_count = report.failed
        batch.save(update_fields=["created_count", "recognised_count", "duplicate_count", "failed_count"])

    @transaction.atomic
    def _finish(self, action: str) -> None:
        batch = self.importer.batch
        batch.refresh_from_db()
        batch.finished_at = self.importer.at
        batch.save(update_fields=["finished_at"])
        changes = {
            "created": batch.created_count,
            "recognised": batch.recognised_count,
            "duplicate": batch.duplicate_count,
            "failed": batch.failed_count,
        }
        audit.record(action=action, obj=batch, by=self.importer.by, at=self.importer.at, changes=changes)


def refuse_undone(batch: ImportBatch) -> None:
    """Break off when somebody has undone what is in so far; until this chunk is in, nobody does."""
    if ImportBatch.objects.select_for_update().get(pk=batch.pk).undone_at is not None:
        raise BatchAlreadyUndone


def _chunks(rows: Iterator[SheetRow]) -> Iterator[list[SheetRow]]:
    while chunk := list(islice(rows, CHUNK)):
        yield chunk
