"""Tables of numbers into the panels of the board: a chart, one line of what to take from it, and what to open."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from crm.rules import formats
from funnels.rules.verdict import Verdict
from insights.charts.cohorts import WeekBar, cohorts
from insights.charts.criteria import CriterionBar, criteria
from insights.charts.headline import headline
from insights.charts.shares import Cohort, Part
from insights.rules.period import Week
from insights.rules.pick import Kind, Pick, Timing
from insights.rules.quality import CriterionCount, Quality
from insights.rules.slice import GroupBy, Slice
from insights.rules.table import Row, Table
from insights.views.links import leads_url
from insights.views.previous import ChangeLine, Comparison

Group = tuple[GroupBy, str] | None
MOST_WEEKS_DRAWN = 53  # a year; more bars would be too thin to read or to hit


@dataclass(frozen=True, slots=True)
class Number:
    """A count and the leads behind it."""

    count: int
    url: str


@dataclass(frozen=True, slots=True)
class Headline:
    """The first card: three shares, two readings, the mirror, the way from received to counted."""

    chart: SafeString
    numbers: Quality
    all: Number
    decided: Number
    overdue: Number
    undecided: Number
    target: Number
    waiting: Number
    not_restated: Number
    valid: Number
    bridge: Sequence[tuple[str, Number]]


@dataclass(frozen=True, slots=True)
class WeekLine:
    """A week in the table under the chart."""

    label: str
    is_mature: bool
    numbers: Quality
    links: Headline


@dataclass(frozen=True, slots=True)
class CriterionLine:
    """A criterion in the table under the chart."""

    name: str
    numbers: CriterionCount
    failed_url: str
    sole_url: str
    asked_url: str
    change: ChangeLine | None = None


@dataclass(frozen=True, slots=True)
class Panel:
    """A question, its answer drawn, and the same numbers as lines."""

    chart: SafeString
    take: str
    lines: Sequence[object]
    mood: str = "calm"
    left_out: str = ""


def headline_of(table: Table[Quality], *, group: Group = None, numbers: Quality | None = None) -> Headline:
    """Lay out the three shares of a slice, or of one of its groups."""
    counted = numbers or table.total
    slice = table.slice

    def number(count: int, **pick: object) -> Number:
        return Number(count, leads_url(slice, Pick(group=group, **pick)))  # type: ignore[arg-type]

    cohort = cohort_of(counted, slice, group)
    bridge = table.bridge
    return Headline(
        chart=headline(cohort) if counted.n and group is None else SafeString(""),
        numbers=counted,
        all=number(counted.non_target, verdict=Verdict.NON_TARGET),
        decided=number(counted.decided, decided=True),
        overdue=number(counted.overdue, timing=Timing.OVERDUE),
        undecided=number(counted.undecided, verdict=Verdict.UNDECIDED),
        target=number(counted.target, verdict=Verdict.TARGET),
        waiting=number(cohort.waiting.count, in_time=True),
        not_restated=number(counted.not_restated, timing=Timing.NOT_RESTATED),
        valid=number(counted.n),
        bridge=[
            (_("received"), number(bridge.received, kind=Kind.RECEIVED)),
            (_("duplicates"), number(bridge.duplicate, kind=Kind.DUPLICATE)),
            (_("tests"), number(bridge.test, kind=Kind.TEST)),
            (_("counted"), number(bridge.valid)),
        ],
    )


def cohort_of(numbers: Quality, slice: Slice, group: Group = None) -> Cohort:
    """Turn counts into the parts a chart stacks, each with its leads."""

    def part(code: str, count: int, pick: Pick) -> Part:
        return Part(code=code, count=count, url=leads_url(slice, pick))

    return Cohort(
        n=numbers.n,
        non_target=part("non_target", numbers.non_target, Pick(verdict=Verdict.NON_TARGET, group=group)),
        waiting=part("waiting", numbers.untouched + numbers.in_sla, Pick(in_time=True, group=group)),
        overdue=part("overdue", numbers.overdue, Pick(timing=Timing.OVERDUE, group=group)),
        target=part("target", numbers.target, Pick(verdict=Verdict.TARGET, group=group)),
        not_restated=part("not_restated", numbers.not_restated, Pick(timing=Timing.NOT_RESTATED, group=group))
        if numbers.not_restated
        else None,
    )


def headline_take(numbers: Quality) -> str:
    """Say what the headline card says, in one sentence."""
    if not numbers.n:
        return _("No leads came in this slice.")
    if not numbers.undecided:
        return _("Every lead is decided: %(share)s are non-target.") % {
            "share": formats.share(numbers.non_target, numbers.n)
        }
    words = ngettext(
        "Confirmed %(low)s. The final share will be from %(low)s to %(high)s: "
        "%(count)s lead without a verdict decides.",
        "Confirmed %(low)s. The final share will be from %(low)s to %(high)s: "
        "%(count)s leads without a verdict decide.",
        numbers.undecided,
    )
    return words % {
        "low": formats.share(numbers.non_target, numbers.n),
        "high": formats.share(numbers.non_target + numbers.undecided, numbers.n),
        "count": formats.number(numbers.undecided),
    }


def weeks_panel(table: Table[Quality]) -> Panel:
    """Panel 1: who came, and what became of them."""
    rows = list(table.rows)
    drawn = rows[-MOST_WEEKS_DRAWN:]
    chart = cohorts([_week(row, table.slice) for row in drawn]) if table.total.n else SafeString("")
    lines = [
        WeekLine(
            week_label(row.key.value),
            row.is_mature,
            row.numbers,
            headline_of(table, group=(GroupBy.WEEK, row.key.value), numbers=row.numbers),
        )
        for row in rows
    ]
    total = table.total
    take = ngettext(
        "%(decided)s of %(n)s decided; %(late)s is overdue: sales answer for it.",
        "%(decided)s of %(n)s decided; %(late)s are overdue: sales answer for them.",
        total.overdue,
    ) % {
        "decided": formats.number(total.decided),
        "n": formats.number(total.n),
        "late": formats.number(total.overdue),
    }
    return Panel(chart, take, lines, left_out=left_out(len(rows) - len(drawn)))


def left_out(count: int) -> str:
    """Say what the drawing has no room for."""
    if not count:
        return ""
    words = ngettext(
        "%(count)s earlier week is not drawn: it is in the table, and every total counts it.",
        "%(count)s earlier weeks are not drawn: they are in the table, and every total counts them.",
        count,
    )
    return words % {"count": formats.number(count)}


def _week(row: Row[Quality], slice: Slice) -> WeekBar:
    week = Week.parse(row.key.value)
    return WeekBar(
        number=week.number,
        monday_on=week.first_on,
        label=week_label(row.key.value),
        cohort=cohort_of(row.numbers, slice, (GroupBy.WEEK, row.key.value)),
        is_mature=row.is_mature,
    )


def week_label(value: str) -> str:
    """Name a week by its number and its Monday."""
    week = Week.parse(value)
    return _("Week %(number)s, from %(day)s") % {"number": week.number, "day": formats.day(week.first_on)}


def criteria_panel(table: Table[CriterionCount], *, compared: Comparison | None = None) -> Panel:
    """Panel 3: in what exactly they are non-target. The criterion that alone takes most comes first."""
    rows = sorted((row.numbers for row in table.rows), key=lambda count: (-count.sole, -count.failed))
    lines = [
        CriterionLine(
            table.names[count.criterion],
            count,
            leads_url(table.slice, Pick(criterion=count.criterion)),
            leads_url(table.slice, Pick(criterion=count.criterion, sole=True)),
            leads_url(table.slice, Pick(assessed=count.criterion)),
            compared.criteria.get(count.criterion) if compared else None,
        )
        for count in rows
    ]
    heading = compared.heading if compared and compared.criteria else ""
    chart = criteria([_bar(line) for line in lines], heading) if table.total.n and rows else SafeString("")
    return Panel(chart, _criteria_take(lines), lines, mood="look" if rows and rows[0].sole else "calm")


def _criteria_take(lines: Sequence[CriterionLine]) -> str:
    if not lines or not lines[0].numbers.sole:
        return _("No criterion alone makes leads non-target here.")
    words = ngettext(
        "Were it not for “%(name)s”, there would be %(count)s more target lead.",
        "Were it not for “%(name)s”, there would be %(count)s more target leads.",
        lines[0].numbers.sole,
    )
    return words % {"name": lines[0].name, "count": formats.number(lines[0].numbers.sole)}


def _bar(line: CriterionLine) -> CriterionBar:
    count = line.numbers
    interval = count.incidence.interval
    return CriterionBar(
        name=line.name,
        n=count.n,
        decided=count.decided,
        failed=count.failed,
        sole=count.sole,
        asked=count.assessed,
        low=interval.low if interval else 0,
        high=interval.high if interval else 0,
        url=line.failed_url,
        sole_url=line.sole_url,
        asked_url=line.asked_url,
        change=line.change.mark if line.change else "",
    )
