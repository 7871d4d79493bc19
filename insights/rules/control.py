"""Is a week's share a signal, or the usual wobble (A7): a p′-chart with Laney's factor over a frozen base."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum
from typing import TYPE_CHECKING, Final

from django.utils.translation import gettext_lazy as _

from insights.rules.columns import Column, Format
from insights.rules.period import Week
from insights.rules.ratio import Ratio
from insights.rules.stats import Interval, p_prime, share_limits, widening

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise

LEAST_BASE: Final = 12
MOST_BASE: Final = 24
RUN: Final = 8
SMALLEST_EXPECTED: Final = 5
"""So many leads must be expected on either side for limits around a share to hold (n·p̄ and n·(1 − p̄))."""


class Mark(StrEnum):
    """What makes a week a signal: a point outside its limits, or the one that completes a run on one side."""

    ABOVE = "above"
    BELOW = "below"
    RUN_ABOVE = "run_above"
    RUN_BELOW = "run_below"


class Standing(StrEnum):
    """Whether a week is judged, and why it is not."""

    JUDGED = "judged"
    EMPTY = "empty"
    YOUNG = "young"
    MIXED = "mixed"
    ALONE = "alone"
    FEW = "few"


@dataclass(frozen=True, slots=True, kw_only=True)
class Start:
    """A definition of "target" that takes effect on a day."""

    number: int
    on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class WeekCount:
    """Non-target of n leads that came in a week; `later` are the non-target at the second age, where that is known.

    `definition` is the one in force all week; None where two share the week.
    """

    week: Week
    non_target: int
    n: int
    is_ripe: bool = True
    definition: int | None = 1
    starts: tuple[Start, ...] = ()
    later: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Base:
    """The weeks that limits are computed from; with fewer than twelve before the slice its own weeks are among them."""

    weeks: tuple[Week, ...]
    is_own: bool
    centre: float
    spread: float

    @property
    def widening(self) -> float:
        """By how much limits are widened: where the base wobbles more than dice, and that not by chance."""
        return widening(self.spread, len(self.weeks))

    @property
    def is_short(self) -> bool:
        return len(self.weeks) < LEAST_BASE


@dataclass(frozen=True, slots=True, kw_only=True)
class ControlPoint:
    """A week of the slice with its limits; a mark stands only on a week that is judged."""

    count: WeekCount
    standing: Standing
    base: Base | None = None
    limits: Interval | None = None
    mark: Mark | None = None

    @property
    def of_all(self) -> Ratio:
        return Ratio(self.non_target, self.n)

    @property
    def n(self) -> int:
        return self.count.n

    @property
    def non_target(self) -> int:
        return self.count.non_target

    @property
    def share(self) -> float | None:
        return self.of_all.share

    @property
    def later(self) -> int | None:
        return self.count.later

    @property
    def later_share(self) -> float | None:
        return None if self.later is None else Ratio(self.later, self.n).share

    @property
    def centre(self) -> float | None:
        return self.base.centre if self.base else None

    @property
    def limit_low(self) -> float | None:
        return self.limits.low if self.limits else None

    @property
    def limit_high(self) -> float | None:
        return self.limits.high if self.limits else None

    @property
    def spread(self) -> float | None:
        return self.base.spread if self.base else None

    @property
    def widening(self) -> float | None:
        return self.base.widening if self.base else None

    @property
    def base_weeks(self) -> int:
        return len(self.base.weeks) if self.base else 0

    @property
    def base_from(self) -> str | None:
        return self.base.weeks[0].label if self.base else None

    @property
    def base_to(self) -> str | None:
        return self.base.weeks[-1].label if self.base else None

    @property
    def definition(self) -> int | None:
        return self.count.definition


MARKS: "Mapping[str, _StrPromise]" = {
    Mark.ABOVE: _("signal: above the usual wobble"),
    Mark.BELOW: _("signal: below the usual wobble"),
    Mark.RUN_ABOVE: _("signal: the eighth week running above the mean"),
    Mark.RUN_BELOW: _("signal: the eighth week running below the mean"),
}
STANDINGS: "Mapping[str, _StrPromise]" = {
    Standing.JUDGED: _("usual wobble"),
    Standing.EMPTY: _("no leads"),
    Standing.YOUNG: _("not ripe yet"),
    Standing.MIXED: _("not judged: two definitions in one week"),
    Standing.ALONE: _("not judged: nothing to judge it by"),
    Standing.FEW: _("not judged: too few leads"),
}
CONTROL_COLUMNS = (
    Column("n", _("Leads")),
    Column("non_target", _("Non-target")),
    Column("share", _("Non-target of all"), Format.SHARE),
    Column("centre", _("Mean of the base"), Format.SHARE),
    Column("limit_low", _("Usual wobble: from"), Format.SHARE),
    Column("limit_high", _("Usual wobble: to"), Format.SHARE),
    Column("mark", _("Signal"), Format.WORD, words=MARKS),
    Column("standing", _("Judged"), Format.WORD, words={**STANDINGS, Standing.JUDGED: _("yes")}),
    Column("later", _("Non-target at the second age")),
    Column("later_share", _("Non-target of all at the second age"), Format.SHARE),
    Column("definition", _("Definition")),
    Column("spread", _("Excess spread of the base"), Format.NUMBER),
    Column("widening", _("Limits widened by"), Format.NUMBER),
    Column("base_weeks", _("Weeks in the base")),
    Column("base_from", _("Base: first week"), Format.WORD),
    Column("base_to", _("Base: last week"), Format.WORD),
)


def control(before: Sequence[WeekCount], shown: Sequence[WeekCount]) -> list[ControlPoint]:
    """Judge the weeks of a slice, in time, by those before it; one point a week.

    Weeks under one definition have one base: neither limits nor runs reach over a change of the definition.
    """
    points = [ControlPoint(count=week, standing=_standing(week)) for week in shown]
    numbers = dict.fromkeys(point.definition for point in points if point.standing is Standing.JUDGED)
    for number in numbers:
        own = [i for i, point in enumerate(points) if _is_of(point, number)]
        earlier = [week for week in before if _standing(week) is Standing.JUDGED and week.definition == number]
        for i, point in zip(own, _judged(earlier, [shown[i] for i in own]), strict=True):
            points[i] = point
    return points


def is_enough(points: Iterable[ControlPoint]) -> bool:
    """Tell whether there is a chart to show: limits need a base of two weeks and a few leads in most weeks."""
    standings = [point.standing for point in points]
    return standings.count(Standing.JUDGED) > standings.count(Standing.FEW)


def excess_spread(weeks: Sequence[Ratio]) -> float:
    """Tell by how much weekly shares, in time, wobble more than dice would; 1 when too few weeks can tell."""
    weeks = [week for week in weeks if week.n]
    if len(weeks) < LEAST_BASE:
        return 1.0
    chart = p_prime([week.k for week in weeks], [week.n for week in weeks], range(len(weeks)))
    return max(1.0, chart.spread) if chart else 1.0


def _standing(week: WeekCount) -> Standing:
    if not week.n:
        return Standing.EMPTY
    if not week.is_ripe:
        return Standing.YOUNG
    return Standing.MIXED if week.definition is None else Standing.JUDGED


def _is_of(point: ControlPoint, number: int | None) -> bool:
    return point.standing is Standing.JUDGED and point.definition == number


def _judged(earlier: Sequence[WeekCount], own: Sequence[WeekCount]) -> list[ControlPoint]:
    """Give weeks under one definition their limits and marks."""
    is_own = len(earlier) < LEAST_BASE
    base = [*earlier, *own][:LEAST_BASE] if is_own else earlier[-MOST_BASE:]
    chart = p_prime([week.non_target for week in base], [week.n for week in base], range(len(base)))
    if chart is None:
        standing = Standing.FEW if len(base) > 1 else Standing.ALONE
        return [ControlPoint(count=week, standing=standing) for week in own]
    used = Base(weeks=tuple(week.week for week in base), is_own=is_own, centre=chart.centre, spread=chart.spread)
    points = []
    for week in own:
        expected = week.n * min(used.centre, 1 - used.centre)
        point = ControlPoint(count=week, standing=Standing.FEW, base=used)
        if expected >= SMALLEST_EXPECTED:
            limits = share_limits(used.centre, week.n, used.widening)
            point = replace(point, standing=Standing.JUDGED, limits=limits)
        points.append(point)
    return _marked(points)


def _marked(points: Sequence[ControlPoint]) -> list[ControlPoint]:
    """Mark signals. A run is one, raised in the week it becomes a run: raised every week after, it would cry wolf."""
    marked = []
    run = side = 0
    for point in points:
        if point.standing is not Standing.JUDGED or point.limits is None or point.centre is None:
            marked.append(point)
            continue
        share = point.of_all.share or 0.0
        now = (share > point.centre) - (share < point.centre)
        run = run + 1 if now == side and now else abs(now)
        side = now
        mark = None
        if not point.limits.low <= share <= point.limits.high:
            mark = Mark.ABOVE if now > 0 else Mark.BELOW
        elif run == RUN:
            mark = Mark.RUN_ABOVE if now > 0 else Mark.RUN_BELOW
        marked.append(replace(point, mark=mark))
    return marked
