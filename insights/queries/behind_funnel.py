"""The leads behind a number of the funnel."""

from dataclasses import replace
from datetime import date, datetime

from django.db.models import Exists, OuterRef, Q, QuerySet, Subquery

from funnels.models import LossReason
from funnels.rules.moves import Milestone
from insights.queries.flow import bounds_of, closed_within, whenever_they_came
from insights.queries.journeys import known_moves
from insights.queries.scope import counted, funnel_of
from insights.rules.journeys import MILESTONES, RANKS
from insights.rules.losses import Level
from insights.rules.period import Week
from insights.rules.pick_funnel import BECAUSE, Closed, Fate, FunnelPick
from insights.rules.slice import GroupBy, Slice, UnknownValue
from leads.models import Lead, Transition, TransitionReason
from leads.rules.facts import TransitionKind

CLOSING = (TransitionKind.WIN, TransitionKind.LOSE)
STANDING = {
    Fate.LOST: Q(last_kind=TransitionKind.LOSE),
    Fate.WON: Q(last_kind=TransitionKind.WIN),
    Fate.OPEN: ~Q(last_kind__in=CLOSING),
}
COLUMNS = {Level.REASON: "code", Level.SIDE: "side", Level.GROUP: "group"}
Group = tuple[GroupBy, str] | None


def of_funnel(leads: QuerySet[Lead], *, slice: Slice, pick: FunnelPick) -> QuerySet[Lead]:
    """Keep leads of one milestone with the fate asked for, at the slice's instant and age.

    Raises UnknownValue for a reason or a group of reasons that does not exist.
    """
    if pick.milestone is None:
        return leads
    moves = Transition.objects.filter(known_moves(slice, received_at=OuterRef("received_at")), lead=OuterRef("pk"))
    if pick.fate is Fate.TOUCHED:
        return leads.filter(Exists(moves.filter(to_milestone=pick.milestone)))
    later = [milestone for milestone in MILESTONES if RANKS[milestone] > RANKS[pick.milestone]]
    if pick.fate is Fate.REACHED:
        return leads.filter(Exists(moves.filter(to_milestone__in=[pick.milestone, *later])))
    return _stopped(leads, slice, pick, moves, later)


def closed_leads(*, slice: Slice, which: Closed, group: Group, at: datetime) -> tuple[QuerySet[Lead], Group]:
    """Select the leads closed on the days of a slice, and tell which group they are still to be narrowed to.

    A week is one of closing, not of arrival.
    """
    if group is not None and group[0] is GroupBy.WEEK:
        slice, group = _within(slice, Week.parse(group[1])), None
    found = counted(slice=whenever_they_came(slice))
    leads = closed_within(found, slice=slice, bounds=bounds_of(slice=slice, at=at))
    return (leads if which is Closed.ANY else leads.filter(Q(closed=which.upper()))), group


def _stopped(
    leads: QuerySet[Lead], slice: Slice, pick: FunnelPick, moves: QuerySet[Transition], later: list[Milestone]
) -> QuerySet[Lead]:
    last = moves.order_by("-effective_at", "-recorded_at", "-id")
    leads = leads.alias(last_kind=Subquery(last.values("kind")[:1])).filter(
        Exists(moves.filter(to_milestone=pick.milestone)), ~Exists(moves.filter(to_milestone__in=later))
    )
    leads = leads.filter(STANDING[pick.fate])
    if pick.because is None:
        return leads
    level, code = pick.because
    column = COLUMNS[level]
    if not LossReason.objects.filter(funnel=funnel_of(slice=slice), **{column: code}).exists():
        raise UnknownValue(BECAUSE[level], code)
    leads = leads.alias(closed_by=Subquery(last.values("pk")[:1]))
    given = TransitionReason.objects.filter(transition=OuterRef("closed_by"))
    leads = leads.filter(Exists(given.filter(**{f"loss_reason__{column}": code})))
    return leads.filter(~Exists(given.exclude(**{f"loss_reason__{column}": code}))) if pick.sole else leads


def _within(slice: Slice, week: Week) -> Slice:
    from_on: date = max(week.first_on, slice.from_on or week.first_on)
    to_on: date = min(week.last_on, slice.to_on or week.last_on)
    return replace(slice, from_on=from_on, to_on=to_on)
