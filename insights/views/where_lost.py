"""Panel 5: where and why leads are lost."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from crm.models import OrganisationSettings
from crm.rules import formats
from funnels.rules.moves import Milestone
from insights.charts.funnel import funnel
from insights.queries.where_lost import WhereLost, where_lost
from insights.rules.journeys import RANKS
from insights.rules.losses import Level
from insights.rules.ripeness import ripe_part
from insights.rules.slice import Slice
from insights.rules.stages import Conversion, Step
from insights.rules.words import age_words, period_words
from insights.views.funnel_words import FunnelWords, LossLine, StageLine, WinLine
from insights.views.option import Option

OF_RIPE_WEEKS = ("stages", "losses", "durations")
"""Metrics that the panel counts at the second age, over the ripe weeks alone."""


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
    sides_and_groups: Sequence[LossLine] = ()
    wins: Sequence[WinLine] = ()
    nothing: str = ""


def followed(slice: Slice, *, organisation: OrganisationSettings, at: datetime) -> Slice | None:
    """Cut a slice down to the weeks whose leads were followed to the organisation's second age; None when none is."""
    zone = ZoneInfo(organisation.time_zone)
    return ripe_part(slice, age=organisation.age_a2_days, as_of=slice.as_of or at, zone=zone)


def where_lost_panel(
    *,
    slice: Slice,
    conversion: Conversion,
    organisation: OrganisationSettings,
    at: datetime,
    url_of: Callable[[Conversion], str],
) -> Panel:
    """Lay out the funnel of a slice at the organisation's second age, over its ripe weeks.

    `url_of` tells where the same panel shows another conversion.
    """
    age = organisation.age_a2_days
    ripe = followed(slice, organisation=organisation, at=at)
    if ripe is None:
        words = _("No week is ripe: a lead is followed for %(age)s here.") % {"age": age_words(age)}
        return Panel(take=words, scope=_scope(slice, age, 0), nothing=_("No week is ripe yet"))
    found = where_lost(slice=ripe, closed_slice=slice, at=at)
    scope = _scope(ripe, age, found.n)
    if not found.n:
        return Panel(take=_("No leads came in this slice."), scope=scope, nothing=_("No leads"))
    told = FunnelWords(found)
    take, mood = _take(found, enough=organisation.minimum_sample_to_rank)
    return Panel(
        take=take,
        mood=mood,
        scope=scope,
        chart=funnel([told.bar(index, conversion) for index in range(len(found.steps))]),
        switch=_switch(conversion, url_of),
        conversion=conversion,
        lines=[told.line(step) for step in found.steps],
        reasons=[told.loss(count) for count in found.losses[Level.REASON]],
        sides_and_groups=[told.loss(count) for level in (Level.SIDE, Level.GROUP) for count in found.losses[level]],
        wins=told.wins(),
    )


def _scope(slice: Slice, age: int, n: int) -> str:
    return _("age %(age)s · %(period)s · ripe weeks only · n = %(n)s") % {
        "age": age_words(age),
        "period": period_words(slice),
        "n": formats.number(n),
    }


def _switch(conversion: Conversion, url_of: Callable[[Conversion], str]) -> list[Option]:
    labels = {Conversion.STEP: _("by step"), Conversion.CUMULATIVE: _("from the start")}
    return [Option(label, url_of(choice), choice is conversion) for choice, label in labels.items()]


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
