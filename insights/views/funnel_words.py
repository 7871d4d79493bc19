"""The numbers of the funnel in words, each with the leads behind it."""

from dataclasses import dataclass
from urllib.parse import urlencode

from django.utils.translation import gettext as _

from crm.rules import formats
from funnels.rules.definitions import SIDE_LABELS, Side
from funnels.rules.moves import Milestone
from insights.charts.funnel import Counted, StageBar
from insights.forms import flat
from insights.queries.where_lost import WhereLost
from insights.rules.durations import Duration
from insights.rules.losses import Level, LossCount
from insights.rules.pick import Pick
from insights.rules.pick_funnel import Closed, Fate, FunnelPick
from insights.rules.stages import Conversion, Step
from insights.rules.words import period_words
from insights.views.links import leads_url

TOP = 2  # reasons named beside a bar
SHORT_STAY = 10.0  # days below which a tenth of a day is told


@dataclass(frozen=True, slots=True)
class StageLine:
    """A milestone in the table under the chart, with the addresses of its leads."""

    name: str
    step: Step
    reached: str
    touched: str
    lost: str
    open: str
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
    lost: str
    sole: str


@dataclass(frozen=True, slots=True)
class WinLine:
    """One of the two shares of won leads, and what it is a share of."""

    name: str
    won: Counted
    of: Counted
    interval: str


class FunnelWords:
    """The numbers of a funnel with the words and addresses of its slice."""

    def __init__(self, found: WhereLost) -> None:
        self.found = found
        self._leads = leads_url(found.slice)  # written once: a panel has hundreds of links, alike but for their ends

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
            reached=self.url(_at(step.milestone, Fate.REACHED)),
            touched=self.url(_at(step.milestone, Fate.TOUCHED)),
            lost=self.url(_at(step.milestone, Fate.LOST)),
            open=self.url(_at(step.milestone, Fate.OPEN)),
            onward=_share_with_interval(step),
            median=_percentile(stay, stay.median),
            p90=_percentile(stay, stay.p90),
        )

    def loss(self, count: LossCount) -> LossLine:
        reason = self.found.reasons.get(count.code) if count.level is Level.REASON else None
        return LossLine(
            stage=self.name(count.milestone),
            name=_("“%(name)s”") % {"name": count.code} if count.level is Level.GROUP else self.reason(count),
            side=str(SIDE_LABELS[Side(reason.side)]) if reason else "",
            count=count,
            lost=self.url(_because(count)),
            sole=self.url(_because(count, sole=True)),
        )

    def wins(self) -> list[WinLine]:
        """Say both shares of won leads, each with what it is of: the word alone means nothing."""
        rates, closed = self.found.wins, self.found.closed_slice

        def of_closed(count: int, name: str, which: Closed) -> Counted:
            url = leads_url(closed, Pick(funnel=FunnelPick(closed=which)))
            return Counted(count=count, told=_told(count, rates.closed, name), url=url)

        def of_qualified(count: int, name: str, pick: FunnelPick) -> Counted:
            return self._counted(count, rates.qualified, name, pick)

        return [
            WinLine(
                _("Won of the leads closed %(period)s") % {"period": period_words(closed)},
                of_closed(rates.won_closed, _("Won leads"), Closed.WON),
                of_closed(rates.closed, _("Closed leads"), Closed.ANY),
                _interval(rates.of_closed.interval, rates.closed),
            ),
            WinLine(
                _("Won of the qualified leads that came %(period)s") % {"period": period_words(self.found.slice)},
                of_qualified(rates.won, _("Won leads"), _at(Milestone.WON, Fate.WON)),
                of_qualified(rates.qualified, _("Qualified leads"), _at(Milestone.QUALIFIED, Fate.REACHED)),
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
        count = {Fate.REACHED: step.reached, Fate.LOST: step.lost, Fate.OPEN: step.open, Fate.WON: step.won}[fate]
        of = step.n if fate is Fate.REACHED else step.reached
        return self._counted(count, of, self._said(step.milestone, fate_words()[fate]), _at(step.milestone, fate))

    def went_on(self, step: Step, following: Milestone | None) -> Counted:
        pick = _at(following or step.milestone, Fate.REACHED)
        return self._counted(step.went_on, step.reached, self._said(step.milestone, _("went on")), pick)

    def lost_for(self, count: LossCount) -> Counted:
        return self._counted(count.lost, count.n, self._said(count.milestone, self.reason(count)), _because(count))

    def url(self, pick: FunnelPick) -> str:
        """Write the address of a part of the slice."""
        return f"{self._leads}&{urlencode(flat(pick.to_query()))}"

    def _said(self, milestone: Milestone, what: str) -> str:
        return f"{self.name(milestone)}: {what}"

    def _counted(self, count: int, of: int, name: str, pick: FunnelPick) -> Counted:
        return Counted(count=count, told=_told(count, of, name), url=self.url(pick))


def fate_words() -> dict[Fate, str]:
    """Name the fates in the reader's language, as they stand after the name of a stage."""
    return {
        Fate.REACHED: _("came as far"),
        Fate.LOST: _("lost here"),
        Fate.OPEN: _("still open"),
        Fate.WON: _("won here"),
    }


def _told(count: int, of: int, name: str) -> str:
    return f"{name}: {formats.k_of_n(count, of)} — {formats.share(count, of)}"


def _at(milestone: Milestone, fate: Fate) -> FunnelPick:
    return FunnelPick(milestone=milestone, fate=fate)


def _because(count: LossCount, *, sole: bool = False) -> FunnelPick:
    return FunnelPick(milestone=count.milestone, fate=Fate.LOST, because=(count.level, count.code), sole=sole)


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
