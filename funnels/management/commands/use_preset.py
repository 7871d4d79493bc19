"""Install a ready-made set of rules."""

from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone
from django.utils.translation import gettext as _

from crm.rules.errors import DomainError
from funnels.operations.presets import LANGUAGES, preset_codes, use_preset


class Command(BaseCommand):
    help = "Install a preset: a funnel with its stages, criteria, definition and reasons of loss. Safe to repeat."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Declare the preset and the language of its texts."""
        parser.add_argument("code", help=", ".join(preset_codes()))
        default = settings.LANGUAGE_CODE if settings.LANGUAGE_CODE in LANGUAGES else "en"
        parser.add_argument("--language", choices=LANGUAGES, default=default)

    def handle(self, *args: Any, **options: Any) -> None:
        """Install the preset and say what came of it."""
        try:
            installed = use_preset(code=options["code"], language=options["language"], by=None, at=timezone.now())
        except DomainError as refusal:
            raise CommandError(str(refusal)) from refusal
        words = {
            "code": installed.funnel.code,
            "stages": installed.stages,
            "criteria": installed.criteria,
            "reasons": installed.reasons,
        }
        if installed.is_new:
            message = _("Installed “{code}”: stages {stages}, criteria {criteria}, reasons of loss {reasons}.")
        else:
            message = _("“{code}” is already installed; nothing was changed.")
        self.stdout.write(message.format(**words))
