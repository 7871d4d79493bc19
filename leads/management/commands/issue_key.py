"""Make a key for an integration from the command line."""

from argparse import ArgumentParser
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from crm.models import User
from crm.operations import keys
from crm.queries.organisation import settings_at
from crm.rules.errors import DomainError
from leads.intake.values import read_time
from leads.queries.known_sources import known_codes


class Command(BaseCommand):
    help = "Makes a key for an integration and prints its token, once."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Declare whom the key is for and how far it goes."""
        parser.add_argument("name", help="the integration, as people will know it")
        parser.add_argument("--scopes", required=True, help="with commas between: leads:write,leads:read")
        parser.add_argument(
            "--source", action="append", default=[], metavar="CODE", help="the only sources it is for; may be repeated"
        )
        parser.add_argument(
            "--expires",
            default="",
            metavar="DATE",
            help="2027-01-31 [18:00]: opens nothing from then on; else it never expires",
        )
        parser.add_argument("--by", default="", metavar="EMAIL", help="the administrator who makes it; else the system")

    def handle(self, *args: Any, **options: Any) -> None:
        """Make the key; only the token goes to the standard output, so that a script can read it."""
        now = timezone.now()
        try:
            issued = keys.issue(
                name=options["name"],
                scopes=options["scopes"].split(","),
                sources=known_codes(names=options["source"]),
                expires_at=self._time(options["expires"], now),
                by=self._person(options["by"]),
                at=now,
            )
        except DomainError as refusal:
            raise CommandError(str(refusal)) from refusal
        self.stdout.write(issued.token)
        self._tell(_("Copy the token now: it is not shown again, and nothing here can bring it back."))
        if issued.key.expires_at:
            when = date_format(timezone.localtime(issued.key.expires_at), "DATETIME_FORMAT")
            self._tell(_("The key {id} opens until {when}.").format(id=issued.key.token_id, when=when))

    def _tell(self, line: str) -> None:
        # Beside the token, not in its way; and no error, so it is not painted as one.
        self.stderr.write(line, style_func=str)

    def _person(self, email: str) -> User | None:
        if not email:
            return None
        person = User.objects.filter(email__iexact=email, is_active=True).first()
        if person is None:
            raise CommandError(_("There is no active person with the e-mail {email}.").format(email=email))
        return person

    def _time(self, text: str, now: datetime) -> datetime | None:
        if not text.strip():
            return None
        when = read_time(text.strip(), ZoneInfo(settings_at(now).time_zone))
        if when is None:
            raise CommandError(_("--expires {value} is not a time; write 2027-01-31.").format(value=text))
        return when.at
