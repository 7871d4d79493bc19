"""Ask a profile what it makes of a hook."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from crm.rules.errors import DomainError
from leads.intake.hook import Hook, Setup, Translated
from leads.intake.profiles import PROFILES, translate
from leads.intake.row import IntakeRow

MOSCOW = ZoneInfo("Europe/Moscow")
SETUP = Setup(zone=MOSCOW)
NINE = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
HALF_PAST_EIGHT = datetime(2026, 3, 2, 8, 30, tzinfo=UTC)


def told(profile: str, hook: Hook, *, setup: Setup = SETUP, bound: tuple[str, ...] = ()) -> Translated:
    """Translate a hook."""
    return translate(profile=PROFILES[profile], hook=hook, setup=setup, bound=bound)


def row(profile: str, hook: Hook, *, setup: Setup = SETUP, bound: tuple[str, ...] = ()) -> IntakeRow:
    """Return the one row a hook means."""
    deals = told(profile, hook, setup=setup, bound=bound)
    assert isinstance(deals, tuple)
    (deal,) = deals
    return deal.row


def refused(profile: str, hook: Hook, *, setup: Setup = SETUP) -> str:
    """Return the code of a refusal."""
    with pytest.raises(DomainError) as caught:
        told(profile, hook, setup=setup)
    assert str(caught.value)
    return caught.value.code
