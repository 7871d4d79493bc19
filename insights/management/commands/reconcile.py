"""`manage.py reconcile`: do the counts that are kept say what the leads say?"""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import connection
from django.utils import timezone

from insights.operations import keeping


class Command(BaseCommand):
    help = "Compares the counts kept for the board with the leads; fails when something differs."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Declare what may be done about it."""
        way = parser.add_mutually_exclusive_group()
        way.add_argument("--check", action="store_true", help="only tell what differs (the default)")
        way.add_argument("--repair", action="store_true", help="count anew what differs")
        way.add_argument("--rebuild", action="store_true", help="count every day anew instead of comparing")
        parser.add_argument("--at-once", type=int, default=1, help="fortnights rebuilt at once; one for each processor")

    def handle(self, *args: object, **options: Any) -> None:
        """Compare, or count anew."""
        at = timezone.now()
        if options["rebuild"]:
            at_once = options["at_once"] if connection.vendor == "postgresql" else 1
            for funnel, day in keeping.fill_everything(at=at, at_once=max(at_once, 1)):
                self.stdout.write(f"{funnel.code}: counted up to {day}")
            return
        adrift = keeping.reconcile(at=at, repairs=options["repair"])
        for funnel, day in adrift:
            self.stdout.write(f"{funnel.code}: {day} differed{' and was counted anew' if options['repair'] else ''}")
        if adrift:
            raise CommandError(f"{len(adrift)} days differed.", returncode=1)
        self.stdout.write("Every count is what the leads say.")
