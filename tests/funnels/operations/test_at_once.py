"""Two people change the rules at one moment: of the last two funnels one stays, of one name there is one."""

import pytest

from funnels.models import Funnel
from funnels.operations import funnels, presets
from tests.at_once import ON_POSTGRESQL, together
from tests.factories.funnels import LONG_AGO

pytestmark = [pytest.mark.django_db(transaction=True), ON_POSTGRESQL]


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
