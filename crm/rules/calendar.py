"""Civil days and business time. Pure: instants in, instants and days out, whatever the clocks do."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

BusinessHours = Mapping[str, Sequence[str]]

END_OF_DAY = "24:00"


def civil_day(at: datetime, zone: str) -> date:
    """Tell which day the organisation's calendar shows at an instant."""
    return at.astimezone(ZoneInfo(zone)).date()


def due(start: datetime, minutes: int, zone: str, hours: BusinessHours, holidays: Collection[date]) -> datetime:
    """Find the instant by which so many business minutes have passed since `start`.

    Minutes are counted as they really elapse, so a day on which the clocks move is shorter or longer.
    An organisation without any open hours works around the clock.
    """
    remaining = timedelta(minutes=minutes)
    if not any(_opens(span) for span in hours.values()):
        return start + remaining
    at = start.astimezone(UTC)
    for opening, closing in _open_spans(civil_day(start, zone), zone, hours, holidays):
        begin = max(at, opening)
        if begin >= closing:
            continue
        if begin + remaining <= closing:
            return begin + remaining
        remaining -= closing - begin
    raise AssertionError("the calendar has no end")  # pragma: no cover


def _open_spans(
    first: date, zone: str, hours: BusinessHours, holidays: Collection[date]
) -> Iterator[tuple[datetime, datetime]]:
    day = first
    while True:
        span = hours.get(str(day.isoweekday()), ())
        if _opens(span) and day not in holidays:
            yield _edge(day, span[0], zone), _edge(day, span[1], zone)
        day += timedelta(days=1)


def _opens(span: Sequence[str]) -> bool:
    return len(span) == 2 and span[0] < span[1]


def _edge(day: date, clock: str, zone: str) -> datetime:
    if clock == END_OF_DAY:
        return _instant(day + timedelta(days=1), time.min, zone)
    return _instant(day, time.fromisoformat(clock), zone)


def _instant(day: date, clock: time, zone: str) -> datetime:
    return datetime.combine(day, clock, tzinfo=ZoneInfo(zone)).astimezone(UTC)
