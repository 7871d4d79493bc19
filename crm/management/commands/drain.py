"""Do the work that waits in the outbox."""

import signal
from threading import Event
from types import FrameType
from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from django.db import OperationalError, close_old_connections
from django.utils import timezone

from crm.operations import jobs

PAUSE_SECONDS = 1.0


class Command(BaseCommand):
    help = "Do the work that waits in the outbox: once, or with --loop until stopped."

    def add_arguments(self, parser: CommandParser) -> None:
        """Take the choice between once and for ever."""
        parser.add_argument("--loop", action="store_true", help="go on until SIGTERM or Ctrl-C")

    def handle(self, *, loop: bool, **options: Any) -> None:
        """Drain; a started piece of work is finished before stopping."""
        if not loop:
            self.stdout.write(f"{jobs.drain(at=timezone.now())}")
            return
        stop = Event()

        def ask_to_stop(number: int, frame: FrameType | None) -> None:
            stop.set()

        signal.signal(signal.SIGTERM, ask_to_stop)
        signal.signal(signal.SIGINT, ask_to_stop)
        while not stop.is_set():
            close_old_connections()
            if not self._drain():
                stop.wait(PAUSE_SECONDS)

    def _drain(self) -> int:
        try:
            return jobs.drain(at=timezone.now(), limit=100)
        except OperationalError:
            self.stderr.write("The database does not answer; trying again.")
            return 0
