"""Process again what came by hooks and failed."""

from argparse import ArgumentParser
from collections import Counter
from typing import Any
from zoneinfo import ZoneInfo

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone
from django.utils.translation import gettext as _

from crm.queries.organisation import settings_at
from leads.intake.profiles import PROFILES
from leads.intake.values import read_time
from leads.operations import hooks
from leads.queries.submissions import REPLAYABLE, replayable


class Command(BaseCommand):
    help = "Process again what came by hooks and failed, the oldest first; what is in already is recognised."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take what to narrow by."""
        parser.add_argument("--state", default="failed", choices=[state.value for state in REPLAYABLE])
        parser.add_argument("--profile", default="", choices=sorted(PROFILES))
        parser.add_argument("--since", default="", metavar="DATE", help="only what came since then: 2026-03-02 [10:30]")

    def handle(self, *args: Any, **options: Any) -> None:
        """Process one after the other, each in a transaction of its own, and count what came of them."""
        now = timezone.now()
        since = None
        if options["since"]:
            since = read_time(options["since"], ZoneInfo(settings_at(now).time_zone))
            if since is None:
                raise CommandError(_("--since {value} is not a time; write 2026-03-02.").format(value=options["since"]))
        found = replayable(state=options["state"], profile=options["profile"], since=since.at if since else None)
        counts: Counter[str] = Counter()
        for pk in list(found.order_by("id").values_list("pk", flat=True)):
            kept = found.model(pk=pk)
            counts[hooks.replay(submission=kept, by=None, at=timezone.now()).get_state_display()] += 1
        self.stdout.write("\n".join(f"{state}: {count}" for state, count in sorted(counts.items())) or "0")
