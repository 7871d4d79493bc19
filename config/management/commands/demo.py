"""`manage.py demo`: fill an empty database with a believable company and print how to sign in."""

from argparse import ArgumentParser
from datetime import datetime, timedelta
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import transaction
from django.utils import timezone

from crm.demo import PASSWORD, Company, seed_company
from crm.models import User
from crm.rules.roles import ROLE_LABELS, Role
from funnels.demo import seed_rules
from insights.demo import seed_boards
from leads.demo import seed_leads
from leads.demo.story import LEADS, WEEKS
from leads.models import Lead

RULES_CHANGED_WEEKS_AGO = 25
"""Before the board's twelve weeks and the twelve they are compared with; the longest periods show the change."""


class Command(BaseCommand):
    help = "Fill an empty database with a demonstration company; a second run changes nothing."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--language", choices=("ru", "en"), default="en", help="language of names and rules")
        parser.add_argument("--leads", type=int, default=LEADS, help="about how many leads")

    def handle(self, *args: Any, **options: Any) -> None:
        if Lead.objects.exists():
            self.stderr.write("The demonstration is here already.")
        elif User.objects.exists():
            raise CommandError("This database has people in it. The demonstration wants an empty one: name another.")
        else:
            self._seed(language=options["language"], leads=options["leads"], at=timezone.now())
        self._print_logins()

    @transaction.atomic
    def _seed(self, *, language: str, leads: int, at: datetime) -> None:
        start = at - timedelta(weeks=WEEKS + 1)
        self.stderr.write("People and settings …")
        company = seed_company(language=language, at=start)
        self.stderr.write("Rules …")
        funnel = seed_rules(
            language=language,
            from_at=start,
            changed_at=at - timedelta(weeks=RULES_CHANGED_WEEKS_AGO),
            marketer=company.first(Role.MARKETER),
            head=company.first(Role.HEAD),
        )
        self._seed_leads(company, funnel=funnel, language=language, leads=leads, at=at)
        seed_boards(
            language=language,
            funnel=funnel,
            settings=company.settings,
            marketer=company.first(Role.MARKETER),
            head=company.first(Role.HEAD),
            at=at,
        )

    def _seed_leads(self, company: Company, **options: Any) -> None:
        seed_leads(
            owners=company.managers,
            settings=company.settings,
            on_progress=lambda done, total: self.stderr.write(f"Leads: {done} of {total}"),
            **options,
        )

    def _print_logins(self) -> None:
        self.stdout.write("\nSign in with one of these; the password is always: " + PASSWORD)
        for person in User.objects.order_by("id"):
            self.stdout.write(f"  {person.email:<24} {ROLE_LABELS[Role(person.role)]:<16} {person.name}")
