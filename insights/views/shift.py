"""The change since the period before in words and arrows: what of it is the mix of channels, what their quality."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from crm.rules import formats
from funnels.rules.verdict import Verdict
from insights.charts.shift import Step
from insights.charts.shift import shift as shift_chart
from insights.rules.mix import Change, Shift, change_of, period_before
from insights.rules.pick import Pick
from insights.rules.previous import WORDS, Word
from insights.rules.previous import Change as WholeChange
from insights.rules.slice import GroupBy, Slice
from insights.rules.stats import Difference
from insights.rules.table import Row, Table
from insights.rules.words import period_words
from insights.views.links import leads_url, reasons_url

MOST_NAMED = 2
LEAST_MOVE = 0.005  # of the stream; less is not worth a word
BOUGHT = (GroupBy.SOURCE, GroupBy.CAMPAIGN)


@dataclass(frozen=True, slots=True)
class ShiftLine:
    """A group in the table of the split, with the leads of both periods."""

    name: str
    numbers: Shift
    reasons_url: str
    url: str
    failed_url: str
    before_url: str
    failed_before_url: str
    mix: str
    rate: str


@dataclass(frozen=True, slots=True)
class ShiftView:
    """The split: drawn, or in words why there is none."""

    take: str
    mood: str
    chart: SafeString
    why_not: str
    change: Change | None
    told: str
    moved: str
    scope: str
    lines: Sequence[ShiftLine]
    whole: ShiftLine | None = None
    slice: Slice | None = None


def shift_of(table: Table[Shift], *, asked: Slice, compared: Table[WholeChange], enough: int, url: str) -> ShiftView:
    """Lay out what the change since the period before is made of; the drawing leads to `url`.

    `asked` is the slice of the whole page.

    `compared` is the same change as a whole: its interval holds here too. Nothing is said of causes below `enough`
    leads, nor where the definition of a target lead changed in between.
    """
    whole = compared.rows[0].numbers if compared.rows else None
    redefined = whole is not None and whole.is_redefined
    change = change_of((row.numbers for row in table.rows), spread=whole.spread if whole else 1.0)
    why_not = _why_not(table, change)
    if change is None or why_not:
        return ShiftView("", "calm", SafeString(""), why_not, None, "", "", "", ())
    by = table.group_by or GroupBy.SOURCE
    may_tell = min(change.before.n, change.after.n) >= enough and not redefined
    return ShiftView(
        take=_take(change, table.rows, by, enough) if may_tell else _sum_words(change),
        mood="calm" if change.is_usual or not may_tell else "look",
        chart=shift_chart(change.before.share or 0, change.after.share or 0, _steps(change, by, url)),
        why_not="",
        change=change,
        told=_redefined_words(change) if redefined else _told(change),
        moved=_moved(table.rows) if may_tell else "",
        scope=_scope(table, change),
        lines=[_line(row, table, asked) for row in table.rows],
        whole=_whole(change, table, asked),
        slice=table.slice,
    )


def group_heading(by: GroupBy) -> str:
    """Name what a panel is grouped by, as the head of a column."""
    return {
        GroupBy.SOURCE: _("source"),
        GroupBy.CAMPAIGN: _("campaign"),
        GroupBy.SEGMENT: _("segment"),
        GroupBy.OWNER: _("manager"),
        GroupBy.WEEK: _("week"),
    }[by]


def interval_words(difference: Difference) -> str:
    """Write a difference of shares with its interval: "+2.4 pp [−1.5; +6.3]"."""
    low, high = formats.signed(100 * difference.low, 1), formats.signed(100 * difference.high, 1)
    return f"{formats.points(difference.value)} [{low}; {high}]"


def _why_not(table: Table[Shift], change: Change | None) -> str:
    slice = table.slice
    if slice.age is None:
        return _("Without an age two periods cannot be compared: the older leads had more time to be judged.")
    if slice.period is None:
        return _("A period with an open end has none before it: choose both ends.")
    if period_before(slice) is None:
        return _("The period is so long that there is none before it.")
    if table.compared_with is None:
        return _("No week is ripe yet, so there is nothing to compare.")
    if change is None:
        before = sum(row.numbers.n_before for row in table.rows)
        if not before:
            days = period_words(table.compared_with)
            return _("No leads came in the period before, %(days)s: there is nothing to compare with.") % {"days": days}
        return _("No leads came in the ripe weeks of this period: there is nothing to compare.")
    if formats.is_few(change.before.n) or formats.is_few(change.after.n):
        return _("Too few leads to split a change: %(before)s before, %(after)s now.") % {
            "before": formats.number(change.before.n),
            "after": formats.number(change.after.n),
        }
    return ""


def _steps(change: Change, by: GroupBy, url: str) -> list[Step]:
    return [Step(name=name, value=value, url=url) for name, value in zip(parts(by), _values(change), strict=True)]


def parts(by: GroupBy) -> tuple[str, str]:
    """Name the two parts of a change for what it is split by."""
    if by in BOUGHT:
        return _("Channel mix"), _("Channel quality")
    return _("Mix of the groups"), _("Quality within the groups")


def _values(change: Change) -> tuple[float, float]:
    return change.mix, change.rate


def _sum_words(change: Change) -> str:
    return _("%(change)s = mix %(mix)s · quality %(rate)s.") % _numbers(change)


def _numbers(change: Change) -> dict[str, str]:
    return {
        "change": formats.points(change.difference.value),
        "mix": formats.signed(100 * change.mix, 1),
        "rate": formats.signed(100 * change.rate, 1),
    }


def _take(change: Change, rows: Sequence[Row[Shift]], by: GroupBy, enough: int) -> str:
    """Say the sum and, before it, which group the larger part of it comes from."""
    return f"{_cause(change, rows, by, enough)}: {_sum_words(change)}"


def _cause(change: Change, rows: Sequence[Row[Shift]], by: GroupBy, enough: int) -> str:
    if abs(change.mix) >= abs(change.rate):
        sign = 1 if change.mix >= 0 else -1
        row = max(rows, key=lambda row: sign * (row.numbers.mix or 0.0))
        return _bought(row, by)
    if change.is_usual:
        return _("Within usual variation")
    sign = 1 if change.rate > 0 else -1
    known = [row for row in rows if min(row.numbers.n, row.numbers.n_before) >= enough]
    if not known:
        return _("The leads of the same groups got worse") if sign > 0 else _("The leads of the same groups got better")
    row = max(known, key=lambda row: sign * (row.numbers.rate or 0.0))
    words = _("“%(name)s” got worse") if sign > 0 else _("“%(name)s” got better")
    return words % {"name": row.key.label}


def _bought(row: Row[Shift], by: GroupBy) -> str:
    has_grown = row.numbers.moved > 0
    if by in BOUGHT:
        words = _("Bought more of “%(name)s”") if has_grown else _("Bought less of “%(name)s”")
    else:
        words = _("More leads of “%(name)s”") if has_grown else _("Fewer leads of “%(name)s”")
    return words % {"name": row.key.label}


def _told(change: Change) -> str:
    """Say the change in points with its interval and as a part of what was."""
    words = interval_words(change.difference)
    if change.relative is not None:
        words = _("%(points)s, %(relative)s relative") % {
            "points": words,
            "relative": formats.signed_percent(change.relative),
        }
    return _("%(change)s: usual variation") % {"change": words} if change.is_usual else words


def _redefined_words(change: Change) -> str:
    """Say the change without an interval, which would compare what is counted differently."""
    return f"{formats.points(change.difference.value)} — {WORDS[Word.REDEFINED]}"


def _moved(rows: Sequence[Row[Shift]]) -> str:
    """Say whose part of the stream changed most."""
    found = sorted(rows, key=lambda row: -abs(row.numbers.moved))[:MOST_NAMED]
    told = [_moved_words(row) for row in found if abs(row.numbers.moved) >= LEAST_MOVE]
    return _("%(groups)s of the stream") % {"groups": " · ".join(told)} if told else ""


def _moved_words(row: Row[Shift]) -> str:
    before, after = row.numbers.weight_before or 0, row.numbers.weight or 0
    return f"{row.key.label}: {formats.percent(before, 0)} → {formats.percent(after, 0)}"


def _scope(table: Table[Shift], change: Change) -> str:
    if table.compared_with is None:
        return ""
    return _("ripe weeks: %(days)s, n = %(n)s, against %(days_before)s, n = %(n_before)s") % {
        "days": period_words(table.slice),
        "n": formats.number(change.after.n),
        "days_before": period_words(table.compared_with),
        "n_before": formats.number(change.before.n),
    }


def _whole(change: Change, table: Table[Shift], asked: Slice) -> ShiftLine:
    """Lay out all groups together, whose leads are those of the two slices."""
    numbers = Shift(
        before=change.before,
        after=change.after,
        all_before=change.before.n,
        all_after=change.after.n,
        mix=change.mix,
        rate=change.rate,
    )
    return _shift_line(_("All"), numbers, table, asked, None)


def _line(row: Row[Shift], table: Table[Shift], asked: Slice) -> ShiftLine:
    group = (table.group_by or GroupBy.SOURCE, row.key.value)
    return _shift_line(row.key.label, row.numbers, table, asked, group)


def _shift_line(
    name: str, numbers: Shift, table: Table[Shift], asked: Slice, group: tuple[GroupBy, str] | None
) -> ShiftLine:
    then = table.compared_with or table.slice
    every, failed = Pick(group=group), Pick(verdict=Verdict.NON_TARGET, group=group)
    return ShiftLine(
        name=name,
        numbers=numbers,
        reasons_url=reasons_url(asked, group),
        url=leads_url(table.slice, every),
        failed_url=leads_url(table.slice, failed),
        before_url=leads_url(then, every),
        failed_before_url=leads_url(then, failed),
        mix=formats.points(numbers.mix or 0.0),
        rate=formats.points(numbers.rate or 0.0),
    )
