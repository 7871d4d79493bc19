"""When something happened, and from when it counts."""

from datetime import UTC, datetime, timedelta

from django.utils.translation import gettext_lazy as _

from crm.rules.errors import DomainError

YEARS = range(2000, 2200)  # no company keeps leads from outside of these: such a year is mistyped
EARLIEST = datetime(YEARS.start, 1, 1, tzinfo=UTC)
BACKDATING = timedelta(hours=24)
CLOCK_SKEW = timedelta(minutes=5)  # other people's clocks run ahead of ours by seconds, not by hours


class HappensInTheFuture(DomainError):
    """Something told as having happened that has not."""

    def __init__(self, *, field: str = "occurred_at") -> None:
        super().__init__("happens_in_the_future", _("This has not happened yet: the time is in the future."), field)


class HappenedTooLongAgo(DomainError):
    """A time before there were any leads to keep: most likely a year with a digit missing."""

    def __init__(self, *, field: str = "occurred_at") -> None:
        message = _("The time is before 1 January 2000: look at the year again.")
        super().__init__("happened_too_long_ago", message, field)


def told_at(*, told: datetime | None, at: datetime, field: str = "occurred_at") -> datetime:
    """Settle when something happened: as told, now when nothing was told, within our years and never later than now."""
    if told is None:
        return at
    if told < EARLIEST:
        raise HappenedTooLongAgo(field=field)
    if told > at + CLOCK_SKEW:
        raise HappensInTheFuture(field=field)
    return min(told, at)


def effective_at(*, occurred_at: datetime, recorded_at: datetime, is_machine: bool = False) -> datetime:
    """Tell from when a fact counts: people and files back-date by a day at most, a machine's clock is believed (R5)."""
    return occurred_at if is_machine else max(occurred_at, recorded_at - BACKDATING)
