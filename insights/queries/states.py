"""The state of each counted lead, in one grouped query.

Now and without an age limit it is read from what the Lead row repeats; for a past instant or a given age it is
derived from the assessments. Both must agree, and tests hold them to it.
"""

from collections.abc import Collection, Iterable, Sequence
from datetime import date, datetime, timedelta
from typing import Any

from django.db.models import (
    Case,
    CharField,
    Count,
    DateTimeField,
    Exists,
    ExpressionWrapper,
    F,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    Value,
    When,
)
from django.db.models.expressions import Combinable
from django.db.models.functions import TruncWeek

from crm.queries.snapshot import planned_for_its_values
from funnels.rules.verdict import Verdict
from insights.models.kept import LONG_AGO
from insights.queries.scope import counted, holder, origin
from insights.queries.verdicts import DECIDED, packed, packed_act, restated_by, says, with_own
from insights.rules.period import Week
from insights.rules.pick import Timing
from insights.rules.quality import Cell
from insights.rules.slice import GroupBy, Slice
from leads.models import Assessment, Lead, Touch
from leads.rules.facts import AssessmentKind, TouchActor, TouchResult

UNJUDGED = (Verdict.UNDECIDED, 0, 0)


def cells_of_leads(
    *, slice: Slice, at: datetime, by: GroupBy | None = None, days: Collection[date] | None = None
) -> list[Cell]:
    """Count the valid leads of a slice, or of some of its days, by group, verdict, timing and masks.

    `at` is the present; it stands in for the slice's instant when that is not given. The group of a cell is a primary
    key as text, a week's label, or None.
    """
    rows = rows_of_leads(slice=slice, at=at, groups=(group_of(slice, by),), days=days)
    return [cell_of(by, group, timing, state, count) for group, timing, *state, count in rows]


def rows_of_leads(
    *, slice: Slice, at: datetime, groups: Sequence[Any], days: Collection[date] | None = None
) -> Iterable[tuple[Any, ...]]:
    """Count leads by expressions, timing and state: rows of the groups, the timing, the state and a count."""
    leads = counted(slice=slice, days=days)
    named = {f"group_{number}": group for number, group in enumerate(groups)}
    leads, state = with_state(leads.annotate(timing=timing(slice=slice, at=at), **named), slice=slice, at=at)
    with planned_for_its_values():
        return list(leads.order_by().values_list(*named, "timing", *state).annotate(count=Count("pk")))


def with_state(
    leads: QuerySet[Lead], *, slice: Slice, at: datetime | None = None
) -> tuple[QuerySet[Lead], Sequence[str]]:
    """Let the state of leads be asked for; return the names of its columns, whose values `unpacked` reads.

    `at` is the present; only a restated slice needs it.
    """
    if reads_the_row(slice):
        return leads, ("verdict", "fail_mask", "assessed_mask")
    return leads.annotate(state=_state(slice, restated_by(slice=slice, at=at))), ("state",)


def reads_the_row(slice: Slice) -> bool:
    """Tell whether the Lead row already holds the state asked for."""
    return slice.as_of is None and slice.age is None and not slice.restated


def in_force(slice: Slice) -> QuerySet[Assessment]:
    """Order the assessments of the outer lead so that the first is the one in force at the slice's instant and age.

    R4, R6, R7: known by then, in effect by the age; an audit never changes a state; among equals the later written.
    """
    known = Assessment.objects.filter(lead=OuterRef("pk")).exclude(kind=AssessmentKind.AUDIT)
    if slice.as_of is not None:
        known = known.filter(recorded_at__lte=slice.as_of)
    if slice.age is not None:
        known = known.filter(effective_at__lte=of_age(OuterRef("received_at"), slice.age))
    return known.order_by("-effective_at", "-recorded_at", "-id")


def of_age(received_at: F | OuterRef, days: int) -> Combinable:
    """Tell when a lead reaches an age."""
    return ExpressionWrapper(received_at + timedelta(days=days), output_field=DateTimeField())


def timing(*, slice: Slice, at: datetime) -> Case:
    """Tell what a lead waits for if it is undecided, judged at the slice's instant or at its age if that is earlier.

    Overdue comes first: a late verdict is late whether or not somebody has called.
    """
    late = Q(verdict_due_at__lt=slice.as_of or at)
    if slice.age is not None:
        late &= Q(verdict_due_at__lt=of_age(F("received_at"), slice.age))
    return Case(
        When(late, then=Value(Timing.OVERDUE.value)),
        When(touched(slice), then=Value(Timing.IN_SLA.value)),
        default=Value(Timing.UNTOUCHED.value),
        output_field=CharField(),
    )


def passes(column: str, *, slice: Slice, at: datetime, absent: datetime | None) -> Case:
    """Tell when a due time passes: LONG_AGO if it has, never if the age comes first, `absent` if there is none."""
    whens = [When(**{f"{column}__isnull": True}, then=Value(absent))]
    if slice.age is not None:
        whens.append(When(**{f"{column}__gte": of_age(F("received_at"), slice.age)}, then=Value(None)))
    whens.append(When(**{f"{column}__lt": slice.as_of or at}, then=Value(LONG_AGO)))
    return Case(*whens, default=F(column), output_field=DateTimeField())


