"""When a next step is due, by the names people give to times."""

from collections.abc import Mapping, Sequence
from datetime import datetime, time, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from django.utils.translation import gettext_lazy as _

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise

MORNING = time(9)


class Preset(StrEnum):
    IN_AN_HOUR = "hour"
    TOMORROW = "tomorrow"
    IN_THREE_DAYS = "three_days"
    NEXT_WEEK = "next_week"


PRESET_LABELS: dict[Preset, "_StrPromise"] = {
    Preset.IN_AN_HOUR: _("in an hour"),
    Preset.TOMORROW: _("tomorrow morning"),
    Preset.IN_THREE_DAYS: _("in 3 days"),
    Preset.NEXT_WEEK: _("next week"),
}


def due_by(*, preset: Preset, at: datetime, zone: str, hours: Mapping[str, Sequence[str]]) -> datetime:
    """Turn a name into an instant: mornings begin when that day's business hours do, at nine on a day off."""
    if preset is Preset.IN_AN_HOUR:
        return at + timedelta(hours=1)
    today = at.astimezone(ZoneInfo(zone)).date()
    days = {Preset.TOMORROW: 1, Preset.IN_THREE_DAYS: 3, Preset.NEXT_WEEK: 8 - today.isoweekday()}[preset]
    day = today + timedelta(days=days)
    span = hours.get(str(day.isoweekday()), ())
    opens = time.fromisoformat(span[0]) if span else MORNING
    return datetime.combine(day, opens, tzinfo=ZoneInfo(zone))
