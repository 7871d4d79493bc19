"""The leads behind a number: exactly as many as it says."""

from datetime import datetime

from django.db.models import F, Q, QuerySet
from django.db.models.lookups import GreaterThan

from funnels.models import Criterion
from funnels.rules.verdict import Verdict
from insights.queries.behind_funnel import closed_leads, of_funnel
from insights.queries.behind_work import behind_work
from insights.queries.scope import among, funnel_of, identify, of_kind, received
from insights.queries.states import judged, undecided, waiting
from insights.queries.verdicts import DECIDED
from insights.rules.period import Week
from insights.rules.pick import LATE_OR_NEVER, Pick, Timing
from insights.rules.slice import GroupBy, Slice, UnknownValue
from leads.models import Lead

NON_TARGET = Q(verdict=Verdict.NON_TARGET)


def leads_behind(*, slice: Slice, pick: Pick, at: datetime) -> QuerySet[Lead]:
    """Select the leads a number counted.

    The list holds all of them; who may open which is for the caller to say (`visible_to`). Raises UnknownValue for a
    criterion or a group that does not exist.
    """
    if pick.funnel is not None and pick.funnel.closed is not None:
        leads, group = closed_leads(slice=slice, which=pick.funnel.closed, group=pick.group, at=at)
    else:
        leads, group = of_kind(received(slice=slice), slice=slice, kind=pick.kind), pick.group
    if group is not None:
        leads = _in_group(leads, *group)
    if pick.funnel is not None:
        leads = of_funnel(leads, slice=slice, pick=pick.funnel)
    if pick.verdict is Verdict.UNDECIDED or pick.timing is not None or pick.in_time:
        leads = undecided(leads, slice=slice, at=at)
    if pick.timing is Timing.NOT_RESTATED and not slice.restated:
        return leads.none()
    if pick.timing is not None:
        leads = waiting(leads, slice=slice, at=at, among=[pick.timing])
    if pick.in_time:
        leads = waiting(leads, slice=slice, at=at, among=[one for one in Timing if one not in LATE_OR_NEVER])
    if pick.work:
        leads = behind_work(leads, slice=slice, pick=pick.work, at=at)
    condition = _condition(pick, slice)
    return judged(leads, slice=slice, condition=condition, at=at) if condition else leads


def _condition(pick: Pick, slice: Slice) -> Q:
    condition = Q()
    if pick.decided:
        condition &= DECIDED
    if pick.verdict in (Verdict.TARGET, Verdict.NON_TARGET):
        condition &= Q(verdict=pick.verdict)
    if pick.assessed is not None:
        condition &= DECIDED & _has("assessed_mask", _bit(slice, "assessed", pick.assessed))
    if pick.criterion is not None:
        bit = _bit(slice, "criterion", pick.criterion)
        condition &= NON_TARGET & (Q(fail_mask=1 << bit) if pick.sole else _has("fail_mask", bit))
    return condition


def _has(mask: str, bit: int) -> Q:
    return Q(GreaterThan(F(mask).bitand(1 << bit), 0))


def _bit(slice: Slice, name: str, code: str) -> int:
    bits = Criterion.objects.filter(funnel=funnel_of(slice=slice), code=code).values_list("bit", flat=True)
    for bit in bits:
        return bit
    raise UnknownValue(name, code)


def _in_group(leads: QuerySet[Lead], by: GroupBy, value: str) -> QuerySet[Lead]:
    if by is GroupBy.WEEK:
        week = Week.parse(value)
        return leads.filter(cohort_day__range=(week.first_on, week.last_on))
    column = {GroupBy.OWNER: "holder", GroupBy.SOURCE: "origin"}.get(by, by.value)
    try:
        keys = identify(name=by.value, values=[value])
    except UnknownValue:
        raise UnknownValue(f"in_{by.value}", value) from None
    return leads.filter(among(column, keys))
