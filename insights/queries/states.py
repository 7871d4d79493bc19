"""The state of each counted lead, in one grouped query.

Now and without an age limit it is read from what the Lead row repeats; for a past instant or a given age it is
derived from the assessments. Both must agree, and tests hold them to it.
"""

from datetime import datetime, timedelta
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
from django.db.models.functions import Cast, Concat, TruncWeek

from funnels.rules.verdict import Verdict
from insights.queries.scope import counted, holder
from insights.rules.period import Week
from insights.rules.pick import Timing
from insights.rules.quality import Cell
from insights.rules.slice import GroupBy, Slice
from leads.models import Assessment, Lead, Touch
from leads.rules.facts import AssessmentKind, TouchActor, TouchResult

UNJUDGED = (Verdict.UNDECIDED, 0, 0)


def cells(*, slice: Slice, at: datetime, by: GroupBy | None = None) -> list[Cell]:
    """Count the valid leads of a slice by group, verdict, what an undecided one waits for, and masks.

    `at` is the present; it stands in for the slice's instant when that is not given. The group of a cell is a primary
    key as text, a week's label, or None.
    """
    leads = counted(slice=slice).annotate(timing=timing(slice=slice, at=at), group=group_of(slice=slice, by=by))
    state = ["verdict", "fail_mask", "assessed_mask"]
    if not reads_the_row(slice):
        leads = leads.annotate(state=Subquery(in_force(slice).values(packed=_packed())[:1]))
        state = ["state"]
    rows = leads.order_by().values_list("group", "timing", *state).annotate(count=Count("pk"))
    return [_cell(by, group, timing, state, count) for group, timing, *state, count in rows]


def reads_the_row(slice: Slice) -> bool:
    """Tell whether the Lead row already holds the state asked for."""
    return slice.as_of is None and slice.age is None


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
        When(_touched(slice), then=Value(Timing.IN_SLA.value)),
        default=Value(Timing.UNTOUCHED.value),
        output_field=CharField(),
    )


def _touched(slice: Slice) -> Q:
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


def _packed() -> Concat:
    """Write verdict and masks as one text, so that the assessment in force is looked up once a lead and not thrice."""
    masks: list[Any] = []
    for name in ("fail_mask", "assessed_mask"):
        masks += [Value(":"), Cast(name, CharField())]
    return Concat(F("verdict"), *masks, output_field=CharField())


def _unpacked(state: list[Any]) -> tuple[Verdict, int, int]:
    if state == [None]:
        return UNJUDGED
    verdict, fail_mask, assessed_mask = state if len(state) > 1 else str(state[0]).split(":")
    return Verdict(verdict), int(fail_mask), int(assessed_mask)


def group_of(*, slice: Slice, by: GroupBy | None) -> Any:
    """Tell by which value of a lead it is put into a group: a primary key, the Monday of a week, or nothing."""
    if by is None:
        return Value("")
    if by is GroupBy.WEEK:
        return TruncWeek("cohort_day")
    return holder(slice=slice) if by is GroupBy.OWNER else F(f"{by.value}_id")


def group_label(*, by: GroupBy | None, group: Any) -> str | None:
    """Write the group of a cell: a primary key as text, a week's label, or None."""
    if by is GroupBy.WEEK:
        return Week.of(group).label
    return None if by is None or group is None else str(group)


def _cell(by: GroupBy | None, group: Any, timing: str, state: list[Any], count: int) -> Cell:
    verdict, fail_mask, assessed_mask = _unpacked(state)
    return Cell(
        group=group_label(by=by, group=group),
        verdict=verdict,
        timing=Timing(timing) if verdict is Verdict.UNDECIDED else None,
        fail_mask=fail_mask,
        assessed_mask=assessed_mask,
        count=count,
    )


def judged(leads: QuerySet[Lead], *, slice: Slice, condition: Q) -> QuerySet[Lead]:
    """Keep leads whose state satisfies a condition on `verdict`, `fail_mask` or `assessed_mask`."""
    if reads_the_row(slice):
        return leads.filter(condition)
    leads = leads.alias(state_id=Subquery(in_force(slice).values("pk")[:1]))
    return leads.filter(Exists(Assessment.objects.filter(condition, pk=OuterRef("state_id"))))


def undecided(leads: QuerySet[Lead], *, slice: Slice) -> QuerySet[Lead]:
    """Keep leads that have no verdict yet, whether judged in part or not at all."""
    if reads_the_row(slice):
        return leads.filter(verdict=Verdict.UNDECIDED)
    decided = Assessment.objects.filter(pk=OuterRef("state_id"), verdict__in=(Verdict.TARGET, Verdict.NON_TARGET))
    leads = leads.alias(state_id=Subquery(in_force(slice).values("pk")[:1]))
    return leads.filter(~Exists(decided))
