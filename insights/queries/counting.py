"""Leads into the counts that are kept of their days."""

from collections import Counter
from collections.abc import Iterator
from datetime import date, datetime
from typing import Any

from django.db.models import BooleanField, Case, Count, Value, When

from funnels.models import Funnel
from funnels.rules.verdict import Verdict
from insights.models import StateCount
from insights.queries.scope import counted, of_kind, received
from insights.queries.states import passes, touched, unpacked, with_state
from insights.rules.pick import Kind
from insights.rules.slice import Slice

PLACE = ("cohort_day", "source_id", "segment_id")


def counts_of_days(*, funnel: Funnel, first: date, last: date, age: int, at: datetime) -> Iterator[StateCount]:
    """Count the leads of some days, both ends included, as they are kept; `age` in days or NO_LIMIT."""
    slice = Slice(funnel=funnel.code, from_on=first, to_on=last, age=age or None)
    for (day, source, segment, *state), count in _states(slice, at).items():
        verdict, is_touched, due_at, fail_mask, assessed_mask = state
        yield StateCount(
            funnel=funnel,
            day=day,
            age=age,
            kind=Kind.VALID,
            source_id=source,
            segment_id=segment,
            verdict=verdict,
            is_touched=is_touched,
            due_at=due_at,
            fail_mask=fail_mask,
            assessed_mask=assessed_mask,
            count=count,
        )
    for kind in (Kind.DUPLICATE, Kind.TEST):
        leads = of_kind(received(slice=slice), slice=slice, kind=kind).order_by()
        for day, source, segment, count in leads.values_list(*PLACE).annotate(count=Count("pk")):
            yield StateCount(
                funnel=funnel, day=day, age=age, kind=kind, source_id=source, segment_id=segment, count=count
            )


def _states(slice: Slice, at: datetime) -> Counter[tuple[Any, ...]]:
    is_touched = Case(When(touched(slice), then=Value(True)), default=Value(False), output_field=BooleanField())
    leads, state = with_state(
        counted(slice=slice).annotate(
            is_touched=is_touched, due=passes("verdict_due_at", slice=slice, at=at, absent=None)
        ),
        slice=slice,
    )
    found: Counter[tuple[Any, ...]] = Counter()
    asked = leads.order_by().values_list(*PLACE, "is_touched", "due", *state).annotate(count=Count("pk"))
    for day, source, segment, is_touched, due_at, *told, count in asked:
        verdict, fail_mask, assessed_mask = unpacked(told)
        waits = verdict is Verdict.UNDECIDED  # of a decided lead it is of no account whether it was touched or is due
        where = (day, source, segment, verdict, is_touched and waits, due_at if waits else None)
        found[(*where, fail_mask, assessed_mask)] += count
    return found
