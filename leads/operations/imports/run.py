"""Bring a spreadsheet in: everything is checked before the first row, and a bad row harms only itself."""

import hashlib
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from datetime import datetime
from itertools import islice
from zoneinfo import ZoneInfo

from django.db import DataError, IntegrityError, transaction
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from crm.models import User
from crm.operations import audit
from crm.operations.rows import by_one_statement
from crm.queries.organisation import settings_at
from crm.rules.errors import DomainError
from crm.rules.permissions import NotAllowed, Permission, is_granted
from funnels.models import Funnel
from funnels.queries import funnel_named
from leads.intake.mapping import ImportMapping
from leads.intake.row import IntakeRow
from leads.intake.sheet import Sheet, SheetRow
from leads.intake.translate import translate
from leads.models import ImportBatch, Submission
from leads.operations import arrivals
from leads.operations.arrivals import Arrival, Received
from leads.operations.desk import Desk
from leads.operations.imports.apply import Importer
from leads.operations.imports.report import ImportReport, RowFailure
from leads.operations.imports.undo import BatchAlreadyUndone
from leads.operations.imports.vocabulary import check_mapping, vocabulary_of
from leads.rules.facts import EMAIL_AS_TOLD, PHONE_AS_TOLD, Channel, SubmissionState

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
    if by is not None and not is_granted(by.role, Permission.IMPORT_LEADS):
        raise NotAllowed
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
        self.mapping = mapping
        self.source = source
        self.zone = ZoneInfo(settings_at(importer.at).time_zone)
        self.report = ImportReport(batch_id=importer.batch.pk)
        self.same_rows: Counter[str] = Counter()

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
                self._refuse_undone()
                self._chunk(chunk)
                self._keep_counts()
            done += len(chunk)
            if on_progress:
                on_progress(done, self.sheet.count)

    def _refuse_undone(self) -> None:
        """Break off when somebody has undone what is in so far; until this chunk is in, nobody does."""
        batch = ImportBatch.objects.select_for_update().get(pk=self.importer.batch.pk)
        if batch.undone_at is not None:
            raise BatchAlreadyUndone

    def _chunk(self, chunk: Sequence[SheetRow]) -> None:
        """Take in together what is news in every respect, then every other row by itself."""
        rows = {arrival: row for row in chunk if (arrival := self._arrival(row))}
        taken = self._news(arrivals.news_among(list(rows)))
        for arrival, row in rows.items():
            received = taken.get(arrival) or self._with_care(arrival, row)
            if received is not None:
                self._count(arrival.row, received)

    def _arrival(self, row: SheetRow) -> Arrival | None:
        """Prepare a row; None when it cannot be read, which is reported."""
        key = self._key(row)
        if row.problem:
            self._fail(row, row.problem.code, [RowFailure(row.line, "", str(row.problem))])
            return None
        told = translate(row.values, self.mapping, zone=self.zone, source=self.source, fallback_id=key)
        if not isinstance(told, IntakeRow):
            failures = [RowFailure(row.line, error.column, str(error.message)) for error in told]
            self._fail(row, "row_not_understood", failures)
            return None
        return self.importer.arrival(told, row.values, row.line)

    def _news(self, news: Sequence[Arrival]) -> dict[Arrival, Received]:
        """Write by one statement what can be; what is refused of it is left to be reported with care."""
        taken, rows = {}, self.importer.desk.rows
        for arrival in news:
            with suppress(DomainError), rows.all_or_none():
                taken[arrival] = self.importer.bring_in(arrival, is_news=True)
        try:
            with by_one_statement():
                rows.write()
        except (DataError, IntegrityError):
            return {}
        return taken

    def _with_care(self, arrival: Arrival, row: SheetRow) -> Received | None:
        desk = self.importer.desk
        try:
            with transaction.atomic():
                received = self.importer.bring_in(arrival, is_news=False)
                desk.rows.write()
                return received
        except DomainError as refusal:
            column = self.mapping.columns.get(refusal.field or "", "")
            self._fail(row, refusal.code, [RowFailure(row.line, column, str(refusal))])
        except (DataError, IntegrityError):
            message = gettext("The database refused a value of this row: it is too long, too large or not unique.")
            self._fail(row, "database_refused", [RowFailure(row.line, "", message)])
        return None

    def _count(self, told: IntakeRow, received: Received) -> None:
        if received.outcome == "existing":
            self.report.recognised += 1
            return
        self.report.won_and_lost += bool(told.won and told.lost_reasons)
        self.report.unread_phones += PHONE_AS_TOLD in received.lead.attributes
        self.report.unread_emails += EMAIL_AS_TOLD in received.lead.attributes
        if received.outcome == "duplicate":
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


def _chunks(rows: Iterator[SheetRow]) -> Iterator[list[SheetRow]]:
    while chunk := list(islice(rows, CHUNK)):
        yield chunk
