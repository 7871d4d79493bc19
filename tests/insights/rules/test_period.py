"""Weeks, days of 23 and 25 hours, and ripeness of cohorts."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from insights.rules.period import Period, Week, civil_day, is_mature, last_weeks, start_of_day, weeks_between

MOSCOW, BERLIN = ZoneInfo("Europe/Moscow"), ZoneInfo("Europe/Berlin")
ZONES = st.sampled_from(["Europe/Moscow", "Europe/Berlin", "Asia/Vladivostok", "America/New_York", "Asia/Kathmandu"])


@pytest.mark.parametrize(
    ("day", "label"),
    [
        (date(2026, 8, 31), "2026-W36"),
        (date(2026, 9, 6), "2026-W36"),
        (date(2026, 12, 31), "2026-W53"),
        (date(2027, 1, 1), "2026-W53"),
        (date(2024, 12, 30), "2025-W01"),
    ],
)
def test_a_week_is_named_by_its_iso_year(day: date, label: str) -> None:
    assert Week.of(day).label == label
    assert Week.parse(label).first_on <= day <= Week.parse(label).last_on


@pytest.mark.parametrize(
    "label", ["", "2026", "2026-36", "2026-W00", "2026-W54", "2025-W53", "2026-W6", "x-Wy", " 2026-W36"]
)
def test_what_is_not_a_week_is_refused(label: str) -> None:
    with pytest.raises(ValueError):
        Week.parse(label)


def test_weeks_without_leads_are_there_too() -> None:
    labels = [week.label for week in weeks_between(date(2026, 12, 24), date(2027, 1, 5))]
    assert labels == ["2026-W52", "2026-W53", "2027-W01"]


def test_the_default_is_twelve_weeks_with_the_current_one() -> None:
    period = last_weeks(date(2026, 9, 9))
    assert (period.from_on, period.to_on) == (date(2026, 6, 22), date(2026, 9, 13))
    assert len(period.weeks) == 12
    assert period.previous == Period(date(2026, 3, 30), date(2026, 6, 21))


def test_midnight_in_moscow_parts_the_weeks() -> None:
    assert civil_day(datetime(2026, 8, 30, 21, 30, tzinfo=UTC), MOSCOW) == date(2026, 8, 31)
    assert civil_day(datetime(2026, 9, 6, 21, 10, tzinfo=UTC), MOSCOW) == date(2026, 9, 7)


@pytest.mark.parametrize(
    ("zone", "day", "hours"),
    [(BERLIN, date(2026, 3, 29), 23), (BERLIN, date(2026, 10, 25), 25), (MOSCOW, date(2014, 10, 26), 25)],
)
def test_days_are_not_always_of_twenty_four_hours(zone: ZoneInfo, day: date, hours: int) -> None:
    assert start_of_day(day + timedelta(days=1), zone) - start_of_day(day, zone) == timedelta(hours=hours)


def test_the_repeated_hour_has_two_instants_in_one_day() -> None:
    first = datetime(2026, 10, 25, 2, 30, tzinfo=BERLIN, fold=0).astimezone(UTC)
    second = datetime(2026, 10, 25, 2, 30, tzinfo=BERLIN, fold=1).astimezone(UTC)
    assert (first.hour, second.hour) == (0, 1)
    assert civil_day(first, BERLIN) == civil_day(second, BERLIN) == date(2026, 10, 25)


@given(st.datetimes(datetime(2010, 1, 1), datetime(2030, 1, 1), timezones=st.just(UTC)), ZONES)
def test_every_instant_lies_in_exactly_one_day(at: datetime, name: str) -> None:
    zone = ZoneInfo(name)
    day = civil_day(at, zone)
    around = [day + timedelta(days=shift) for shift in (-1, 0, 1)]
    holding = [d for d in around if start_of_day(d, zone) <= at < start_of_day(d + timedelta(days=1), zone)]
    assert holding == [day]


def test_a_cohort_is_ripe_when_its_last_lead_has_the_age() -> None:
    last_on = date(2026, 9, 6)
    ripe = datetime(2026, 9, 13, 21, tzinfo=UTC)
    assert is_mature(last_on, age=7, as_of=ripe, zone=MOSCOW)
    assert not is_mature(last_on, age=7, as_of=ripe - timedelta(seconds=1), zone=MOSCOW)
    assert is_mature(last_on, age=None, as_of=ripe, zone=MOSCOW)
    assert not is_mature(last_on, age=None, as_of=ripe - timedelta(days=8), zone=MOSCOW)
