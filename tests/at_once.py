"""Two people do something at one moment: made to happen, not waited for."""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress

import pytest
from django.conf import settings
from django.db import connection

from crm.rules.errors import DomainError

ON_POSTGRESQL = pytest.mark.skipif(
    "postgresql" not in settings.DATABASES["default"]["ENGINE"],
    reason="SQLite lets one writer in at a time, so nothing happens at once",
)


def together(monkeypatch: pytest.MonkeyPatch, module: object, name: str, *acts: Callable[[], object]) -> list[object]:
    """Do things in threads; a function of a module returns only when all have called it, or none of them may."""
    original, met = getattr(module, name), threading.Barrier(len(acts), timeout=1)

    def wait_for_the_other(*args: object, **kwargs: object) -> object:
        found = original(*args, **kwargs)
        with suppress(threading.BrokenBarrierError):
            met.wait()
        return found

    def do(act: Callable[[], object]) -> object:
        try:
            return act()
        except DomainError as refusal:
            return refusal.code
        finally:
            connection.close()

    monkeypatch.setattr(module, name, wait_for_the_other)
    with ThreadPoolExecutor(len(acts)) as pool:
        return [future.result(timeout=30) for future in [pool.submit(do, act) for act in acts]]
