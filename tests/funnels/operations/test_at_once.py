"""Two people change the rules at one moment: of the last two funnels one stays, of one name there is one."""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress

import pytest
from django.conf import settings
from django.db import connection

from crm.rules.errors import DomainError
from funnels.models import Funnel
from funnels.operations import funnels, presets
from tests.factories.funnels import LONG_AGO

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(
        "postgresql" not in settings.DATABASES["default"]["ENGINE"],
        reason="SQLite lets one writer in at a time, so nothing happens at once",
    ),
]


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


def test_of_the_last_two_funnels_one_stays(monkeypatch: pytest.MonkeyPatch) -> None:
    one, other = (funnels.open_funnel(name=name, by=None, at=LONG_AGO) for name in ("One", "Other"))
    done = together(
        monkeypatch,
        funnels,
        "funnels_in_use",
        lambda: funnels.archive_funnel(funnel=one, by=None, at=LONG_AGO),
        lambda: funnels.archive_funnel(funnel=other, by=None, at=LONG_AGO),
    )
    assert sorted(map(str, done)) == ["None", "last_funnel"]
    assert Funnel.objects.filter(archived_at__isnull=True).count() == 1


def test_two_funnels_are_not_called_alike(monkeypatch: pytest.MonkeyPatch) -> None:
    def opened() -> object:
        return funnels.open_funnel(name="Courses", by=None, at=LONG_AGO).name

    done = together(monkeypatch, funnels, "funnels_in_use", opened, opened)
    assert sorted(map(str, done)) == ["Courses", "funnel_name_taken"]


def test_a_preset_installed_twice_is_one_funnel(monkeypatch: pytest.MonkeyPatch) -> None:
    def installed() -> object:
        return presets.use_preset(code="online-school", language="ru", by=None, at=LONG_AGO).is_new

    assert sorted(map(str, together(monkeypatch, presets, "load_preset", installed, installed))) == ["False", "True"]
