"""The moves of the counted leads, read once and in their turn: every number of the funnel is counted from these."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby, islice
from operator import itemgetter
from typing import Any, Final

from django.db.models import F, FilteredRelation, Q

from funnels.models import LossReason, Stage
from funnels.rules.moves import MILESTONE_LABELS, Milestone, Outcome
from insights.queries.instants import Moment
from insights.queries.scope import counted
from insights.queries.states import of_age
from insights.queries.tallies import Days, Tally, tallied
from insights.rules.journeys import Journey, JourneyCell, Move, Visit, VisitCell, journey
from insights.rules.losses import Reason
from insights.rules.slice import GroupBy, Slice
from insights.rules.tally import Counted, moment
from insights.rules.waits import bucket_of
from leads.models import TransitionReason
from leads.rules.facts import TransitionKind

KINDS = {kind.value: kind for kind in TransitionKind}
MILESTONES = {milestone.value: milestone for milestone in Milestone}
AT_ONCE = 5_000  # ids in one question: a database takes only so many
NOTHING: frozenset[int] = frozenset()
A_DAY: Final = 86_400_000_000  # microseconds
WAY, STAY = "way", "stay"


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
    ways = list(_ways(slice, group, days))
    closed_by = [way.closed_by for _group, way, _cap in ways if way.closed_by and way.outcome is Outcome.LOST]
    because = _reasons_given(closed_by)
    for of, way, cap in ways:
        touched = ",".join(name for name, milestone in MILESTONES.items() if milestone in way.touched)
        reasons = ",".join(map(str, sorted(because.get(way.closed_by or 0, NOTHING))))
        yield Counted(of, (WAY, touched, way.outcome.value, reasons), 1)
        for visit in way.visits:
            yield _stay(of, visit, cap, instant)


def _stay(group: Any, visit: Visit, cap: int | None, instant: int) -> Counted:
    is_over = visit.end is not None
    until = visit.end if is_over else cap
    row = Counted(group, (STAY, visit.milestone.value, is_over, None, visit.start, until), 1)
    return _settled(row, instant) if is_over or (cap is not None and cap <= instant) else row


def _settled(row: Counted, instant: int) -> Counted:
    """Tell how long a stay took by an instant, or had taken when it was no longer looked at."""
    if not _goes_on(row):
        return row
    _stay, milestone, is_over, _bucket, start, cap = row.key
    end = instant if cap is None else min(instant, int(cap))
    seconds = max(end - int(start or 0), 0) / 1_000_000
    return Counted(row.group, (STAY, milestone, is_over, bucket_of(seconds), None, None), row.n, seconds, seconds)


def _goes_on(row: Counted) -> bool:
    return row.key[0] == STAY and row.key[4] is not None


JOURNEYS: Final = Tally("journeys", _rows, _settled, _goes_on)


def _ways(slice: Slice, group: Any, days: Days) -> Iterator[tuple[Any, Journey, int | None]]:
    """Read each lead's way, with the instant of its age if the slice has one."""
    columns = ("pk", "group", "came", "move__pk", "move__kind", "move__to_milestone", "since")
    moves = FilteredRelation("transitions", condition=known_moves(slice, prefix="transitions__"))
    leads = counted(slice=slice, days=days).annotate(move=moves, group=group)
    told = leads.annotate(came=Moment("received_at"), since=Moment("move__effective_at"))
    rows = told.order_by("pk", "move__effective_at", "move__recorded_at", "move__pk").values_list(*columns)
    limit = None if slice.age is None else slice.age * A_DAY
    for _pk, found in groupby(rows, key=itemgetter(0)):
        lead = list(found)
        _lead, of, came, *_first = lead[0]
        moves_made = [
            Move(pk, KINDS[kind], MILESTONES[milestone], since)
            for _lead, _group, _came, pk, kind, milestone, since in lead
            if pk is not None
        ]
        yield of, journey(moves_made), None if limit is None else came + limit


def _reasons_given(transitions: Sequence[int]) -> dict[int, frozenset[int]]:
    given: dict[int, set[int]] = {}
    waiting = iter(transitions)
    while some := list(islice(waiting, AT_ONCE)):
        rows = TransitionReason.objects.filter(transition__in=some).order_by()
        for transition, reason in rows.values_list("transition_id", "loss_reason_id"):
            given.setdefault(transition, set()).add(reason)
    return {transition: frozenset(reasons) for transition, reasons in given.items()}


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
    _stay, milestone, is_over, bucket, *_settled = row.key
    return VisitCell(
        group=row.group,
        milestone=MILESTONES[str(milestone)],
        is_over=bool(is_over),
        bucket=int(bucket or 0),
        shortest=row.shortest or 0.0,
        longest=row.longest or 0.0,
        count=row.n,
    )
