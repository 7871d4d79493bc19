"""Panel 5: where and why leads are lost."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from crm.models import OrganisationSettings
from crm.rules import formats
from funnels.rules.definitions import SIDE_LABELS, Side
from funnels.rules.moves import Milestone
from insights.charts.funnel import Counted, StageBar, funnel
from insights.queries.where_lost import WhereLost, where_lost
from insights.rules.durations import Duration
from insights.rules.journeys import RANKS
from insights.rules.losses import Level, LossCount
from insights.rules.pick import Pick
from insights.rules.pick_funnel import Closed, Fate, FunnelPick
from insights.rules.ripeness import ripe_part
from insights.rules.slice import Slice
from insights.rules.stages import Conversion, Step
from insights.views.links import board_url, export_url, leads_url
from insights.views.questions import Option, age_words, period_words

TOP = 2  # reasons named beside a bar
SHORT_STAY = 10.0  # days below which a tenth of a day is told
FILES = ("stages", "losses", "durations")


@dataclass(frozen=True, slots=True)
class StageLine:
    """A milestone in the table under the chart."""

    name: str
    step: Step
    reached: Counted
    touched: Counted
    lost: Counted
    open: Counted
    onward: str
    median: str
    p90: str


@dataclass(frozen=True, slots=True)
class LossLine:
    """A reason, a side or a group at a milestone, in the tables under the chart."""

    stage: str
    name: str
    side: str
    count: LossCount
    lost: Counted
    sole: Counted


@dataclass(frozen=True, slots=True)
class WinLine:
    """One of the two shares of won leads, and what it is a share of."""

    name: str
    won: Counted
    of: Counted
    interval: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Panel:
    """The question answered: drawn, said in one line, and as tables."""

    take: str
    mood: str = "calm"
    scope: str
    chart: SafeString | str = ""
    switch: Sequence[Option] = ()
    conversion: Conversion = Conversion.STEP
    lines: Sequence[StageLine] = ()
    reasons: Sequence[LossLine] = ()
    sides: Sequence[LossLine] = ()
    groups: Sequence[LossLine] = ()
    wins: Sequence[WinLine] = ()
    exports: Sequence[tuple[str, str]] = ()
    nothing: str = ""


def where_lost_panel(
    *, slice: Slice, conversion: Conversion, organisation: OrganisationSettings, at: datetime
) -> Panel:
    """Lay out the funnel of a slice at the organisation's second age, over its ripe weeks."""
    age = organisation.age_a2_days
    ripe = ripe_part(slice, age=age, as_of=slice.as_of or at, zone=ZoneInfo(organisation.time_zone))
    if ripe is None:
        words = _("No week is ripe: a lead is followed for %(age)s here.") % {"age": age_words(age)}
        return Panel(take=words, scope=_scope(slice, age, 0), nothing=_("No week is ripe yet"))
    found = where_lost(slice=ripe, closed_slice=slice, at=at)
    scope = _scope(ripe, age, found.n)
    if not found.n:
        return Panel(take=_("No leads came in this slice."), scope=scope, nothing=_("No leads"))
    told = _Told(found)
    take, mood = _take(found, enough=organisation.minimum_sample_to_rank)
    return Panel(
        take=take,
        mood=mood,
        scope=scope,
        chart=funnel([told.bar(index, conversion) for index in range(len(found.steps))]),
        switch=_switch(slice, conversion),
        conversion=conversion,
        lines=[told.line(step) for step in found.steps],
        reasons=[told.loss(count) for count in found.losses[Level.REASON]],
        sides=[told.loss(count) for count in found.losses[Level.SIDE]],
        groups=[told.loss(count) for count in found.losses[Level.GROUP]],
        wins=told.wins(),
        exports=[
            *((code, export_url(ripe, code)) for code in FILES),
            *((code, export_url(slice, code)) for code in ("throughput", "wins")),
        ],
    )


