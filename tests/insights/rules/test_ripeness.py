"""Only weeks whose leads have all had their full age are compared."""

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from insights.rules.period import is_mature
from insights.rules.ripeness import ripe_part
from insights.rules.slice import Slice

MOSCOW = ZoneInfo("Europe/Moscow")
AUTUMN = Slice(funnel="sales", from_on=date(2026, 8, 31), to_on=date(2026, 11, 22), age=7)


@pytest.mark.parametrize(
    ("as_of", "last_on"),
    [
        (datetime(2026, 12, 20, 20, 59, tzinfo=UTC), date(2026, 11, 15)),
        (datetime(2026, 12, 20, 21, 0, tzinfo=UTC), date(2026, 11, 22)),  # midnight in Moscow
        (datetime(2026, 10, 5, 12, 0, tzinfo=UTC), date(2026, 9, 6)),
    ],
)
def test_the_slice_ends_with_its_last_ripe_week(as_of: datetime, last_on: date) -> None:
    found = ripe_part(AUTUMN, age=28, as_of=as_of, zone=MOSCOW)
    assert found == Slice(funnel="sales", from_on=date(2026, 8, 31), to_on=last_on, age=28)


def test_a_slice_that_is_ripe_keeps_its_last_day() -> None:
    part = Slice(funnel="sales", from_on=date(2026, 8, 31), to_on=date(2026, 9, 2))
    found = ripe_part(part, age=28, as_of=datetime(2026, 10, 1, tzinfo=UTC), zone=MOSCOW)
    assert found is not None
    assert found.to_on == date(2026, 9, 2)


def test_before_a_week_is_ripe_there_is_no_part() -> None:
    assert ripe_part(AUTUMN, age=28, as_of=datetime(2026, 10, 4, 12, tzinfo=UTC), zone=MOSCOW) is None


def test_all_time_ends_with_the_last_ripe_week() -> None:
    found = ripe_part(Slice(funnel="sales"), age=28, as_of=datetime(2026, 10, 5, 12, tzinfo=UTC), zone=MOSCOW)
    assert found == Slice(funnel="sales", to_on=date(2026, 9, 6), age=28)


@given(st.datetimes(datetime(2026, 9, 1), datetime(2027, 3, 1)), st.integers(1, 60))
def test_what_is_left_is_ripe(moment: datetime, age: int) -> None:
    as_of = moment.replace(tzinfo=UTC)
    found = ripe_part(AUTUMN, age=age, as_of=as_of, zone=MOSCOW)
    if found is not None:
        assert found.to_on is not None
        assert is_mature(found.to_on, age=age, as_of=as_of, zone=MOSCOW)
