"""The moves of the counted leads, read once and in their turn: every number of the funnel is counted from these."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby, islice
from operator import itemgetter
from typing import Any, Final

from django.db import connection
from django.db.models import BigIntegerField, F, FilteredRelation, Q, QuerySet, Value
from django.db.models.functions import Cast

from funnels.models import LossReason, Stage
from funnels.rules.moves import MILESTONE_LABELS, Milestone, Outcome
from insights.queries.instants import Moment
from insights.queries.journey_rows import STAY, WAY, settled_stay, stay_that_ended, stay_that_goes_on, way_of
from insights.queries.journeys_sql import counted_by_postgresql
from insights.queries.scope import counted
from insights.queries.states import of_age
from insights.queries.tallies import Days, Tally, tallied
from insights.rules.journeys import Journey, JourneyCell, Move, VisitCell, journey
from insights.rules.losses import Reason
from insights.rules.slice import GroupBy, Slice
from insights.rules.tally import Counted, moment
from insights.rules.waits import SECOND, bucket_of
from leads.models import Lead, TransitionReason
from leads.rules.facts import TransitionKind

KINDS = {kind.value: kind for kind in TransitionKind}
MILESTONES = {milestone.value: milestone for milestone in Milestone}
AT_ONCE = 5_000  # ids in one question: a database takes only so many
NOTHING: frozenset[int] = frozenset()
MOVE: Final = ("lead", "group", "until", "act", "did", "milestone", "since", "known_at")


@dataclass(frozen=True, slots=True, kw_only=True)
class Cells:
    """What the leads of a slice came to, and their visits, counted by group."""

    journeys: Sequence[JourneyCell]
    visits: Sequence[VisitCell]


@dataclass(frozen=True, slots=True, kw_only=True)
class StagesKnown:
    """The milestones a funnel has stages for, and what every milestone is called in it."""

    listed: Sequence[Milestone]
    names: Mapping[str, str]


def journeys(*, slice: Slice, at: datetime, by: GroupBy | None = None) -> Cells:
    """Count the valid leads of a slice by group, milestones, outcome and reasons of loss, and their visits by time.

    `at` is the present; it stands in for the slice's instant when that is not given. The group of a cell is a primary
    key as text, a week's label, or None.
    """
    rows = tallied(JOURNEYS, slice=slice, at=at, by=by)
    return Cells(
        journeys=[_journey_cell(row) for row in rows if row.key[0] == WAY],
        visits=[_visit_cell(row) for row in rows if row.key[0] == STAY],
    )


def known_moves(slice: Slice, *, prefix: str = "", received_at: Any = None) -> Q:
    """Keep transitions that were known at the slice's instant and had happened by its age (R4, R7)."""
    condition = Q()
    if slice.as_of is not None:
        condition &= Q(**{f"{prefix}recorded_at__lte": slice.as_of})
    if slice.age is not None:
        condition &= Q(**{f"{prefix}effective_at__lte": of_age(received_at or F("received_at"), slice.age)})
    return condition


def stages_known(*, slice: Slice) -> StagesKnown:
    """Read the milestones of the stages a funnel has now; each is called as the first of its stages is."""
    names = {milestone.value: str(label) for milestone, label in MILESTONE_LABELS.items()}
    stages = Stage.objects.filter(funnel__code=slice.funnel, archived_at__isnull=True)
    found = list(stages.order_by("-position").values_list("milestone", "name"))
    return StagesKnown(listed=[MILESTONES[name] for name, _label in found], names=names | dict(found))


def reasons_known(*, slice: Slice) -> dict[int, Reason]:
    """Read the loss reasons of a funnel, archived ones too, since old losses keep them."""
    rows = LossReason.objects.filter(funnel__code=slice.funnel).order_by()
    return {
        pk: Reason(code=code, name=name, side=side, group=group)
        for pk, code, name, side, group in rows.values_list("pk", "code", "name", "side", "group")
    }