class _Told:
    """The numbers of a funnel with the words and addresses of its slice."""

    def __init__(self, found: WhereLost) -> None:
        self.found = found

    def bar(self, index: int, conversion: Conversion) -> StageBar:
        """Lay out one milestone for the chart; where the bar says one share, its corner says the other."""
        step = self.found.steps[index]
        following = self.found.steps[index + 1].milestone if index + 1 < len(self.found.steps) else None
        onward = step.onward if conversion is Conversion.STEP else step.onward_of_all
        reasons = [count for count in self.found.losses[Level.REASON] if count.milestone is step.milestone]
        return StageBar(
            name=self.name(step.milestone),
            n=step.n,
            reached=self.counted(step, Fate.REACHED),
            went_on=self.went_on(step, following),
            lost=self.counted(step, Fate.LOST),
            open=self.counted(step, Fate.OPEN),
            won=self.counted(step, Fate.WON),
            share=formats.share(onward.k, onward.n),
            interval=_interval(onward.interval, onward.n),
            corner=_corner(step, conversion),
            stay=_stay(self.found.durations[step.milestone]),
            reasons=[(self.reason(count), self.lost_for(count)) for count in reasons[:TOP]],
            is_last=following is None,
        )

    def line(self, step: Step) -> StageLine:
        stay = self.found.durations[step.milestone]
        return StageLine(
            name=self.name(step.milestone),
            step=step,
            reached=self.counted(step, Fate.REACHED),
            touched=self.counted(step, Fate.TOUCHED),
            lost=self.counted(step, Fate.LOST),
            open=self.counted(step, Fate.OPEN),
            onward=_share_with_interval(step),
            median=_percentile(stay, stay.median),
            p90=_percentile(stay, stay.p90),
        )

    def loss(self, count: LossCount) -> LossLine:
        reason = self.found.reasons.get(count.code) if count.level is Level.REASON else None
        return LossLine(
            stage=self.name(count.milestone),
            name=self.reason(count),
            side=str(SIDE_LABELS[Side(reason.side)]) if reason else "",
            count=count,
            lost=self.lost_for(count),
            sole=self.lost_for(count, sole=True),
        )

    def wins(self) -> list[WinLine]:
        """Say both shares of won leads, each with what it is of: the word alone means nothing."""
        rates, closed = self.found.wins, self.found.closed_slice
        won = _at(Milestone.WON, Fate.WON)
        qualified = _at(Milestone.QUALIFIED, Fate.REACHED)
        return [
            WinLine(
                _("Won of the leads closed %(period)s") % {"period": period_words(closed)},
                _counted(rates.won_closed, rates.closed, _("Won leads"), closed, FunnelPick(closed=Closed.WON)),
                _counted(rates.closed, rates.closed, _("Closed leads"), closed, FunnelPick(closed=Closed.ANY)),
                _interval(rates.of_closed.interval, rates.closed),
            ),
            WinLine(
                _("Won of the qualified leads that came %(period)s") % {"period": period_words(self.found.slice)},
                _counted(rates.won, rates.qualified, _("Won leads"), self.found.slice, won),
                _counted(rates.qualified, rates.qualified, _("Qualified leads"), self.found.slice, qualified),
                _interval(rates.of_qualified.interval, rates.qualified),
            ),
        ]

    def name(self, milestone: Milestone) -> str:
        return self.found.names[milestone]

    def reason(self, count: LossCount) -> str:
        if count.level is Level.SIDE:
            return str(SIDE_LABELS[Side(count.code)])
        return self.found.reasons[count.code].name if count.level is Level.REASON else count.code

    def counted(self, step: Step, fate: Fate) -> Counted:
        count = {
            Fate.REACHED: step.reached,
            Fate.TOUCHED: step.touched,
            Fate.LOST: step.lost,
            Fate.OPEN: step.open,
            Fate.WON: step.won,
        }[fate]
        of = step.n if fate is Fate.REACHED else step.reached
        name = f"{self.name(step.milestone)}: {fate_words()[fate]}"
        return _counted(count, of, name, self.found.slice, _at(step.milestone, fate))

    def went_on(self, step: Step, following: Milestone | None) -> Counted:
        name = f"{self.name(step.milestone)}: {_('went on')}"
        pick = _at(following or step.milestone, Fate.REACHED)
        return _counted(step.went_on, step.reached, name, self.found.slice, pick)

    def lost_for(self, count: LossCount, *, sole: bool = False) -> Counted:
        pick = FunnelPick(milestone=count.milestone, fate=Fate.LOST, because=(count.level, count.code), sole=sole)
        name = f"{self.name(count.milestone)}: {self.reason(count)}"
        return _counted(count.sole if sole else count.lost, count.n, name, self.found.slice, pick)


