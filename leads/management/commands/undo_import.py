"""Take an import back from the command line."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone
from django.utils.translation import gettext as _

from crm.models import User
from crm.rules.errors import DomainError
from leads.operations.imports import batch_to_undo, undo_import

LAST = "last"
LONGEST_NUMBER = 18  # digits; no database counts further


class Command(BaseCommand):
    help = "Remove every lead of an import with its facts. Refused when people have worked on them since."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Declare which import."""
        parser.add_argument("batch", metavar="ID|last", help="the number the import reported, or the last one")
        parser.add_argument("--by", default="", metavar="EMAIL", help="the person who takes it back; else the system")

    def handle(self, *args: Any, **options: Any) -> None:
        """Undo the import and say how many leads it took along."""
        told = options["batch"]
        if told != LAST and not (told.isdecimal() and len(told) <= LONGEST_NUMBER):
            raise CommandError(_("Give the number of an import, or “last”."))
        by = User.objects.filter(email__iexact=options["by"], is_active=True).first() if options["by"] else None
        if options["by"] and by is None:
            raise CommandError(_("There is no active person with the e-mail {email}.").format(email=options["by"]))
        try:
            batch = batch_to_undo(pk=None if told == LAST else int(told))
            count = undo_import(batch=batch, by=by, at=timezone.now())
        except DomainError as refusal:
            raise CommandError(str(refusal)) from refusal
        self.stdout.write(_("Import {id} is undone: {count} leads removed.").format(id=batch.pk, count=count))
