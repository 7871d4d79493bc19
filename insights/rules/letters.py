"""When a weekly letter is due, and the token by which it is stopped from the letter itself."""

from datetime import UTC, date, datetime, time, timedelta, tzinfo

from django.core.signing import BadSignature, Signer

from insights.rules.period import Week, civil_day

A_WEEK = timedelta(weeks=1)
FIRST_DELAY = timedelta(minutes=5)
MOST_TRIES = 9
"""The last one comes about a day after the first: a letter that late is not worth its news."""


def slot_of(*, week: Week, weekday: int, hour: int, zone: tzinfo) -> datetime:
    """Find the instant of a weekday and an hour within a week; an hour the clock leaps over is the one after it."""
    day = week.first_on + timedelta(days=weekday - 1)
    return datetime.combine(day, time(hour), tzinfo=zone).astimezone(UTC)


def last_slot(*, at: datetime, weekday: int, hour: int, zone: tzinfo) -> tuple[Week, datetime]:
    """Find the newest slot that has come by an instant, and its week."""
    week = Week.of(civil_day(at, zone))
    slot = slot_of(week=week, weekday=weekday, hour=hour, zone=zone)
    if slot <= at:
        return week, slot
    week = before(week)
    return week, slot_of(week=week, weekday=weekday, hour=hour, zone=zone)


def next_slot(*, at: datetime, weekday: int, hour: int, zone: tzinfo, sent_on: date | None) -> datetime:
    """Find the first slot to come whose week has had no letter yet; `sent_on` is the Monday of the last that had."""
    week, _slot = last_slot(at=at, weekday=weekday, hour=hour, zone=zone)
    first = week.first_on + A_WEEK
    if sent_on is not None:
        first = max(first, sent_on + A_WEEK)
    return slot_of(week=Week.of(first), weekday=weekday, hour=hour, zone=zone)


def before(week: Week) -> Week:
    """Find the week before."""
    return Week.of(week.first_on - A_WEEK)


def delay(*, tries: int) -> timedelta | None:
    """Tell after how long a letter that could not be sent is tried again; nothing once it is given up."""
    return FIRST_DELAY * 2 ** (tries - 1) if tries < MOST_TRIES else None


def stop_token(*, subscription: int) -> str:
    """Sign the number of a subscription, so that whoever has the letter can stop it, and nobody else."""
    return Signer(salt="insights.letter").sign(str(subscription)).replace(":", "-", 1)


def subscription_of(*, token: str) -> int | None:
    """Read whose letter a token stops; nothing when we have not signed it."""
    try:
        return int(Signer(salt="insights.letter").unsign(token.replace("-", ":", 1)))
    except (BadSignature, ValueError):
        return None
