"""Do the work that waits in the outbox."""

import signal
import time
from threading import Event
from types import FrameType
from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from django.db import OperationalError, close_old_connections
from django.utils import timezone

from crm.operations import housekeeping, jobs

PAUSE_SECONDS = 1.0
TIDY_EVERY_SECONDS = 3600.0


class Command(BaseCommand):
    help = "Do the work that waits in the outbox: once, or with --loop until stopped, tidying up every hour."
    tidy_next = 0.0

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
            if not self._work():
                stop.wait(PAUSE_SECONDS)

    def _work(self) -> int:
        try:
            done = jobs.drain(at=timezone.now(), limit=100)
            if time.monotonic() >= self.tidy_next:
                housekeeping.tidy(at=timezone.now())
                self.tidy_next = time.monotonic() + TIDY_EVERY_SECONDS
        except OperationalError:
            self.stderr.write("The database does not answer; trying again.")
            return 0
        return done
