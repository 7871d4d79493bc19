"""The leads behind a number of sales' work or of hygiene."""

from datetime import datetime

from django.db.models import Exists, OuterRef, Q, QuerySet

from insights.queries.effort import in_part, with_effort
from insights.queries.hygiene import flawed
from insights.queries.tags import is_overturned, is_tagged
from insights.rules.pick_work import Worked, WorkPick
from insights.rules.slice import Slice
from insights.rules.speed import MARKS
from insights.rules.work import Part, Step
from leads.models import Lead

CONDITIONS = {
    Worked.WITHIN_5: Q(is_touched=1, within=MARKS[0]),
    Worked.WITHIN_60: Q(is_touched=1, within__in=MARKS),
    Worked.FIRST_IN_TIME: Q(is_first_in_time=1),
    Worked.FIRST_WAITING: Q(is_first_waiting=1),
    Worked.NEVER: Q(is_touched=0),
    Worked.CONTACTED: Q(is_touched=1),
    Worked.EARLY: Q(is_early=1),
    Worked.VERDICT_IN_TIME: Q(is_verdict_in_time=1),
    Worked.OPEN: ~Q(step=Step.CLOSED.value),
    Worked.WITHOUT_STEP: Q(step=Step.NONE.value),
}


def behind_work(leads: QuerySet[Lead], *, slice: Slice, pick: WorkPick, at: datetime) -> QuerySet[Lead]:
    """Keep the leads a number of work or hygiene counted, in as few words as that number needs."""
    if pick.worked is not None:
        leads = _worked(leads, slice=slice, worked=pick.worked, at=at)
    return leads if pick.flaw is None else flawed(leads, slice=slice, flaw=pick.flaw)


def _worked(leads: QuerySet[Lead], *, slice: Slice, worked: Worked, at: datetime) -> QuerySet[Lead]:
    if worked is Worked.TAGGED:
        return leads.filter(is_tagged(slice=slice))
    if worked is Worked.OVERTURNED:
        return leads.filter(is_overturned(slice=slice))
    read = with_effort(Lead.objects.filter(pk=OuterRef("pk")), slice=slice, at=at)
    found = read.filter(CONDITIONS[worked]) if worked in CONDITIONS else in_part(read, part=Part(worked.value))
    return leads.filter(Exists(found))
