"""When something happened, and from when it counts."""

from datetime import datetime, timedelta

from django.utils.translation import gettext_lazy as _

from crm.rules.errors import DomainError

BACKDATING = timedelta(hours=24)
CLOCK_SKEW = timedelta(minutes=5)  # other people's clocks run ahead of ours by seconds, not by hours


class HappensInTheFuture(DomainError):
    """Something told as having happened that has not."""

    def __init__(self, *, field: str = "occurred_at") -> None:
        super().__init__("happens_in_the_future", _("This has not happened yet: the time is in the future."), field)


def told_at(*, told: datetime | None, at: datetime, field: str = "occurred_at") -> datetime:
    """Settle when something happened: as told, now when nothing was told, never later than now."""
    if told is None:
        return at
    if told > at + CLOCK_SKEW:
        raise HappensInTheFuture(field=field)
    return min(told, at)


def effective_at(*, occurred_at: datetime, recorded_at: datetime, is_machine: bool = False) -> datetime:
    """Tell from when a fact counts: people and files back-date by a day at most, a machine's clock is believed (R5)."""
    return occurred_at if is_machine else max(occurred_at, recorded_at - BACKDATING)
