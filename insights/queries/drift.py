"""Do kept counts say what the leads say?"""

from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import date, datetime

from crm.queries.snapshot import one_snapshot, planned_for_its_values
from funnels.models import Funnel
from insights.models import ChangedDay, DayCells, FilledDay, StateCount
from insights.models.kept import LONG_AGO
from insights.queries.basis import basis_of
from insights.queries.counting import counts_of_days
from insights.queries.day_cells import day_cells, tallies_at
from insights.queries.tallies import Tally, settled_rows
from insights.rules.slice import Slice
from insights.rules.tally import Counted, from_text

States = Counter[tuple[object, ...]]
Cells = Mapping[date, frozenset[Counted]]


def days_adrift(*, funnel: Funnel, first: date, last: date, age: int, at: datetime) -> list[date]:
    """List the days, of some, whose kept counts are not what counting their leads gives.

    Days not kept at this age, and those noted as changed, are left out: nobody reads what is kept of them.
    """
    within = {"day__range": (first, last)}
    with one_snapshot(), planned_for_its_values():
        noted = set(ChangedDay.objects.filter(funnel_id=funnel.pk, **within).values_list("day", flat=True))
        filled = FilledDay.objects.filter(funnel=funnel, age=age, **within)
        trusted = dict(filled.exclude(day__in=noted).values_list("day", "basis"))
        kept = _by_day(StateCount.objects.filter(funnel=funnel, age=age, **within), at)
        counted = _by_day(counts_of_days(funnel=funnel, first=first, last=last, age=age, at=at), at)
        adrift = {day for day in trusted if kept.get(day, Counter()) != counted.get(day, Counter())}
        basis = basis_of(slice=Slice(funnel=funnel.code), at=at)
        comparable = [day for day, counted_by in trusted.items() if counted_by == basis]
        for tally in tallies_at(age=age):
            rows = DayCells.objects.filter(funnel=funnel, kind=tally.code, age=age, day__in=comparable)
            was = _settled(rows, tally, at)
            now = _settled(day_cells(tally=tally, funnel=funnel, first=first, last=last, age=age, at=at), tally, at)
            adrift |= {day for day in comparable if was.get(day) != now.get(day)}
    return sorted(adrift)


def _settled(days: Iterable[DayCells], tally: Tally, at: datetime) -> Cells:
    """Read what is kept of days as it stands at an instant."""
    return {
        one.day: frozenset(settled_rows(tally, (*from_text(one.whole), *from_text(one.by_place)), at)) for one in days
    }


def _by_day(counts: Iterable[StateCount], at: datetime) -> dict[date, States]:
    found: dict[date, States] = {}
    for one in counts:
        due_at = LONG_AGO if one.due_at is not None and one.due_at < at else one.due_at
        state = (one.verdict, one.is_touched, due_at, one.fail_mask, one.assessed_mask)
        found.setdefault(one.day, Counter())[(one.kind, one.source_id, one.segment_id, *state)] += one.count
    return found
