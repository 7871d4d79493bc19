"""Bring a spreadsheet in: everything is checked before the first row, and a bad row harms only itself."""

import hashlib
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from itertools import islice
from zoneinfo import ZoneInfo

from django.db import DataError, IntegrityError, transaction
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from crm.models import User
from crm.operations import audit
from crm.queries.organisation import settings_at
from crm.rules.errors import DomainError
from funnels.models import Funnel
from funnels.queries import funnel_named
from leads.intake.mapping import ImportMapping
from leads.intake.row import IntakeRow
from leads.intake.sheet import Sheet, SheetRow
from leads.intake.translate import translate
from leads.models import ImportBatch, Submission
from leads.operations.desk import Desk
from leads.operations.imports.apply import Importer
from leads.operations.imports.report import ImportReport, RowFailure
from leads.operations.imports.vocabulary import check_mapping, vocabulary_of
from leads.rules.facts import Channel, SubmissionState

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
        importer = Importer(batch=batch, funnel=funnel, vocabulary=vocabulary, by=by, at=at, desk=Desk())
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
        self.mapping = mapping
        self.source = source
        self.zone = ZoneInfo(settings_at(importer.at).time_zone)
        self.report = ImportReport(batch_id=importer.batch.pk)
        self.same_rows: Counter[str] = Counter()

    def all(self, on_progress: Progress | None) -> ImportReport:
        done = 0
        for chunk in _chunks(self.sheet.rows()):
            self.importer.desk.clear()  # what was agreed on may have changed meanwhile
            with transaction.atomic():
                for row in chunk:
                    self._one(row)
            done += len(chunk)
            if on_progress:
                on_progress(done, self.sheet.count)
        self._finish()
        return self.report

    def _one(self, row: SheetRow) -> None:
        key = self._key(row)
        if row.problem:
            return self._fail(row, row.problem.code, [RowFailure(row.line, "", str(row.problem))])
        told = translate(row.values, self.mapping, zone=self.zone, source=self.source, fallback_id=key)
        if not isinstance(told, IntakeRow):
            failures = [RowFailure(row.line, error.column, str(error.message)) for error in told]
            return self._fail(row, "row_not_understood", failures)
        try:
            with transaction.atomic():
                outcome = self.importer.bring_in(told, row.values, row.line)
        except DomainError as refusal:
            column = self.mapping.columns.get(refusal.field or "", "")
            return self._fail(row, refusal.code, [RowFailure(row.line, column, str(refusal))])
        except (DataError, IntegrityError):
            message = gettext("The database refused a value of this row: it is too long, too large or not unique.")
            return self._fail(row, "database_refused", [RowFailure(row.line, "", message)])
        self._count(told, outcome)
        return None

    def _count(self, told: IntakeRow, outcome: str) -> None:
        if outcome == "existing":
            self.report.recognised += 1
            return
        self.report.won_and_lost += bool(told.won and told.lost_reasons)
        if outcome == "duplicate":
            self.report.duplicate += 1
        else:
            self.report.created += 1

    def _key(self, row: SheetRow) -> str:
        """Name a row by what is in it, so that a file without ids can come twice and change nothing.

        Two rows with the same content are two leads: each is named by its turn as well.
        """
        digest = hashlib.sha256("\x1f".join(f"{key}\x1e{row.values[key]}" for key in sorted(row.values)).encode())
        self.same_rows[digest.hexdigest()] += 1
        digest.update(str(self.same_rows[digest.hexdigest()]).encode())
        return f"row:{digest.hexdigest()}"

    def _fail(self, row: SheetRow, code: str, failures: Sequence[RowFailure]) -> None:
        self.importer.desk.clear()
        self.report.fail(row, failures)
        Submission.objects.create(
            channel=Channel.IMPORT,
            payload=row.values,
            received_at=self.importer.at,
            state=SubmissionState.FAILED,
            error_code=code,
            error_detail="\n".join(f"{failure.column}: {failure.message}".lstrip(": ") for failure in failures),
            import_batch=self.importer.batch,
            row_number=row.line,
        )

    @transaction.atomic
    def _finish(self) -> None:
        batch, report = self.importer.batch, self.report
        batch.created_count = report.created
        batch.recognised_count = report.recognised
        batch.duplicate_count = report.duplicate
        batch.failed_count = report.failed
        batch.finished_at = self.importer.at
        batch.save()
        changes = {
            "created": report.created,
            "recognised": report.recognised,
            "duplicate": report.duplicate,
            "failed": report.failed,
        }
        audit.record(action="import.finished", obj=batch, by=self.importer.by, at=self.importer.at, changes=changes)


def _chunks(rows: Iterator[SheetRow]) -> Iterator[list[SheetRow]]:
    while chunk := list(islice(rows, CHUNK)):
        yield chunk
