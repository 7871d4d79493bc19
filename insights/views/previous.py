"""Against the period before: one line on the headline card, and a column beside the criteria."""

from collections.abc import Mapping
from dataclasses import dataclass

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from crm.rules import formats
from funnels.rules.verdict import Verdict
from insights.rules.contrast import Signal
from insights.rules.pick import Pick
from insights.rules.previous import WORDS, Change
from insights.rules.slice import Slice
from insights.rules.table import Table
from insights.views.links import leads_url

MARKS = {Signal.WORSE: "▲", Signal.BETTER: "▼"}


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeLine:
    """A share now and before, each with its leads. `mark` stands only beside what is more than chance."""

    change: Change
    told: str
    mark: str
    url: str
    before_url: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """What changed: at all, in words, and by criterion. `words` says why there is nothing to compare."""

    heading: str
    words: str
    total: ChangeLine | None
    criteria: Mapping[str, ChangeLine]


def comparison_of(table: Table[Change], *, slice: Slice) -> Comparison:
    """Lay the comparison of a slice out; `slice` is the one asked for, the table's ends with its last ripe week."""
    heading = _heading(slice)
    before = slice.previous
    if before is None or not table.rows:
        return Comparison(heading=heading, words=_why_not(slice), total=None, criteria={})
    lines = [_line(row.numbers, table.slice, before) for row in table.rows]
    return Comparison(
        heading=heading,
        words="",
        total=lines[0],
        criteria={line.change.criterion: line for line in lines[1:] if line.change.criterion is not None},
    )


def _heading(slice: Slice) -> str:
    """Say with what the slice is compared, short enough for the head of a column."""
    if slice.period is None:
        return ""
    days = slice.period.days
    if days % 7:
        return ngettext("vs %(count)s day before", "vs %(count)s days before", days) % {"count": days}
    return ngettext("vs %(count)s week before", "vs %(count)s weeks before", days // 7) % {"count": days // 7}


def _why_not(slice: Slice) -> str:
    if slice.period is None:
        return _("A period with an open end has none before it to be compared with.")
    return _("No week is ripe yet: there is nothing to compare with the period before.")


def _line(change: Change, slice: Slice, before: Slice) -> ChangeLine:
    pick = Pick(verdict=Verdict.NON_TARGET) if change.criterion is None else Pick(criterion=change.criterion)
    mark = MARKS[change.signal] if change.signal else ""
    return ChangeLine(
        change=change,
        told=_told(change),
        mark=f"{mark} {formats.points(abs(change.difference or 0)).lstrip('+')}" if mark else "",
        url=leads_url(slice, pick),
        before_url=leads_url(before, pick),
    )


def _told(change: Change) -> str:
    """Say a change in points, with its interval, as a part of what it was, and in a word."""
    word = str(WORDS[change.word])
    if change.difference is None or formats.is_few(change.n) or formats.is_few(change.before_n):
        return word
    parts = (f"{formats.points(change.difference)} {_interval(change)}".strip(), _relative(change))
    return f"{', '.join(part for part in parts if part)} — {word}"


def _interval(change: Change) -> str:
    if change.difference_low is None or change.difference_high is None:
        return ""
    ends = (formats.signed(100 * end, 1) for end in (change.difference_low, change.difference_high))
    return f"[{'; '.join(ends)}]"


def _relative(change: Change) -> str:
    if change.relative is None:
        return ""
    return _("%(change)s relative") % {"change": formats.signed_percent(change.relative)}