def fate_words() -> dict[Fate, str]:
    """Name the fates in the reader's language, as they stand after the name of a stage."""
    return {
        Fate.REACHED: _("came as far"),
        Fate.TOUCHED: _("were at it"),
        Fate.LOST: _("lost here"),
        Fate.OPEN: _("still open"),
        Fate.WON: _("won here"),
    }


def _counted(count: int, of: int, name: str, slice: Slice, pick: FunnelPick) -> Counted:
    told = f"{name}: {formats.k_of_n(count, of)} — {formats.share(count, of)}"
    return Counted(count=count, told=told, url=leads_url(slice, Pick(funnel=pick)))


def _at(milestone: Milestone, fate: Fate) -> FunnelPick:
    return FunnelPick(milestone=milestone, fate=fate)


def _corner(step: Step, conversion: Conversion) -> str:
    if conversion is Conversion.STEP or step.conversion is None:
        return _("%(share)s of all that came") % {"share": formats.share(step.reached, step.n)}
    return _("%(share)s of the step before") % {"share": formats.share(step.conversion.k, step.conversion.n)}


def _share_with_interval(step: Step) -> str:
    if step.conversion is None:
        return "—"
    interval = _interval(step.conversion.interval, step.conversion.n)
    return f"{formats.share(step.conversion.k, step.conversion.n)} {interval}".strip()


def _interval(interval: tuple[float, float] | None, n: int) -> str:
    """Write the ends of an interval as whole per cents; of few leads there is none."""
    if interval is None or formats.is_few(n):
        return ""
    return "–".join(formats.number(100 * end) for end in interval)


def _stay(stay: Duration) -> str:
    """Write median and 90th percentile; of few visits they say nothing."""
    if formats.is_few(stay.n):
        return ""
    words = {"median": _percentile(stay, stay.median), "p90": _percentile(stay, stay.p90)}
    return _("%(median)s / %(p90)s d.") % words


def _percentile(stay: Duration, days: float | None) -> str:
    """Write a time in days; one that was not seen to end is longer than what was seen."""
    if formats.is_few(stay.n) or stay.observed is None:
        return "—"
    return f">{_days(stay.observed)}" if days is None else _days(days)


def _days(days: float) -> str:
    decimals = 1 if days < SHORT_STAY and round(days, 1) % 1 else 0
    return formats.number(days, decimals)


def _scope(slice: Slice, age: int, n: int) -> str:
    return _("age %(age)s · %(period)s · ripe weeks only · n = %(n)s") % {
        "age": age_words(age),
        "period": period_words(slice),
        "n": formats.number(n),
    }


def _switch(slice: Slice, conversion: Conversion) -> list[Option]:
    labels = {Conversion.STEP: _("by step"), Conversion.CUMULATIVE: _("from the start")}
    return [
        Option(label, f"{board_url(slice)}&conversion={choice}#p5", choice is conversion)
        for choice, label in labels.items()
    ]


def _take(found: WhereLost, *, enough: int) -> tuple[str, str]:
    """Say where most of the qualified leads are lost; nothing is ranked by few."""
    steps = found.steps[:-1]
    late = [step for step in steps if RANKS[step.milestone] >= RANKS[Milestone.QUALIFIED]]
    candidates = [step for step in late or steps if step.reached >= enough]
    if not candidates:
        return _("Too few leads came far enough to say where most are lost."), "calm"
    worst = max(candidates, key=lambda step: step.lost)
    if not worst.lost:
        return _("No qualified lead is lost in these weeks."), "calm"
    following = found.steps[found.steps.index(worst) + 1].milestone
    words = {
        "next": found.names[following],
        "lost": formats.k_of_n(worst.lost, worst.reached),
        "reason": _first_reason(found, worst),
    }
    text = (
        _("Of the qualified leads most are lost before “%(next)s”: %(lost)s, most often “%(reason)s”.")
        if late
        else _("Most leads are lost before “%(next)s”: %(lost)s, most often “%(reason)s”.")
    )
    return text % words, "look"


def _first_reason(found: WhereLost, step: Step) -> str:
    first = next(count for count in found.losses[Level.REASON] if count.milestone is step.milestone)
    return found.reasons[first.code].name
