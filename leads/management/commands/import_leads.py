"""Bring a spreadsheet in from the command line."""

import hashlib
from argparse import ArgumentParser
from datetime import datetime
from itertools import count
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone
from django.utils.translation import gettext as _

from crm.models import User
from crm.queries.organisation import settings_at
from crm.rules.errors import DomainError
from leads.intake import failed_rows, mapping, sheet
from leads.intake.values import read_time
from leads.operations.imports import ImportReport, choose_funnel, run_import

MOST_FAILURES_SHOWN = 200


class Command(BaseCommand):
    help = "Import leads from a CSV or XLSX file by a mapping. The same file twice changes nothing."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Declare the file and what the file itself cannot say."""
        parser.add_argument("file", type=Path)
        parser.add_argument("--mapping", type=Path, required=True, help="JSON: what the columns and tags mean")
        parser.add_argument(
            "--arrived-at", required=True, help="the arrival of rows without a time of their own: 2026-03-02 [10:30]"
        )
        parser.add_argument("--funnel", default="", help="code; else the mapping's, else the only funnel")
        parser.add_argument("--source", default="", help="for rows that name no source")
        parser.add_argument("--by", default="", metavar="EMAIL", help="the person who imports; else the system")
        parser.add_argument(
            "--failed-rows", type=Path, metavar="FILE", help="a new file; else FILE-failed beside the input"
        )
        parser.add_argument("--dry-run", action="store_true", help="report what would happen and change nothing")

    def handle(self, *args: Any, **options: Any) -> None:
        """Import the file, report the fate of its rows and hand back those that failed."""
        now = timezone.now()
        path: Path = options["file"]
        content = self._bytes(path)
        target: Path | None = options["failed_rows"]
        if target is not None and target.exists():
            raise CommandError(_("{file} exists already: name a new file for the rows that fail.").format(file=target))
        try:
            told = mapping.parse(self._bytes(options["mapping"]))
            read = sheet.read(content, encoding_hint=told.encoding)
            report = run_import(
                sheet=read,
                file_name=path.name,
                sha256=hashlib.sha256(content).hexdigest(),
                mapping=told,
                funnel=choose_funnel(code=options["funnel"], mapping=told),
                by=self._person(options["by"]),
                arrived_at=self._time(options["arrived_at"], now),
                at=now,
                source=options["source"],
                dry_run=options["dry_run"],
                on_progress=self._progress,
            )
        except DomainError as refusal:
            raise CommandError(str(refusal)) from refusal
        self._report(report, dry_run=options["dry_run"])
        if report.failed_rows and not options["dry_run"]:
            self._hand_back(target or _free_beside(path), failed_rows.write(read, report.failed_rows))

    def _bytes(self, path: Path) -> bytes:
        try:
            return path.read_bytes()
        except OSError as error:
            raise CommandError(_("Cannot read {file}: {error}").format(file=path, error=error.strerror)) from error

    def _hand_back(self, target: Path, content: bytes) -> None:
        try:
            with target.open("xb") as file:  # never over what is there, also when it came meanwhile
                file.write(content)
        except OSError as error:
            raise CommandError(_("Cannot write {file}: {error}").format(file=target, error=error.strerror)) from error
        self.stdout.write(
            _("The rows that failed are in {file}: correct them and import that file.").format(file=target)
        )

    def _person(self, email: str) -> User | None:
        if not email:
            return None
        person = User.objects.filter(email__iexact=email, is_active=True).first()
        if person is None:
            raise CommandError(_("There is no active person with the e-mail {email}.").format(email=email))
        return person

    def _time(self, text: str, now: datetime) -> datetime:
        when = read_time(text.strip(), ZoneInfo(settings_at(now).time_zone))
        if when is None:
            raise CommandError(_("--arrived-at {value} is not a time; write 2026-03-02.").format(value=text))
        return when.at

    def _progress(self, done: int, count: int) -> None:
        # Progress is no error, so it is not painted as one.
        self.stderr.write(f"\r{done} / {count}", style_func=str, ending="\n" if done >= count else "")
        self.stderr.flush()

    def _report(self, report: ImportReport, *, dry_run: bool) -> None:
        lines = [
            _("created: {count}").format(count=report.created),
            _("recognised: {count}").format(count=report.recognised),
            _("duplicate: {count}").format(count=report.duplicate),
            _("failed: {count}").format(count=report.failed),
        ]
        if report.won_and_lost:
            lines.append(_("{count} rows say both won and lost: they are won.").format(count=report.won_and_lost))
        if report.unread_phones:
            lines.append(_("phones not understood: {count}").format(count=report.unread_phones))
        if report.unread_emails:
            lines.append(_("e-mails not understood: {count}").format(count=report.unread_emails))
        lines.extend(
            _("line {line}: {what}").format(line=failure.line, what=f"{failure.column}: {failure.message}".lstrip(": "))
            for failure in report.errors[:MOST_FAILURES_SHOWN]
        )
        if len(report.errors) > MOST_FAILURES_SHOWN:
            lines.append(_("… and {count} more.").format(count=len(report.errors) - MOST_FAILURES_SHOWN))
        if dry_run:
            lines.append(_("This was a dry run: nothing was changed."))
        else:
            lines.append(
                _("This is import {id}; `manage.py undo_import {id}` takes it back.").format(id=report.batch_id)
            )
        self.stdout.write("\n".join(lines))


def _free_beside(path: Path) -> Path:
    """Name a new file for the rows that failed: x-failed.csv, else x-failed-2.csv and so on."""
    first = path.with_name(f"{path.stem}-failed{path.suffix}")
    others = (path.with_name(f"{path.stem}-failed-{number}{path.suffix}") for number in count(2))
    return first if not first.exists() else next(other for other in others if not other.exists())
