"""Take a lost authenticator from a person, from the server."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from crm.models import User
from crm.operations import second_factor


class Command(BaseCommand):
    help = "Turn two-step sign-in off for a person who lost the authenticator and the recovery codes."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take whose it is."""
        parser.add_argument("email", help="the address the person signs in with")

    def handle(self, *args: Any, **options: Any) -> None:
        """Reset it, or say why not."""
        try:
            user = User.objects.get_by_natural_key(options["email"])
            second_factor.reset(user=user, by=None, at=timezone.now())
        except User.DoesNotExist as error:
            raise CommandError("Nobody signs in with this e-mail.") from error
        except second_factor.InvalidSecondFactor as error:
            raise CommandError(str(error)) from error
        self.stdout.write("Two-step sign-in is off for this person.")
