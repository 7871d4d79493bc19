"""Some rows of a spreadsheet become leads: together where nothing stands against it, else one by one."""

import hashlib
from collections import Counter
from collections.abc import Mapping, Sequence
from contextlib import suppress
from zoneinfo import ZoneInfo

from django.db import DataError, IntegrityError, transaction
from django.utils.translation import gettext

from crm.operations.rows import by_one_statement
from crm.queries.organisation import settings_at
from crm.rules.errors import DomainError
from leads.intake.mapping import ImportMapping
from leads.intake.row import IntakeRow
from leads.intake.sheet import SheetRow
from leads.intake.translate import translate
from leads.models import Submission
from leads.operations import arrivals
from leads.operations.arrivals import Arrival, Received
from leads.operations.imports.apply import Importer
from leads.operations.imports.report import ImportReport, RowFailure
from leads.rules.facts import EMAIL_AS_TOLD, PHONE_AS_TOLD, Channel, SubmissionState


class Taking:
    """Takes rows in and reports what became of each.

    `turns` tells by line which of several equal rows one is; without it they are counted as they come.
    """

    def __init__(
        self, importer: Importer, mapping: ImportMapping, source: str, turns: Mapping[int, int] | None = None
    ) -> None:
        self.importer = importer
        self.mapping = mapping
        self.source = source
        self.turns = turns
        self.zone = ZoneInfo(settings_at(importer.at).time_zone)
        self.report = ImportReport(batch_id=importer.batch.pk)
        self.same_rows: Counter[str] = Counter()

    def take(self, chunk: Sequence[SheetRow]) -> None:
        """Take in together what is news in every respect, then every other row by itself."""
        rows = {arrival: row for row in chunk if (arrival := self._arrival(row))}
        self._prepare(list(rows))
        taken = self._news(arrivals.news_among(list(rows)))
        for arrival, row in rows.items():
            received = taken.get(arrival) or self._with_care(arrival, row)
            if received is not None:
                self._count(arrival, received)

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

    def _prepare(self, told: Sequence[Arrival]) -> None:
        """Do what has to be done before these rows; taken in for good, a name is made by the first lead that has it."""

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
            self._fail(row, refusal.code, [RowFailure(row.line, self._column(refusal), str(refusal))])
        except (DataError, IntegrityError):
            message = gettext("The database refused a value of this row: it is too long, too large or not unique.")
            self._fail(row, "database_refused", [RowFailure(row.line, "", message)])
        return None

    def _column(self, refusal: DomainError) -> str:
        """Find the column a refused value came from; a reason that no column holds was told by the tag."""
        columns = self.mapping.columns
        of_reason = columns.get("tag", "") if refusal.field == "lost_reason" else ""
        return columns.get(refusal.field or "", of_reason)

    def _count(self, arrival: Arrival, received: Received) -> None:
        if received.outcome == "existing":
            self.report.recognised += 1
            return
        self.report.won_and_lost += bool(arrival.row.won and arrival.row.lost_reasons)
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
        digest = content_digest(row)
        digest.update(str(self._turn(row, digest.hexdigest())).encode())
        return f"row:{digest.hexdigest()}"

    def _turn(self, row: SheetRow, name: str) -> int:
        if self.turns is not None:
            return self.turns[row.line]
        self.same_rows[name] += 1
        return self.same_rows[name]

    def _fail(self, row: SheetRow, code: str, failures: Sequence[RowFailure]) -> None:
        self.importer.desk.clear()
        self.report.fail(row, failures, code=code)
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


def content_digest(row: SheetRow) -> "hashlib._Hash":
    """Digest what is in a row, whatever the order of its columns."""
    return hashlib.sha256("\x1f".join(f"{key}\x1e{row.values[key]}" for key in sorted(row.values)).encode())
