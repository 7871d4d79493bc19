"""Days and weeks of the organisation, and when a cohort is ripe for comparison."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo

from leads.rules.times import YEARS

DEFAULT_WEEKS = 12
READY_WEEKS = (4, DEFAULT_WEEKS, 26, 52)
"""The lengths of period the board offers ready-made."""
DAY = timedelta(days=1)
WEEK = timedelta(weeks=1)
ISO_YEARS = range(YEARS.start - 1, YEARS.stop)  # the first of January may lie in a week of the year before


@dataclass(frozen=True, slots=True, order=True)
class Week:
    """An ISO week, named by its ISO year: 2027-01-01 lies in 2026-W53."""

    year: int
    number: int

    @classmethod
    def of(cls, day: date) -> "Week":
        """Find the week of a day."""
        year, number, _weekday = day.isocalendar()
        return cls(year, number)

    @classmethod
    def parse(cls, label: str) -> "Week":
        """Read a label such as 2026-W36; raises ValueError for anything else.

        Neither a week which that year has not nor one of a year in which no lead can have come is read.
        """
        year, separator, number = label.partition("-W")
        week = cls(int(year), int(number))
        if week.year not in ISO_YEARS or not separator or week.label != label or cls.of(week.first_on) != week:
            raise ValueError(label)
        return week

    @property
    def label(self) -> str:
        return f"{self.year:04d}-W{self.number:02d}"

    @property
    def first_on(self) -> date:
        return date.fromisocalendar(self.year, self.number, 1)

    @property
    def last_on(self) -> date:
        return self.first_on + WEEK - DAY


@dataclass(frozen=True, slots=True)
class Period:
    """Days from one to another, both included."""

    from_on: date
    to_on: date

    @property
    def days(self) -> int:
        return (self.to_on - self.from_on).days + 1

    @property
    def previous(self) -> "Period":
        """The period of the same length that ends where this one begins."""
        length = timedelta(days=self.days)
        return Period(self.from_on - length, self.to_on - length)

    @property
    def weeks(self) -> list[Week]:
        """Every week the period touches, also those in which nothing happened."""
        return list(weeks_between(self.from_on, self.to_on))


def weeks_between(first: date, last: date) -> Iterator[Week]:
    """Yield the weeks from one day's to another's without a gap."""
    day = Week.of(first).first_on
    while day <= last:
        yield Week.of(day)
        day += WEEK


def last_weeks(today: date, count: int = DEFAULT_WEEKS) -> Period:
    """Take this many ISO weeks, the current one included."""
    current = Week.of(today)
    return Period(current.first_on - (count - 1) * WEEK, current.last_on)


def start_of_day(day: date, zone: tzinfo) -> datetime:
    """Find the instant a civil day begins: the day may last 23, 24 or 25 hours."""
    return datetime.combine(day, time.min, tzinfo=zone).astimezone(UTC)


def civil_day(at: datetime, zone: tzinfo) -> date:
    """Find the civil day of an instant."""
    return at.astimezone(zone).date()


def ripe_at(last_on: date, *, age: int | None, zone: tzinfo) -> datetime:
    """Tell when the last lead of a cohort reaches its age; without an age limit, when the cohort is complete."""
    return start_of_day(last_on + DAY, zone) + timedelta(days=age or 0)


def is_mature(last_on: date, *, age: int | None, as_of: datetime, zone: tzinfo) -> bool:
    """Tell whether every lead of a cohort had its full age by then; only such cohorts may be compared."""
    return ripe_at(last_on, age=age, zone=zone) <= as_of
