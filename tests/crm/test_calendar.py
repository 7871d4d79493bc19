"""Business time and civil days."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm.rules.calendar import ago, civil_day, due, is_open, worked

MOSCOW, BERLIN, VLADIVOSTOK = "Europe/Moscow", "Europe/Berlin", "Asia/Vladivostok"
WEEK = {str(day): ["09:00", "18:00"] for day in range(1, 6)}
ROUND_THE_CLOCK = {str(day): ["00:00", "24:00"] for day in range(1, 8)}


def _local(text: str, zone: str = MOSCOW) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone))


def _midnight(day: date, zone: str) -> datetime:
    return datetime.combine(day, time.min, tzinfo=ZoneInfo(zone)).astimezone(UTC)


@pytest.mark.parametrize(
    ("start", "minutes", "expected"),
    [
        ("2026-03-02 10:00", 60, "2026-03-02 11:00"),  # within a Monday
        ("2026-03-02 17:30", 60, "2026-03-03 09:30"),  # over the evening
        ("2026-03-06 17:30", 60, "2026-03-10 09:30"),  # over the weekend and a holiday on Monday
        ("2026-03-02 03:00", 60, "2026-03-02 10:00"),  # before opening
        ("2026-03-07 12:00", 60, "2026-03-10 10:00"),  # on a Saturday
        ("2026-03-02 09:00", 9 * 60, "2026-03-02 18:00"),  # exactly to closing
        ("2026-03-02 09:00", 5 * 9 * 60, "2026-03-06 18:00"),  # five days
        ("2026-03-02 18:00", 1, "2026-03-03 09:01"),  # at closing
        ("2026-03-02 20:00", 0, "2026-03-03 09:00"),  # nothing to wait for, but nobody is there
    ],
)
def test_due_counts_business_minutes(start: str, minutes: int, expected: str) -> None:
    assert due(_local(start), minutes, MOSCOW, WEEK, {date(2026, 3, 9)}) == _local(expected)


def test_due_works_around_the_clock_when_no_hours_are_given() -> None:
    start = _local("2026-03-07 23:30")
    assert due(start, 90, MOSCOW, {}, ()) == start + timedelta(minutes=90)


def test_due_ignores_a_day_that_closes_before_it_opens() -> None:
    hours = {**WEEK, "1": ["18:00", "09:00"]}
    assert due(_local("2026-03-02 10:00"), 30, MOSCOW, hours, ()) == _local("2026-03-03 09:30")


@pytest.mark.parametrize(
    ("day", "minutes"), [("2026-03-29", 23 * 60), ("2026-10-25", 25 * 60), ("2026-06-01", 24 * 60)]
)
def test_due_counts_the_hours_a_day_really_has(day: str, minutes: int) -> None:
    start = _local(f"{day} 00:00", BERLIN)
    end = _midnight(date.fromisoformat(day) + timedelta(days=1), BERLIN)
    assert due(start, minutes, BERLIN, ROUND_THE_CLOCK, ()) == end


@pytest.mark.parametrize(
    ("at", "zone", "day"),
    [
        ("2026-03-01T20:59:59", MOSCOW, "2026-03-01"),
        ("2026-03-01T21:00:00", MOSCOW, "2026-03-02"),
        ("2026-03-01T14:00:00", VLADIVOSTOK, "2026-03-02"),
        ("2026-03-28T23:00:00", BERLIN, "2026-03-29"),
        ("2026-03-29T21:59:59", BERLIN, "2026-03-29"),
        ("2026-03-29T22:00:00", BERLIN, "2026-03-30"),
    ],
)
def test_civil_day_is_the_day_of_the_zone(at: str, zone: str, day: str) -> None:
    assert civil_day(datetime.fromisoformat(at).replace(tzinfo=UTC), zone) == date.fromisoformat(day)


instants = st.datetimes(datetime(2024, 1, 1), datetime(2028, 1, 1)).map(lambda at: at.replace(tzinfo=UTC))
zones = st.sampled_from([MOSCOW, BERLIN, VLADIVOSTOK, "America/New_York"])


@given(at=instants, zone=zones)
def test_an_instant_lies_within_its_civil_day(at: datetime, zone: str) -> None:
    day = civil_day(at, zone)
    assert _midnight(day, zone) <= at < _midnight(day + timedelta(days=1), zone)


@given(start=instants, zone=zones, first=st.integers(0, 3000), then=st.integers(0, 3000))
def test_waiting_twice_is_waiting_once_for_both(start: datetime, zone: str, first: int, then: int) -> None:
    halfway = due(start, first, zone, WEEK, ())
    assert due(halfway, then, zone, WEEK, ()) == due(start, first + then, zone, WEEK, ())


@given(start=instants, zone=zones, minutes=st.integers(1, 3000))
def test_due_falls_within_business_hours(start: datetime, zone: str, minutes: int) -> None:
    local = due(start, minutes, zone, WEEK, ()).astimezone(ZoneInfo(zone))
    assert local.isoweekday() <= 5
    assert "09:00" <= local.strftime("%H:%M") <= "18:00"


holidays = st.sets(st.integers(0, 1500), max_size=8).map(
    lambda found: {date(2024, 1, 1) + timedelta(days=n) for n in found}
)


@given(start=instants, zone=zones, minutes=st.integers(0, 5000), off=holidays)
def test_what_is_due_has_exactly_its_minutes_of_business_time(
    start: datetime, zone: str, minutes: int, off: set[date]
) -> None:
    end = due(start, minutes, zone, WEEK, off)
    assert worked(start, end, zone, WEEK, off) == timedelta(minutes=minutes)
    assert worked(end, start, zone, WEEK, off) == -timedelta(minutes=minutes)


@given(end=instants, zone=zones, minutes=st.integers(1, 5000), off=holidays)
def test_going_back_finds_the_last_start_whose_time_is_up(
    end: datetime, zone: str, minutes: int, off: set[date]
) -> None:
    start = ago(end, minutes, zone, WEEK, off)
    assert worked(start, end, zone, WEEK, off) == timedelta(minutes=minutes)
    assert due(start, minutes, zone, WEEK, off) <= end
    assert due(start + timedelta(minutes=1), minutes, zone, WEEK, off) > end or not is_open(start, zone, WEEK, off)


@given(start=instants, zone=zones, length=st.integers(0, 10_000), off=holidays)
def test_nobody_works_more_than_the_clock_shows(start: datetime, zone: str, length: int, off: set[date]) -> None:
    end = start + timedelta(minutes=length)
    assert timedelta(0) <= worked(start, end, zone, WEEK, off) <= end - start
    assert worked(start, end, zone, {}, off) == end - start


@pytest.mark.parametrize(("day", "hours"), [("2026-03-29", 23), ("2026-10-25", 25), ("2026-06-01", 24)])
def test_worked_counts_the_hours_a_day_really_has(day: str, hours: int) -> None:
    start, end = (_midnight(date.fromisoformat(day) + timedelta(days=step), BERLIN) for step in (0, 1))
    assert worked(start, end, BERLIN, ROUND_THE_CLOCK, ()) == timedelta(hours=hours)
    assert ago(end, hours * 60, BERLIN, ROUND_THE_CLOCK, ()) == start


@pytest.mark.parametrize(
    ("at", "expected"),
    [
        ("2026-03-02 08:59", False),
        ("2026-03-02 09:00", True),
        ("2026-03-02 17:59", True),
        ("2026-03-02 18:00", False),
        ("2026-03-07 12:00", False),
        ("2026-03-09 12:00", False),
    ],
)
def test_business_time_runs_within_the_hours_of_working_days(at: str, *, expected: bool) -> None:
    assert is_open(_local(at), MOSCOW, WEEK, {date(2026, 3, 9)}) is expected
    assert is_open(_local(at), MOSCOW, {}, ())
