"""Print where the first administrator is made, as long as there is nobody."""

from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand

from crm.queries.people import is_nobody_here
from crm.rules.setup_code import setup_code


class Command(BaseCommand):
    help = "Print the address at which the first administrator is made; nothing to do once there are people."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Declare where this installation answers."""
        parser.add_argument(
            "--url", default=f"http://127.0.0.1:{settings.PORT}", help="where it answers: https://crm.example.com"
        )
        parser.add_argument("--quiet", action="store_true", help="say nothing when there are people")

    def handle(self, *args: Any, **options: Any) -> None:
        """Print the address with its code."""
        if not is_nobody_here():
            if not options["quiet"]:
                self.stdout.write("This installation has its people already: sign in.")
            return
        self.stdout.write("Nobody is here yet. Make the first administrator at")
        self.stdout.write(f"  {options['url'].rstrip('/')}/start/?code={setup_code(key=settings.SECRET_KEY)}")
