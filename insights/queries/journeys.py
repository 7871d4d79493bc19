"""The moves of the counted leads, read once and in their turn: every number of the funnel is counted from these."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import groupby, islice
from operator import itemgetter
from typing import Any

from django.db.models import F, FilteredRelation, Q

from funnels.models import LossReason, Stage
from funnels.rules.moves import MILESTONE_LABELS, Milestone, Outcome
from insights.queries.scope import counted
from insights.queries.states import group_label, group_of, of_age
from insights.rules.journeys import Journey, JourneyCell, Move, VisitCell, journey, journey_cells, visit_cells
from insights.rules.losses import Reason
from insights.rules.slice import GroupBy, Slice
from leads.models import TransitionReason
from leads.rules.facts import TransitionKind

KINDS = {kind.value: kind for kind in TransitionKind}
MILESTONES = {milestone.value: milestone for milestone in Milestone}
AT_ONCE = 5_000  # ids in one question: a database takes only so many
NOTHING: frozenset[int] = frozenset()


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
    """Count the valid leads of a slice by group, milestones, outcome and reasons of loss, and their visits by days.

    `at` is the present; it stands in for the slice's instant when that is not given. The group of a cell is a primary
    key as text, a week's label, or None.
    """
    ways = list(_ways(slice, at, by))
    closed_by = [way.closed_by for _group, way in ways if way.closed_by and way.outcome is Outcome.LOST]
    because = _reasons_given(closed_by)
    told = ((group, way, because.get(way.closed_by or 0, NOTHING)) for group, way in ways)
    return Cells(journeys=journey_cells(told), visits=visit_cells(ways))


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


def _ways(slice: Slice, at: datetime, by: GroupBy | None) -> Iterator[tuple[str | None, Journey]]:
    columns = ("pk", "group", "received_at", "move__pk", "move__kind", "move__to_milestone", "move__effective_at")
    moves = FilteredRelation("transitions", condition=known_moves(slice, prefix="transitions__"))
    leads = counted(slice=slice).annotate(move=moves, group=group_of(slice, by))
    rows = leads.order_by("pk", "move__effective_at", "move__recorded_at", "move__pk").values_list(*columns)
    limit = None if slice.age is None else timedelta(days=slice.age)
    until = slice.as_of or at
    for _pk, found in groupby(rows.iterator(), key=itemgetter(0)):
        lead = list(found)
        _lead, group, received_at, *_first = lead[0]
        moves_made = [
            Move(pk, KINDS[kind], MILESTONES[milestone], effective_at)
            for _lead, _group, _received, pk, kind, milestone, effective_at in lead
            if pk is not None
        ]
        seen = until if limit is None else min(until, received_at + limit)
        yield group_label(by, group), journey(moves_made, until=seen)


def _reasons_given(transitions: Sequence[int]) -> dict[int, frozenset[int]]:
    given: dict[int, set[int]] = {}
    waiting = iter(transitions)
    while some := list(islice(waiting, AT_ONCE)):
        rows = TransitionReason.objects.filter(transition__in=some).order_by()
        for transition, reason in rows.values_list("transition_id", "loss_reason_id"):
            given.setdefault(transition, set()).add(reason)
    return {transition: frozenset(reasons) for transition, reasons in given.items()}
