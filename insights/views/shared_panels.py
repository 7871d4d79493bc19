"""Panels 1, 3 and 4 for people outside: what insights.rules.suppression lets through, drawn without links."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from django.utils.safestring import SafeString
from django.utils.timezone import localtime
from django.utils.translation import ngettext

from crm.models import OrganisationSettings
from crm.rules import formats
from insights.charts.cohorts import WeekBar, cohorts
from insights.charts.criteria import CriterionBar
from insights.charts.criteria import criteria as criteria_chart
from insights.charts.shares import Cohort, Part
from insights.charts.sources import SourceDot
from insights.charts.sources import sources as sources_chart
from insights.models import SavedBoard
from insights.queries.criteria import criteria
from insights.queries.quality import quality
from insights.queries.saved_boards import slice_of, weeks_of
from insights.queries.scope import funnel_of
from insights.queries.sources import sources
from insights.rules.contrast import Contrast
from insights.rules.period import Week
from insights.rules.quality import CriterionCount, Quality
from insights.rules.ratio import Ratio
from insights.rules.slice import GroupBy, Slice
from insights.rules.suppression import FEWEST, criteria_kept_back, is_shown, kept_back
from insights.rules.table import Row, Table
from insights.rules.words import age_words, period_words
from insights.views.panels import MOST_WEEKS_DRAWN, week_label
from insights.views.questions import definition_words, filter_words
from insights.views.saved_menu import moving_words
from insights.views.shift import group_heading


@dataclass(frozen=True, slots=True, kw_only=True)
class SharedLine:
    """A line of a table: of `n` leads `k` are what the table counts. Nothing stands for what is kept back."""

    name: str
    n: int | None
    k: int | None
    undecided: int | None = None
    target: int | None = None
    is_mature: bool = True


@dataclass(frozen=True, slots=True)
class SharedPanel:
    """A drawing and the same numbers as lines."""

    chart: SafeString
    lines: Sequence[SharedLine]


def shared_context(*, board: SavedBoard, organisation: OrganisationSettings, at: datetime) -> dict[str, object]:
    """Count a board and leave out of it what people outside are not shown."""
    slice, weeks = slice_of(board=board, at=at), weeks_of(board=board)
    weekly = quality(slice=slice, at=at, by=GroupBy.WEEK)
    by_source = sources(slice=slice, at=at)
    total = weekly.total.of_all
    return {
        "board": board,
        "organisation": organisation.organisation_name,
        "funnel": funnel_of(slice=slice).name,
        "period": period_words(slice),
        "moving": moving_words(weeks) if weeks else "",
        "age": age_words(slice.age),
        "definition": definition_words(weekly),
        "as_of": localtime(slice.as_of or at),
        "narrowed": _narrowed(slice),
        "total": total if is_shown(_parts(total)) else None,
        "fewest": FEWEST,
        "weeks": _weeks(weekly),
        "criteria": _criteria(criteria(slice=slice, at=at)),
        "sources": _sources(by_source, enough=organisation.minimum_sample_to_rank),
    }


def _narrowed(slice: Slice) -> list[str]:
    """Say what the board is narrowed to; of people only how many."""
    words = filter_words(replace(slice, owners=()))
    if slice.owners:
        told = ngettext("Leads of %(count)s manager", "Leads of %(count)s managers", len(slice.owners))
        words.append(told % {"count": formats.number(len(slice.owners))})
    return words


def _parts(ratio: Ratio) -> tuple[int, int]:
    return ratio.k, ratio.n - ratio.k


def _weeks(table: Table[Quality]) -> SharedPanel:
    hidden = kept_back([_parts(row.numbers.of_all) for row in table.rows])
    lines = [_week(row, is_hidden=index in hidden) for index, row in enumerate(table.rows)]
    pairs = list(zip(table.rows, lines, strict=True))[-MOST_WEEKS_DRAWN:]
    is_any = len(hidden) < len(lines)
    return SharedPanel(cohorts([_bar(row, line) for row, line in pairs]) if is_any else SafeString(""), lines)


def _week(row: Row[Quality], *, is_hidden: bool) -> SharedLine:
    """Lay a week out. Undecided and target leads are told apart only where neither are few: one tells the other."""
    numbers, name = row.numbers, week_label(row.key.value)
    if is_hidden:
        return SharedLine(name=name, n=None, k=None, is_mature=row.is_mature)
    parts = (numbers.undecided, numbers.target) if is_shown((numbers.undecided, numbers.target)) else (None, None)
    return SharedLine(
        name=name,
        n=numbers.n,
        k=numbers.non_target,
        undecided=parts[0],
        target=parts[1],
        is_mature=row.is_mature,
    )


def _bar(row: Row[Quality], line: SharedLine) -> WeekBar:
    week = Week.parse(row.key.value)

    def part(code: str, count: int | None) -> Part:
        return Part(code=code, count=count or 0, url="")

    return WeekBar(
        number=week.number,
        monday_on=week.first_on,
        label=line.name,
        cohort=Cohort(
            n=line.n or 0,
            non_target=part("non_target", line.k),
            waiting=part("waiting", line.undecided),
            overdue=part("overdue", None),
            target=part("target", line.target),
        ),
        is_mature=line.is_mature,
        count=f"<{FEWEST}" if line.n is None else "",
    )


def _criteria(table: Table[CriterionCount]) -> SharedPanel:
    counts = sorted((row.numbers for row in table.rows), key=lambda count: (-count.failed, count.criterion))
    of_all = table.total.of_all
    hidden = criteria_kept_back([count.failed for count in counts], non_target=of_all.k, n=of_all.n)
    n = of_all.n if is_shown(_parts(of_all)) else None
    lines = [
        SharedLine(name=table.names[count.criterion], n=n, k=None if index in hidden else count.failed)
        for index, count in enumerate(counts)
    ]
    bars = [_criterion(line.name, Ratio(line.k, line.n)) for line in lines if line.k is not None and line.n]
    return SharedPanel(criteria_chart(bars) if bars else SafeString(""), lines)


def _criterion(name: str, of: Ratio) -> CriterionBar:
    """Draw how many failed a criterion. Who failed nothing else, and who was asked, could be subtracted: not here."""
    interval = of.interval
    return CriterionBar(
        name=name,
        n=of.n,
        decided=0,
        failed=of.k,
        sole=None,
        asked=None,
        low=interval.low if interval else 0,
        high=interval.high if interval else 0,
        url="",
        sole_url="",
        asked_url="",
    )


def _sources(table: Table[Contrast], *, enough: int) -> SharedPanel:
    rows = [row for row in table.rows if row.numbers.criterion is None]
    hidden = kept_back([_parts(row.numbers.incidence) for row in rows])
    shown = [row for index, row in enumerate(rows) if index not in hidden]
    shown.sort(key=lambda row: (-(row.numbers.share or 0.0), row.key.label))
    lines = [SharedLine(name=row.key.label, n=row.numbers.n, k=row.numbers.failed) for row in shown]
    lines += [SharedLine(name=name, n=None, k=None) for name in sorted(rows[index].key.label for index in hidden)]
    dots = [
        SourceDot(
            name=row.key.label,
            ratio=row.numbers.incidence,
            is_ranked=row.numbers.n >= enough,
            is_marked=False,
            remark="",
            url="",
        )
        for row in shown
    ]
    heading = group_heading(GroupBy.SOURCE)
    return SharedPanel(sources_chart(dots, table.total.of_all, heading) if dots else SafeString(""), lines)
