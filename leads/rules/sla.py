"""What can be overdue about a lead, and how much business time is left or over, in words."""

from datetime import timedelta
from enum import StrEnum
from typing import TYPE_CHECKING

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from crm.rules import formats

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise

HOUR = 60
SHORT = 10 * HOUR  # minutes beyond which nobody counts single ones
MANY_DAYS = 3  # working days from which on nobody counts hours


class Late(StrEnum):
    FIRST_TOUCH = "first_touch"
    VERDICT = "verdict"


LATE_LABELS: dict[Late, "_StrPromise"] = {
    Late.FIRST_TOUCH: gettext_lazy("first touch"),
    Late.VERDICT: gettext_lazy("verdict"),
}


def left_in_words(*, left: timedelta, is_over: bool, day: timedelta) -> str:
    """Say how much working time is left, or by how much of it something is overdue; `day` is how long one works."""
    if is_over:
        return _("overdue by %(time)s") % {"time": _length(abs(left), day)}
    return _("due in %(time)s of working time") % {"time": _length(left, day)}


def _length(span: timedelta, day: timedelta) -> str:
    if day and span >= MANY_DAYS * day:
        days = round(span / day)
        words = ngettext("%(days)s working day", "%(days)s working days", days)
        return words % {"days": formats.number(days)}
    minutes = int(span.total_seconds() // 60)
    hours, rest = divmod(minutes, HOUR)
    if not hours:
        return _("%(minutes)s min") % {"minutes": rest}
    if minutes >= SHORT or not rest:
        return _("%(hours)s h") % {"hours": hours}
    return _("%(hours)s h %(minutes)s min") % {"hours": hours, "minutes": rest}
