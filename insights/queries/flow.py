"""What happened within a period, by the day it took effect, to whichever leads (B2), and who was closed in it (B5)."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.db.models import Case, Count, Exists, F, OuterRef, Q, QuerySet, Subquery, Value, When
from django.db.models.functions import TruncWeek

from crm.queries.organisation import settings_at
from funnels.rules.moves import Outcome
from funnels.rules.verdict import Verdict
from insights.queries.journeys import MILESTONES, known_moves
from insights.queries.scope import counted
from insights.queries.states import group_label, group_of
from insights.rules.flow import Event, FlowCell
from insights.rules.period import DAY, start_of_day
from insights.rules.slice import GroupBy, Slice
from leads.models import Assessment, Lead, Transition
from leads.rules.facts import AssessmentKind, TransitionKind

EVENTS = {
    TransitionKind.ADVANCE.value: Event.MOVED,
    TransitionKind.WIN.value: Event.WON,
    TransitionKind.LOSE.value: Event.LOST,
    TransitionKind.REOPEN.value: Event.REOPENED,
}
VERDICTS = {Verdict.TARGET.value: Event.TARGET, Verdict.NON_TARGET.value: Event.NON_TARGET}
CLOSING = {TransitionKind.WIN.value: Outcome.WON, TransitionKind.LOSE.value: Outcome.LOST}


@dataclass(frozen=True, slots=True)
class Bounds:
    """The instants between which a period lies; None is an open end."""

    start: datetime | None
    end: datetime | None
    zone: ZoneInfo

    def before(self, column: str) -> Q:
        """Keep what happened before the period; nothing did when it has no beginning."""
        return Q(pk__in=[]) if self.start is None else Q(**{f"{column}__lt": self.start})

    def up_to_its_end(self, column: str) -> Q:
        return Q() if self.end is None else Q(**{f"{column}__lt": self.end})

    def within(self, column: str) -> Q:
        since = Q() if self.start is None else Q(**{f"{column}__gte": self.start})
        return since & self.up_to_its_end(column)


def bounds_of(*, slice: Slice, at: datetime) -> Bounds:
    """Find the instants at which the days of a slice begin and end."""
    zone = ZoneInfo(settings_at(at).time_zone)
    return Bounds(
        start=start_of_day(slice.from_on, zone) if slice.from_on else None,
        end=start_of_day(slice.to_on + DAY, zone) if slice.to_on else None,
        zone=zone,
    )


def whenever_they_came(slice: Slice) -> Slice:
    """Ask for the leads of a slice whatever the day they came and whatever their age."""
    return replace(slice, from_on=None, to_on=None, age=None)


def flow_cells(*, slice: Slice, at: datetime, by: GroupBy | None = None) -> list[FlowCell]:
    """Count arrivals, moves, closings and verdicts by group; those before the period only as far as leads stay open.

    The days of the slice are those on which something took effect, and so are the weeks it may be laid out by.
    """
    leads, bounds = counted(slice=whenever_they_came(slice)), bounds_of(slice=slice, at=at)
    return [
        *_arrivals(leads, slice, bounds, by),
        *_moves(leads, slice, bounds, by),
        *_verdicts(leads, slice, bounds, by),
    ]


def closed_within(leads: QuerySet[Lead], *, slice: Slice, bounds: Bounds | None = None) -> QuerySet[Lead]:
    """Keep leads whose last closing still holds, and lies within a period if one is given; `closed` and `closed_at`."""
    if slice.as_of is None:
        leads = leads.filter(~Q(outcome=Outcome.OPEN)).annotate(closed=F("outcome"), closed_at=F("outcome_at"))
        return leads if bounds is None else leads.filter(bounds.within("outcome_at"))
    moves = Transition.objects.filter(lead=OuterRef("pk"), recorded_at__lte=slice.as_of)
    last = moves.order_by("-effective_at", "-recorded_at", "-id").values("pk")[:1]
    leads = leads.filter(transitions=Subquery(last), transitions__kind__in=CLOSING)
    outcome = Case(
        *(When(transitions__kind=kind, then=Value(outcome.value)) for kind, outcome in CLOSING.items()),
    )
    leads = leads.annotate(closed=outcome, closed_at=F("transitions__effective_at"))
    return leads if bounds is None else leads.filter(bounds.within("closed_at"))


def verdicts_known(slice: Slice) -> QuerySet[Assessment]:
    """Keep the verdicts that count as events: a correction stands in the place of what it corrected (R6)."""
    acts = Assessment.objects.filter(verdict__in=VERDICTS).exclude(kind=AssessmentKind.AUDIT)
    corrections = Assessment.objects.filter(supersedes=OuterRef("pk"), kind=AssessmentKind.CORRECT)
    if slice.as_of is not None:
        acts = acts.filter(recorded_at__lte=slice.as_of)
        corrections = corrections.filter(recorded_at__lte=slice.as_of)
    return acts.filter(~Exists(corrections))


def _arrivals(leads: QuerySet[Lead], slice: Slice, bounds: Bounds, by: GroupBy | None) -> Iterator[FlowCell]:
    """Count leads by the day they came, which is stored: it is the day of their cohort."""
    if slice.to_on is not None:
        leads = leads.filter(cohort_day__lte=slice.to_on)
    before = Q(pk__in=[]) if slice.from_on is None else Q(cohort_day__lt=slice.from_on)
    rows = _counted(leads, group_of(slice, by), before)
    yield from (_cell(by, group, Event.CREATED, is_before, count) for group, is_before, count in rows)


def _moves(leads: QuerySet[Lead], slice: Slice, bounds: Bounds, by: GroupBy | None) -> Iterator[FlowCell]:
    when = "transitions__effective_at"
    known = known_moves(whenever_they_came(slice), prefix="transitions__")
    leads = leads.filter(known & bounds.up_to_its_end(when), transitions__kind__in=EVENTS)
    week = TruncWeek(when, tzinfo=bounds.zone) if by is GroupBy.WEEK else group_of(slice, by)
    rows = _counted(leads, week, bounds.before(when), "transitions__kind", "transitions__to_milestone")
    for group, is_before, kind, milestone, count in rows:
        event = EVENTS[kind]
        cell = _cell(by, group, event, is_before, count)
        yield replace(cell, milestone=MILESTONES[milestone]) if event is Event.MOVED else cell


def _verdicts(leads: QuerySet[Lead], slice: Slice, bounds: Bounds, by: GroupBy | None) -> Iterator[FlowCell]:
    when = "assessments__effective_at"
    leads = leads.filter(bounds.within(when), assessments__in=verdicts_known(slice))
    week = TruncWeek(when, tzinfo=bounds.zone) if by is GroupBy.WEEK else group_of(slice, by)
    rows = _counted(leads, week, Q(pk__in=[]), "assessments__verdict")
    for group, is_before, verdict, count in rows:
        yield _cell(by, group, VERDICTS[verdict], is_before, count)


def _counted(leads: QuerySet[Lead], group: Any, before: Q, *columns: str) -> QuerySet[Lead, Any]:
    """Count rows by group, whether they lie before the period, and columns."""
    told = leads.annotate(group=group, is_before=Case(When(before, then=True), default=False))
    return told.order_by().values_list("group", "is_before", *columns).annotate(count=Count("*"))


def _cell(by: GroupBy | None, group: Any, event: Event, is_before: bool, count: int) -> FlowCell:
    return FlowCell(group=group_label(by, group), event=event, is_before=is_before, count=count)
