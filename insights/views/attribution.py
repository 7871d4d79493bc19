"""By which visit the sources of leads are told: the switch, and the words of a question that takes an unusual one."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

from django.utils.translation import gettext as _

from insights.queries.scope import has_other_visits
from insights.rules.slice import Attribution, Slice
from insights.views.option import Option


@dataclass(frozen=True, slots=True)
class Attributing:
    """By which visit sources are told, and by which else they could be."""

    words: str
    options: Sequence[Option]


def attributing_of(*, slice: Slice, url_of: Callable[[Slice], str]) -> Attributing | None:
    """Lay the switch out; there is none where no lead tells of another visit than that of its source."""
    if slice.attribution is Attribution.LAST_NON_DIRECT and not has_other_visits(slice=slice):
        return None
    labels = _labels()
    options = [
        Option(label, url_of(replace(slice, attribution=visit)), visit is slice.attribution)
        for visit, label in labels.items()
    ]
    return Attributing(labels[slice.attribution], options)


def attribution_words(slice: Slice) -> list[str]:
    """Say by which visit sources are told, unless it is the usual one."""
    if slice.attribution is Attribution.LAST_NON_DIRECT:
        return []
    return [_("sources %(visit)s") % {"visit": _labels()[slice.attribution]}]


def _labels() -> Mapping[Attribution, str]:
    return {
        Attribution.FIRST: _("by the first visit"),
        Attribution.LAST_NON_DIRECT: _("by the last non-direct visit"),
        Attribution.LAST: _("by the last visit"),
    }
