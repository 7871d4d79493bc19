"""When a letter is due, by the clock of the organisation, and who may stop it."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from insights.rules.letters import MOST_TRIES, delay, last_slot, next_slot, stop_token, subscription_of

MOSCOW, BERLIN = ZoneInfo("Europe/Moscow"), ZoneInfo("Europe/Berlin")
MONDAY_NINE = {"weekday": 1, "hour": 9, "zone": MOSCOW}
NINE = datetime(2026, 3, 2, 6, tzinfo=UTC)  # Monday of 2026-W10 at nine in Moscow
A_WEEK = timedelta(weeks=1)


@pytest.mark.parametrize(
    ("at", "slot"),
    [
        (NINE, NINE),
        (NINE - timedelta(seconds=1), NINE - A_WEEK),
        (NINE + timedelta(days=6, hours=23), NINE),
    ],
)
def test_the_newest_slot_has_come_and_is_of_its_own_week(at: datetime, slot: datetime) -> None:
    week, found = last_slot(at=at, **MONDAY_NINE)
    assert found == slot
    assert week.first_on == slot.astimezone(MOSCOW).date()


def test_the_next_slot_is_to_come() -> None:
    assert next_slot(at=NINE - timedelta(minutes=1), sent_on=None, **MONDAY_NINE) == NINE
    assert next_slot(at=NINE, sent_on=None, **MONDAY_NINE) == NINE + A_WEEK


def test_a_week_that_had_its_letter_has_no_other_at_another_hour() -> None:
    friday = {"weekday": 5, "hour": 18, "zone": MOSCOW}
    assert next_slot(at=NINE, sent_on=None, **friday) == datetime(2026, 3, 6, 15, tzinfo=UTC)
    assert next_slot(at=NINE, sent_on=date(2026, 3, 2), **friday) == datetime(2026, 3, 13, 15, tzinfo=UTC)


def test_the_hour_is_that_of_the_clock_whether_it_is_summer_or_winter() -> None:
    told = {"weekday": 1, "hour": 9, "zone": BERLIN, "sent_on": None}
    winter = next_slot(at=datetime(2026, 3, 20, tzinfo=UTC), **told)
    summer = next_slot(at=datetime(2026, 3, 27, tzinfo=UTC), **told)
    assert (winter.hour, summer.hour) == (8, 7)


def test_tries_come_less_and_less_often_and_end_within_a_day_or_so() -> None:
    waits = [delay(tries=tries) for tries in range(1, MOST_TRIES + 1)]
    assert waits[-1] is None
    known = [wait for wait in waits if wait is not None]
    assert known == sorted(known)
    assert timedelta(hours=20) < sum(known, timedelta(0)) < timedelta(hours=28)


def test_a_token_is_of_one_subscription_and_cannot_be_made_up() -> None:
    token = stop_token(subscription=12)
    assert subscription_of(token=token) == 12
    for made_up in ("13" + token[2:], token[:-1], "12", "", "nonsense", token.replace("-", ":", 1) + "x"):
        assert subscription_of(token=made_up) is None
