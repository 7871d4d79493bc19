"""Panel 2: is it a signal or the usual wobble."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import groupby

from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from crm.rules import formats
from funnels.rules.verdict import Verdict
from insights.charts.control import ControlDot, control
from insights.rules.control import MARKS, RUN, STANDINGS, Base, ControlPoint, Mark, Standing, is_enough
from insights.rules.pick import Pick
from insights.rules.slice import GroupBy
from insights.rules.table import Row, Table
from insights.rules.words import age_words
from insights.views.links import leads_url
from insights.views.panels import MOST_WEEKS_DRAWN, left_out, week_label

OUTSIDE = (Mark.ABOVE, Mark.BELOW)


@dataclass(frozen=True, slots=True, kw_only=True)
class ControlLine:
    """A week in the table under the chart."""

    label: str
    point: ControlPoint
    limits: str
    verdict: str
    non_target_url: str
    n_url: str
    later_url: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ControlPanel:
    """The chart, what to take from it, and what its limits are drawn from."""

    chart: SafeString
    take: str
    mood: str
    notes: Sequence[str]
    lines: Sequence[ControlLine]
    later_age: str
    left_out: str


def control_panel(table: Table[ControlPoint], *, second_age: int) -> ControlPanel:
    """Lay the judged weeks of a slice out; `second_age` is the one the hollow dots stand for, in days."""
    rows = list(table.rows)
    drawn = rows[-MOST_WEEKS_DRAWN:]
    points = [row.numbers for row in rows]
    is_drawn = is_enough(row.numbers for row in drawn)
    return ControlPanel(
        chart=control([_dot(row, table, second_age) for row in drawn]) if is_drawn else SafeString(""),
        take=_take(points) if is_drawn else _why_not(points),
        mood="signal" if is_drawn and any(point.mark for point in points) else "calm",
        notes=list(_notes(table, points, second_age)) if is_drawn else [],
        lines=[_line(row, table, second_age) for row in rows],
        later_age=age_words(second_age) if any(point.later is not None for point in points) else "",
        left_out=left_out(len(rows) - len(drawn)) if is_drawn else "",
    )


def _take(points: Sequence[ControlPoint]) -> str:
    """Name the signals; of the other weeks say that nothing can be read from them."""
    judged = [point for point in points if point.standing is Standing.JUDGED]
    outside = [str(point.count.week.number) for point in judged if point.mark in OUTSIDE]
    runs = [index for index, point in enumerate(judged) if point.mark and point.mark not in OUTSIDE]
    told = []
    if outside:
        words = ngettext("Signal: week %(weeks)s.", "Signals: weeks %(weeks)s.", len(outside))
        told.append(words % {"weeks": ", ".join(outside)})
    told += [_run_words(judged[index - RUN + 1 : index + 1]) for index in runs]
    in_runs = {place for index in runs for place in range(index - RUN + 1, index + 1)}
    others = sum(point.mark is None and place not in in_runs for place, point in enumerate(judged))
    if not told:
        words = ngettext(
            "No signal: %(count)s week is within the usual wobble.",
            "No signal: all %(count)s weeks are within the usual wobble.",
            others,
        )
        return words % {"count": formats.number(others)}
    if others:
        words = ngettext(
            "The other %(count)s week is within the usual wobble.",
            "The other %(count)s weeks are within the usual wobble.",
            others,
        )
        told.append(words % {"count": formats.number(others)})
    return " ".join(told)


def _run_words(run: Sequence[ControlPoint]) -> str:
    weeks = {"first": run[0].count.week.number, "last": run[-1].count.week.number}
    if run[-1].mark is Mark.RUN_ABOVE:
        return _("Signal: weeks %(first)s–%(last)s, eight running, all lie above the mean.") % weeks
    return _("Signal: weeks %(first)s–%(last)s, eight running, all lie below the mean.") % weeks


def _why_not(points: Sequence[ControlPoint]) -> str:
    standings = {point.standing for point in points if point.standing is not Standing.EMPTY}
    if not standings:
        return _("No leads came in this slice.")
    if standings <= {Standing.YOUNG, Standing.MIXED}:
        return _("No week is ripe yet: there is nothing to judge.")
    if Standing.FEW in standings:
        return _("Too few leads for a chart: widen the period or ask with fewer filters.")
    return _("One ripe week has nothing to be judged by: widen the period.")


def _notes(table: Table[ControlPoint], points: Sequence[ControlPoint], second_age: int) -> Iterator[str]:
    """Say what limits are drawn from, one base after another, and which weeks are not judged by any."""
    for base, _found in groupby(point.base for point in points if point.base):
        yield _base_words(base)
    mixed = [str(point.count.week.number) for point in points if point.standing is Standing.MIXED]
    if mixed:
        words = ngettext(
            "Week %(weeks)s has two definitions and is not judged.",
            "Weeks %(weeks)s have two definitions and are not judged.",
            len(mixed),
        )
        yield words % {"weeks": ", ".join(mixed)}
    if table.slice.age is None:
        yield _("Without an age limit a week is judged once it is %(age)s old.") % {"age": age_words(second_age)}


def _base_words(base: Base) -> str:
    """Say what the limits are drawn from; they are rough when the weeks they judge are among it."""
    weeks = ngettext("base: %(count)s week, %(days)s", "base: %(count)s weeks, %(days)s", len(base.weeks)) % {
        "count": len(base.weeks),
        "days": formats.day_range(base.weeks[0].first_on, base.weeks[-1].last_on),
    }
    if base.is_own:
        weeks = _("%(base)s, those of this period among them: rough limits") % {"base": weeks}
    mean = _("mean %(share)s") % {"share": formats.percent(base.centre)}
    told = f"{mean} · {weeks} · σz = {formats.number(base.spread, 2)}"
    if base.widening > 1:
        told += ": " + _("limits widened by %(factor)s") % {"factor": formats.number(base.widening, 2)}
    return told


def _dot(row: Row[ControlPoint], table: Table[ControlPoint], second_age: int) -> ControlDot:
    point, group = row.numbers, (GroupBy.WEEK, row.key.value)
    week = point.count.week
    pick = Pick(verdict=Verdict.NON_TARGET, group=group)
    label = week_label(row.key.value)
    return ControlDot(
        monday_on=week.first_on,
        number=week.number,
        told=_told(label, point),
        url=leads_url(table.slice, pick),
        non_target=point.non_target,
        n=point.n,
        definition=point.definition,
        is_young=point.standing is Standing.YOUNG,
        is_judged=point.standing is Standing.JUDGED,
        is_signal=point.mark is not None,
        limits=point.limits,
        centre=point.centre,
        later=point.later,
        later_told=_later_told(label, point, second_age),
        later_url=leads_url(replace(table.slice, age=second_age), pick),
        starts=[(start.number, (start.on - week.first_on).days) for start in point.count.starts],
    )


def _told(label: str, point: ControlPoint) -> str:
    counted = f"{label}: {_k_and_share(point.non_target, point.n)}"
    if point.limits is None:
        return f"{counted}; {_verdict(point)}"
    return f"{counted}; {_verdict(point)} ({_limits(point)})"


def _later_told(label: str, point: ControlPoint, second_age: int) -> str:
    if point.later is None:
        return ""
    counted = _k_and_share(point.later, point.n)
    return f"{label}: {counted}, " + _("at the age of %(age)s") % {"age": age_words(second_age)}


def _k_and_share(k: int, n: int) -> str:
    count = formats.k_of_n(k, n)
    return count if formats.is_few(n) else f"{count} — {formats.share(k, n)}"


def _limits(point: ControlPoint) -> str:
    if point.limits is None:
        return "—"
    return f"{formats.percent(point.limits.low)} – {formats.percent(point.limits.high)}"


def _verdict(point: ControlPoint) -> str:
    return str(MARKS[point.mark] if point.mark else STANDINGS[point.standing])


def _line(row: Row[ControlPoint], table: Table[ControlPoint], second_age: int) -> ControlLine:
    group = (GroupBy.WEEK, row.key.value)
    pick = Pick(verdict=Verdict.NON_TARGET, group=group)
    return ControlLine(
        label=week_label(row.key.value),
        point=row.numbers,
        limits=_limits(row.numbers),
        verdict=_verdict(row.numbers),
        non_target_url=leads_url(table.slice, pick),
        n_url=leads_url(table.slice, Pick(group=group)),
        later_url=leads_url(replace(table.slice, age=second_age), pick),
    )
