"""A slice in words, as pages, letters and files say it."""

from collections.abc import Mapping

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from crm.rules import formats
from insights.rules.slice import Attribution, Slice


def period_words(slice: Slice) -> str:
    """Say which days the leads came on."""
    if slice.from_on and slice.to_on:
        return formats.day_range(slice.from_on, slice.to_on)
    if slice.from_on:
        return _("since %(day)s") % {"day": formats.day(slice.from_on, with_year=True)}
    if slice.to_on:
        return _("until %(day)s") % {"day": formats.day(slice.to_on, with_year=True)}
    return _("at any time")


def age_words(days: int | None) -> str:
    """Say what age the leads are counted at."""
    if days is None:
        return _("no limit")
    return ngettext("%(days)s day", "%(days)s days", days) % {"days": days}


def attribution_words(slice: Slice) -> list[str]:
    """Say by which visit sources are told, unless it is the usual one."""
    if slice.attribution is Attribution.LAST_NON_DIRECT:
        return []
    return [_("sources %(visit)s") % {"visit": visit_labels()[slice.attribution]}]


def visit_labels() -> Mapping[Attribution, str]:
    """Name the visits by which sources may be told."""
    return {
        Attribution.FIRST: _("by the first visit"),
        Attribution.LAST_NON_DIRECT: _("by the last non-direct visit"),
        Attribution.LAST: _("by the last visit"),
    }
