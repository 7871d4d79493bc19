"""Do kept counts say what the leads say?"""

from collections import Counter
from collections.abc import Iterable
from datetime import date, datetime

from crm.queries.snapshot import one_snapshot
from funnels.models import Funnel
from insights.models import ChangedDay, FilledDay, StateCount
from insights.models.kept import LONG_AGO
from insights.queries.counting import counts_of_days

Told = Counter[tuple[object, ...]]


def days_adrift(*, funnel: Funnel, first: date, last: date, age: int, at: datetime) -> list[date]:
    """List the days, of some, whose kept counts are not what counting their leads gives.

    Days not kept at this age, and those noted as changed, are left out: nobody reads what is kept of them.
    """
    within = {"day__range": (first, last)}
    with one_snapshot():
        noted = set(ChangedDay.objects.filter(funnel_id=funnel.pk, **within).values_list("day", flat=True))
        filled = FilledDay.objects.filter(funnel=funnel, age=age, **within).values_list("day", flat=True)
        trusted = sorted(set(filled) - noted)
        kept = _by_day(StateCount.objects.filter(funnel=funnel, age=age, **within), at)
        counted = _by_day(counts_of_days(funnel=funnel, first=first, last=last, age=age, at=at), at)
    return [day for day in trusted if kept.get(day, Counter()) != counted.get(day, Counter())]


def _by_day(counts: Iterable[StateCount], at: datetime) -> dict[date, Told]:
    found: dict[date, Told] = {}
    for one in counts:
        due_at = LONG_AGO if one.due_at is not None and one.due_at < at else one.due_at
        state = (one.verdict, one.is_touched, due_at, one.fail_mask, one.assessed_mask)
        found.setdefault(one.day, Counter())[(one.kind, one.source_id, one.segment_id, *state)] += one.count
    return found
