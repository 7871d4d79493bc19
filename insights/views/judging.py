"""As judged then, or restated by the definition in force: the switch, and of how many leads nothing can be said."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from crm.rules import formats
from insights.queries.verdicts import has_another_definition
from insights.rules.pick import Pick, Timing
from insights.rules.slice import Slice
from insights.rules.table import Table
from insights.views.links import leads_url
from insights.views.option import Option


@dataclass(frozen=True, slots=True)
class Judging:
    """By what the leads are judged, what else they could be judged by, and what that leaves unsaid."""

    words: str
    options: Sequence[Option]
    note: str = ""
    lost: str = ""
    lost_url: str = ""


def judging_of(*, table: Table[Any], slice: Slice, url_of: Callable[[Slice], str]) -> Judging | None:
    """Lay the switch out; there is none where leads were never judged by more than one definition."""
    if not (slice.restated or has_another_definition(slice=slice)):
        return None
    number = table.definition.number if table.definition else 0
    then, now = _("as judged then"), _("restated by v%(number)s") % {"number": number}
    options = [
        Option(then, url_of(slice.as_judged), not slice.restated),
        Option(now, url_of(replace(slice, restated=True)), slice.restated),
    ]
    if not slice.restated:
        return Judging(then, options)
    lost = table.total.not_restated
    if not lost:
        return Judging(now, options, _("Every lead that was decided could be judged anew."))
    words = ngettext(
        "of %(n)s lead cannot be restated: what it was asked then does not decide it now.",
        "of %(n)s leads cannot be restated: what they were asked then does not decide them now.",
        table.total.n,
    )
    url = leads_url(slice, Pick(timing=Timing.NOT_RESTATED))
    return Judging(now, options, words % {"n": formats.number(table.total.n)}, formats.number(lost), url)