def _rows(slice: Slice, at: datetime, group: Any, days: Days) -> Iterator[Counted]:
    """Count ways and stays; a stay that is not over keeps when it began and when it is no longer looked at."""
    instant = moment(slice.as_of or at) or 0
    moves = _moves(slice, group, days)
    return counted_by_postgresql(moves, instant) if connection.vendor == "postgresql" else _one_by_one(moves, instant)


def _moves(slice: Slice, group: Any, days: Days) -> QuerySet[Lead, tuple[Any, ...]]:
    """Read the moves of leads, of each in their turn, and until when the lead is looked at."""
    moves = FilteredRelation("transitions", condition=known_moves(slice, prefix="transitions__"))
    never = Cast(Value(None), BigIntegerField())
    leads = counted(slice=slice, days=days).annotate(move=moves, group=group, lead=F("pk"))
    told = leads.annotate(
        until=never if slice.age is None else Moment(of_age(F("received_at"), slice.age)),
        act=F("move__pk"),
        did=F("move__kind"),
        milestone=F("move__to_milestone"),
        since=Moment("move__effective_at"),
        known_at=F("move__recorded_at"),
    )
    return told.order_by("pk", "move__effective_at", "known_at", "act").values_list(*MOVE)


def _one_by_one(moves: QuerySet[Lead, tuple[Any, ...]], instant: int) -> Iterator[Counted]:
    """Lay out each lead's way, for the databases whose statements cannot."""
    ways = list(_ways(moves))
    closed_by = [way.closed_by for _group, way, _until in ways if way.closed_by and way.outcome is Outcome.LOST]
    because = _reasons_given(closed_by)
    for of, way, until in ways:
        yield way_of(of, way.touched, way.outcome, because.get(way.closed_by or 0, NOTHING), 1)
        for visit in way.visits:
            if visit.end is None:
                yield from stay_that_goes_on(of, visit.milestone, visit.start, until, 1, instant)
            else:
                seconds = max(visit.end - visit.start, 0) / SECOND
                yield stay_that_ended(of, visit.milestone, bucket_of(seconds), 1, seconds, seconds)


def _ways(moves: QuerySet[Lead, tuple[Any, ...]]) -> Iterator[tuple[Any, Journey, int | None]]:
    for _lead, found in groupby(moves, key=itemgetter(0)):
        lead = list(found)
        _lead, of, until, *_move = lead[0]
        made = [
            Move(pk, KINDS[kind], MILESTONES[milestone], since)
            for _lead, _of, _until, pk, kind, milestone, since, _known_at in lead
            if pk is not None
        ]
        yield of, journey(made), until


def _reasons_given(transitions: Sequence[int]) -> dict[int, frozenset[int]]:
    given: dict[int, set[int]] = {}
    waiting = iter(transitions)
    while some := list(islice(waiting, AT_ONCE)):
        rows = TransitionReason.objects.filter(transition__in=some).order_by()
        for transition, reason in rows.values_list("transition_id", "loss_reason_id"):
            given.setdefault(transition, set()).add(reason)
    return {transition: frozenset(reasons) for transition, reasons in given.items()}


JOURNEYS: Final = Tally("journeys", _rows, settled_stay)


def _journey_cell(row: Counted) -> JourneyCell:
    _way, touched, outcome, reasons = map(str, row.key)
    return JourneyCell(
        group=row.group,
        touched=frozenset(MILESTONES[name] for name in touched.split(",") if name),
        outcome=Outcome(outcome),
        reasons=frozenset(int(reason) for reason in reasons.split(",") if reason),
        count=row.n,
    )


def _visit_cell(row: Counted) -> VisitCell:
    _stay, milestone, is_over, bucket, _until = row.key
    return VisitCell(
        group=row.group,
        milestone=MILESTONES[str(milestone)],
        is_over=bool(is_over),
        bucket=int(bucket or 0),
        shortest=row.shortest or 0.0,
        longest=row.longest or 0.0,
        count=row.n,
    )
