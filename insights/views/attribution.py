"""The switch of the visit by which the sources of leads are told."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from insights.queries.scope import has_other_visits
from insights.rules.slice import Attribution, Slice
from insights.rules.words import visit_labels
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
    options = [
        Option(label, url_of(replace(slice, attribution=visit)), visit is slice.attribution)
        for visit, label in visit_labels().items()
    ]
    return Attributing(visit_labels()[slice.attribution], options)
