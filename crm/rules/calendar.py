"""Civil days and business time. Pure: instants in, instants and days out, whatever the clocks do."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

BusinessHours = Mapping[str, Sequence[str]]

END_OF_DAY = "24:00"
DAY = timedelta(days=1)


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


def is_open(at: datetime, zone: str, hours: BusinessHours, holidays: Collection[date]) -> bool:
    """Tell whether business time runs at an instant; without any open hours it always does."""
    if not any(_opens(span) for span in hours.values()):
        return True
    opening, closing = next(_open_spans(civil_day(at, zone), zone, hours, holidays))
    return opening <= at < closing


def worked(start: datetime, end: datetime, zone: str, hours: BusinessHours, holidays: Collection[date]) -> timedelta:
    """Measure the business time between two instants; negative when the end comes first."""
    if end < start:
        return -worked(end, start, zone, hours, holidays)
    if not any(_opens(span) for span in hours.values()):
        return end - start
    passed = timedelta(0)
    for opening, closing in _open_spans(civil_day(start, zone), zone, hours, holidays):
        if opening >= end:
            return passed
        passed += max(timedelta(0), min(end, closing) - max(start, opening))
    raise AssertionError("the calendar has no end")  # pragma: no cover


def longest_day(hours: BusinessHours) -> timedelta:
    """Tell how long the longest working day is; around the clock without any open hours."""
    spans = [span for span in hours.values() if _opens(span)]
    return max((_clock(span[1]) - _clock(span[0]) for span in spans), default=DAY)


def ago(end: datetime, minutes: int, zone: str, hours: BusinessHours, holidays: Collection[date]) -> datetime:
    """Find the latest instant since which so many business minutes have passed: what `due` tells, backwards."""
    remaining = timedelta(minutes=minutes)
    if not any(_opens(span) for span in hours.values()):
        return end - remaining
    at = end.astimezone(UTC)
    for opening, closing in _open_spans(civil_day(end, zone), zone, hours, holidays, step=-DAY):
        finish = min(at, closing)
        if finish <= opening:
            continue
        if finish - remaining >= opening:
            return finish - remaining
        remaining -= finish - opening
    raise AssertionError("the calendar has no beginning")  # pragma: no cover


def _open_spans(
    first: date, zone: str, hours: BusinessHours, holidays: Collection[date], *, step: timedelta = DAY
) -> Iterator[tuple[datetime, datetime]]:
    day = first
    while True:
        span = hours.get(str(day.isoweekday()), ())
        if _opens(span) and day not in holidays:
            yield _edge(day, span[0], zone), _edge(day, span[1], zone)
        day += step


def _opens(span: Sequence[str]) -> bool:
    return len(span) == 2 and span[0] < span[1]


def _edge(day: date, clock: str, zone: str) -> datetime:
    if clock == END_OF_DAY:
        return _instant(day + timedelta(days=1), time.min, zone)
    return _instant(day, time.fromisoformat(clock), zone)


def _instant(day: date, clock: time, zone: str) -> datetime:
    return datetime.combine(day, clock, tzinfo=ZoneInfo(zone)).astimezone(UTC)


def _clock(text: str) -> timedelta:
    hours, _colon, minutes = text.partition(":")
    return timedelta(hours=int(hours), minutes=int(minutes))
