"""Panel 4: whether a worse channel was bought or the channels grew worse."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from crm.rules import formats
from funnels.rules.verdict import Verdict
from insights.charts.sources import LONG_NAMES, NAMES, SourceDot
from insights.charts.sources import sources as dots_chart
from insights.rules.contrast import Contrast, Signal
from insights.rules.pick import Pick
from insights.rules.quality import Quality
from insights.rules.ratio import Ratio
from insights.rules.slice import NOBODY, GroupBy, Slice
from insights.rules.table import Row, Table
from insights.views.links import leads_url, reasons_url
from insights.views.shift import ShiftView, group_heading, interval_words
from leads.models.source import UNDEFINED_SOURCE

MOST_DRAWN = 10
NOT_NAMED = (UNDEFINED_SOURCE, NOBODY)


@dataclass(frozen=True, slots=True)
class SourceLine:
    """A source in the table under the chart."""

    name: str
    numbers: Contrast
    against_others: str
    signal: str
    reasons_url: str
    url: str
    failed_url: str


@dataclass(frozen=True, slots=True)
class SourcesPanel:
    """The dots, what to take from them and from the shift, and the same numbers as lines."""

    chart: SafeString
    take: str
    mood: str
    lines: Sequence[SourceLine]
    shift: ShiftView
    left_out: str
    weeks: str
    heading: str
    is_by_source: bool
    enough: int


def sources_panel(table: Table[Contrast], shift: ShiftView, *, enough: int, whole: bool = False) -> SourcesPanel:
    """Lay out the groups of a table: those large enough to be ranked by their share, then the small ones.

    The board draws the first few and always the leads of no known source; a page of its own draws all.
    """
    by = table.group_by or GroupBy.SOURCE
    rows = _ordered([row for row in table.rows if row.numbers.criterion is None], enough)
    drawn = rows if whole else _drawn(rows)
    heading = group_heading(by)
    dots = [_dot(row, table, enough) for row in drawn]
    return SourcesPanel(
        chart=_chart(dots, table, heading, is_long=whole and by is GroupBy.CAMPAIGN),
        take=shift.take or sources_take(rows, table.total),
        mood="look" if any(row.numbers.signal for row in rows) else shift.mood,
        lines=[_line(row, table) for row in rows],
        shift=shift,
        left_out=_left_out(len(rows) - len(drawn)),
        weeks=_weeks(table.slice, shift.slice),
        heading=heading,
        is_by_source=by is GroupBy.SOURCE,
        enough=enough,
    )


def _chart(dots: Sequence[SourceDot], table: Table[Contrast], heading: str, *, is_long: bool) -> SafeString:
    """Draw the groups; names of campaigns hold that of their source and need more room."""
    if not dots:
        return SafeString("")
    return dots_chart(dots, table.total.of_all, heading, names=LONG_NAMES if is_long else NAMES)


def sources_take(rows: Sequence[Row[Contrast]], total: Quality) -> str:
    """Say which group differs most by more than chance, or that none does."""
    if not total.n:
        return _("No leads came in this slice.")
    marked = [row for row in rows if row.numbers.signal]
    if not marked:
        return _("No difference here is more than chance.")
    worst = max(marked, key=lambda row: (row.numbers.signal is Signal.WORSE, abs(row.numbers.difference or 0)))
    return _("“%(name)s” stands out: %(share)s non-target, %(difference)s against all others.") % {
        "name": worst.key.label,
        "share": formats.share(worst.numbers.failed, worst.numbers.n),
        "difference": formats.points(worst.numbers.difference or 0),
    }


def _ordered(rows: Sequence[Row[Contrast]], enough: int) -> list[Row[Contrast]]:
    def rank(row: Row[Contrast]) -> tuple[bool, float, int, str]:
        is_small = row.numbers.n < enough
        return is_small, 0.0 if is_small else -(row.numbers.share or 0.0), -row.numbers.n, row.key.label

    return sorted(rows, key=rank)


def _drawn(rows: Sequence[Row[Contrast]]) -> list[Row[Contrast]]:
    """Choose the rows the board has room for; leads of no known source are among them whatever their place."""
    first, rest = list(rows[:MOST_DRAWN]), rows[MOST_DRAWN:]
    unknown = [row for row in rest if row.key.value in NOT_NAMED]
    return [*first[: MOST_DRAWN - len(unknown)], *unknown] if unknown else first


def _dot(row: Row[Contrast], table: Table[Contrast], enough: int) -> SourceDot:
    return SourceDot(
        name=row.key.label,
        ratio=Ratio(row.numbers.failed, row.numbers.n),
        is_ranked=row.numbers.n >= enough and not formats.is_few(row.numbers.n),
        is_marked=row.numbers.signal is not None,
        remark=_signal_words(row.numbers),
        url=_failed_url(row, table),
    )


def _line(row: Row[Contrast], table: Table[Contrast]) -> SourceLine:
    difference = row.numbers.against_others
    told = ""
    if difference and not formats.is_few(row.numbers.n) and not formats.is_few(row.numbers.other_n):
        told = interval_words(difference)
    group = (table.group_by or GroupBy.SOURCE, row.key.value)
    return SourceLine(
        name=row.key.label,
        numbers=row.numbers,
        against_others=told,
        signal=_signal_words(row.numbers),
        reasons_url=reasons_url(table.slice, group),
        url=leads_url(table.slice, Pick(group=group)),
        failed_url=_failed_url(row, table),
    )


def _failed_url(row: Row[Contrast], table: Table[Contrast]) -> str:
    group = (table.group_by or GroupBy.SOURCE, row.key.value)
    return leads_url(table.slice, Pick(verdict=Verdict.NON_TARGET, group=group))


def _signal_words(numbers: Contrast) -> str:
    if numbers.p is None:
        return ""
    return {
        None: _("within chance"),
        Signal.WORSE: _("worse than all others"),
        Signal.BETTER: _("better than all others"),
    }[numbers.signal]


def _weeks(dots: Slice, shift: Slice | None) -> str:
    """Say why the dots count weeks that the change does not, if they do."""
    if shift is None or shift.to_on is None or shift.to_on == dots.to_on:
        return ""
    return _(
        "The dots count every week; the change is of the weeks up to %(day)s only, "
        "because later leads have not had their full age, which those before them had."
    ) % {"day": formats.day(shift.to_on)}


def _left_out(count: int) -> str:
    if not count:
        return ""
    words = ngettext(
        "%(count)s more group is not drawn: it is in the table.",
        "%(count)s more groups are not drawn: they are in the table.",
        count,
    )
    return words % {"count": formats.number(count)}