def touched(slice: Slice) -> Q:
    """Tell whether somebody had tried to reach the lead, or answered it, by then."""
    if slice.as_of is None:
        touched = Q(first_touch_at__isnull=False)
        return touched if slice.age is None else touched & Q(first_touch_at__lte=of_age(F("received_at"), slice.age))
    touches = Touch.objects.filter(
        Q(is_inbound=False, actor=TouchActor.HUMAN) | Q(is_inbound=True, result=TouchResult.REACHED),
        lead=OuterRef("pk"),
        recorded_at__lte=slice.as_of,
    )
    if slice.age is not None:
        touches = touches.filter(occurred_at__lte=of_age(OuterRef("received_at"), slice.age))
    return Q(Exists(touches))


def _state(slice: Slice, by: int | None) -> Combinable:
    """Tell verdict and masks as one text, from the Lead row where it holds them and from the assessments elsewhere."""
    looked_up = Subquery(in_force(slice).values(packed=packed_act(by=by))[:1])
    if slice.as_of is not None:
        return looked_up
    holds, row = row_holds(slice), packed()
    if by is not None:
        holds, row = holds & Q(definition=by), with_own(row)
    return Case(When(holds, then=row), default=looked_up, output_field=CharField())


def row_holds(slice: Slice) -> Q:
    """Tell whether the assessment now in force, which the Lead row repeats, was in effect within the age already.

    It is the last of all, so if it was, it was the last within the age too. Few leads are judged later.
    """
    if slice.age is None:
        return Q()
    return Q(verdict_at__isnull=True) | Q(verdict_at__lte=of_age(F("received_at"), slice.age))


def unpacked(state: Sequence[Any]) -> tuple[Verdict, int, int]:
    """Read verdict, failed and asked from the values of `with_state`."""
    if list(state) == [None]:
        return UNJUDGED
    verdict, fail_mask, assessed_mask, *_own = state if len(state) > 1 else str(state[0]).split(":")
    return Verdict(verdict), int(fail_mask), int(assessed_mask)


def _waits_for(timing: str, state: Sequence[Any]) -> Timing:
    """Tell what an undecided lead waits for; for nothing, when it had been decided and its answers decide no more."""
    own = str(state[0]).split(":")[3:] if len(state) == 1 else []
    return Timing(timing) if own in ([], [Verdict.UNDECIDED]) else Timing.NOT_RESTATED


def group_of(slice: Slice, by: GroupBy | None) -> Any:
    """Tell which group a lead belongs to, as the database knows it."""
    if by is None:
        return Value("")
    if by is GroupBy.WEEK:
        return TruncWeek("cohort_day")
    if by is GroupBy.SOURCE:
        return origin(slice=slice)
    return holder(slice=slice) if by is GroupBy.OWNER else F(f"{by.value}_id")


def cell_of(by: GroupBy | None, group: Any, timing: str, state: Sequence[Any], count: int) -> Cell:
    """Make a cell of what the database has grouped."""
    verdict, fail_mask, assessed_mask = unpacked(state)
    return Cell(
        group=group_label(by, group),
        verdict=verdict,
        timing=_waits_for(timing, state) if verdict is Verdict.UNDECIDED else None,
        fail_mask=fail_mask,
        assessed_mask=assessed_mask,
        count=count,
    )


def group_label(by: GroupBy | None, group: Any) -> str | None:
    """Write a group as cells name it: a week's label, a primary key as text, or None."""
    if by is None or group is None:
        return None
    return Week.of(group).label if by is GroupBy.WEEK else str(group)


def judged(leads: QuerySet[Lead], *, slice: Slice, condition: Q, at: datetime) -> QuerySet[Lead]:
    """Keep leads whose state satisfies a condition on `verdict`, `fail_mask` or `assessed_mask`."""
    if reads_the_row(slice):
        return leads.filter(condition)
    return _with_act(leads, slice).filter(says(condition, by=restated_by(slice=slice, at=at)))


def undecided(leads: QuerySet[Lead], *, slice: Slice, at: datetime) -> QuerySet[Lead]:
    """Keep leads that have no verdict, whether judged in part or not at all."""
    if reads_the_row(slice):
        return leads.filter(verdict=Verdict.UNDECIDED)
    return _with_act(leads, slice).filter(~says(DECIDED, by=restated_by(slice=slice, at=at)))


def waiting(leads: QuerySet[Lead], *, slice: Slice, at: datetime, among: Collection[Timing]) -> QuerySet[Lead]:
    """Keep of undecided leads those that wait for one of these."""
    told = [one.value for one in among if one is not Timing.NOT_RESTATED]
    waits = leads.alias(timing=timing(slice=slice, at=at))
    if not slice.restated:
        return waits.filter(timing__in=told)
    was_decided = says(DECIDED, by=None)
    condition = Q(timing__in=told) & ~was_decided
    return _with_act(waits, slice).filter(condition | was_decided if Timing.NOT_RESTATED in among else condition)


def _with_act(leads: QuerySet[Lead], slice: Slice) -> QuerySet[Lead]:
    """Let conditions be put on the act in force, as `says` does."""
    return leads.alias(state_id=Subquery(in_force(slice).values("pk")[:1]))
