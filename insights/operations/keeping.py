"""Count days and keep the counts: those not counted yet, and those of whose leads something has changed."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import date, datetime, timedelta
from functools import partial

import structlog
from django.db import connection, transaction
from django.db.models import Max, Min, Q

from crm.operations import jobs
from crm.queries.organisation import settings_at
from crm.queries.snapshot import planned_for_its_values
from funnels.models import Funnel
from insights.models import ChangedDay, DayCells, FilledDay, StateCount
from insights.models.kept import NO_LIMIT
from insights.queries.basis import basis_of
from insights.queries.counting import counts_of_days
from insights.queries.day_cells import day_cells, tallies_at
from insights.queries.drift import days_adrift
from insights.rules.slice import Slice
from leads.models import Lead

DAYS_AT_ONCE = 14
DAYS_A_DRAIN = 14  # then other work has its turn
AT_REST = timedelta(minutes=1)
"""A day that is changed all the time is counted anew no more often: meanwhile its leads are read."""
ROWS_AT_ONCE = 2_000
Days = tuple[date, date]

log = structlog.get_logger("razbor.counts")


@jobs.after_drain
def keep_up(*, at: datetime) -> int:
    """Count some days that have changed or were never counted, the newest first; return how many."""
    ages = ages_kept(at=at)
    for funnel in Funnel.objects.order_by("pk"):
        days = list(dict.fromkeys([*_changed(funnel, at), *_missing(funnel, ages, at)]))[:DAYS_A_DRAIN]
        if days:
            for first, last in _spans(days):
                fill(funnel=funnel, first=first, last=last, at=at)
            return len(days)
    return 0


def ages_kept(*, at: datetime) -> Sequence[int]:
    """Tell for which ages counts are kept: the organisation's two, and no limit."""
    agreed = settings_at(at)
    return sorted({NO_LIMIT, agreed.age_a1_days, agreed.age_a2_days})


def fill(*, funnel: Funnel, first: date, last: date, at: datetime) -> None:
    """Count some days anew, both ends included; readers see what was kept before until all of it is replaced.

    The notes of changes go first: whatever is written after that leaves a note that stays.
    """
    days = [first + timedelta(days=number) for number in range((last - first).days + 1)]
    ages = ages_kept(at=at)
    basis = _basis(funnel, at)
    with transaction.atomic(), planned_for_its_values():
        _wait_for_others(funnel, first, last)
        for kept in (ChangedDay, FilledDay, StateCount, DayCells):
            kept._default_manager.filter(funnel_id=funnel.pk, day__range=(first, last)).delete()
        for age in ages:
            filled = {day: FilledDay(funnel=funnel, day=day, age=age, basis=basis, filled_at=at) for day in days}
            counts = counts_of_days(funnel=funnel, first=first, last=last, age=age, at=at)
            StateCount.objects.bulk_create(counts, batch_size=ROWS_AT_ONCE)
            for tally in tallies_at(age=age):
                cells = list(day_cells(tally=tally, funnel=funnel, first=first, last=last, age=age, at=at))
                for of_day in cells:
                    of_day.stamp = filled[of_day.day].stamp
                DayCells.objects.bulk_create(cells)
            FilledDay.objects.bulk_create(filled.values())


def fill_everything(*, at: datetime, at_once: int = 1) -> Iterator[tuple[Funnel, date]]:
    """Count every day anew, a fortnight in one transaction; yield how far it has come.

    PostgreSQL may count several fortnights at once, each in a connection of its own.
    """
    for funnel in Funnel.objects.order_by("pk"):
        for kept in (FilledDay, StateCount, DayCells):
            kept._default_manager.filter(~_within_span(funnel), funnel=funnel).delete()
        for _first, last in each_of(all_spans(funnel=funnel), partial(_fill_span, funnel, at), at_once=at_once):
            yield funnel, last


def all_spans(*, funnel: Funnel) -> list[Days]:
    """List the fortnights of a funnel, from the first day on which a lead came to the last."""
    return list(_spans(_span(funnel)))


def each_of(spans: Iterable[Days], work: Callable[[Days], object], *, at_once: int) -> Iterator[Days]:
    """Do some work for each span of days, several at once if told so; yield each when its turn is done."""
    if at_once == 1:
        for span in spans:
            work(span)
            yield span
        return
    with ThreadPoolExecutor(at_once) as threads:
        yield from threads.map(partial(_alone, work), spans)


def _alone(work: Callable[[Days], object], span: Days) -> Days:
    """Work in a connection of its own, whose statements keep to one process: the other processors are taken."""
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SET LOCAL max_parallel_workers_per_gather = 0")
            work(span)
    finally:
        connection.close()
    return span


def _fill_span(funnel: Funnel, at: datetime, span: Days) -> None:
    fill(funnel=funnel, first=span[0], last=span[1], at=at)


def reconcile(*, at: datetime, since: date | None = None, repairs: bool = True) -> list[tuple[Funnel, date]]:
    """Compare what is kept with the leads, of all days or those since one; return the days that differ.

    They are counted anew unless told otherwise. Whatever it finds is a defect: it is logged as an error.
    """
    found: set[tuple[Funnel, date]] = set()
    for funnel in Funnel.objects.order_by("pk"):
        days = [day for day in _span(funnel) if since is None or day >= since]
        for first, last in _spans(days):
            for age in ages_kept(at=at):
                adrift = days_adrift(funnel=funnel, first=first, last=last, age=age, at=at)
                found |= {(funnel, day) for day in adrift}
    told = sorted(found, key=lambda one: (one[0].pk, one[1]))
    for funnel, day in told:
        log.error("kept_counts_adrift", funnel=funnel.code, day=day.isoformat())
        if repairs:
            fill(funnel=funnel, first=day, last=day, at=at)
    return told


def _wait_for_others(funnel: Funnel, first: date, last: date) -> None:
    """Wait, to the end of the transaction, until nobody else counts one of the same days. SQLite has one writer."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT pg_advisory_xact_lock(%s, day) FROM generate_series(%s, %s) AS day",
                [funnel.pk, first.toordinal(), last.toordinal()],
            )


def _changed(funnel: Funnel, at: datetime) -> list[date]:
    """List the days with a note, but for those that were counted a moment ago; the newest first."""
    fresh = FilledDay.objects.filter(funnel=funnel, filled_at__gt=at - AT_REST).values("day")
    notes = ChangedDay.objects.filter(funnel_id=funnel.pk).exclude(day__in=fresh)
    return sorted(notes.values_list("day", flat=True).distinct(), reverse=True)


def _basis(funnel: Funnel, at: datetime) -> str:
    return basis_of(slice=Slice(funnel=funnel.code), at=at)


def _missing(funnel: Funnel, ages: Sequence[int], at: datetime) -> list[date]:
    """List the days not counted at every age as leads are counted now, the newest first.

    Every drain asks, so first whether there are any.
    """
    days = _span(funnel)
    if not days:
        return []
    filled = FilledDay.objects.filter(
        funnel=funnel, age__in=ages, day__range=(days[0], days[-1]), basis=_basis(funnel, at)
    )
    if filled.count() == len(days) * len(ages):
        return []
    counted = Counter(filled.values_list("day", flat=True))
    return [day for day in reversed(days) if counted[day] < len(ages)]


def _span(funnel: Funnel) -> list[date]:
    ends = _ends(funnel)
    if ends is None:
        return []
    return [ends[0] + timedelta(days=number) for number in range((ends[1] - ends[0]).days + 1)]


def _ends(funnel: Funnel) -> Days | None:
    ends = Lead.objects.filter(funnel=funnel).aggregate(first=Min("cohort_day"), last=Max("cohort_day"))
    return (ends["first"], ends["last"]) if ends["first"] else None


def _within_span(funnel: Funnel) -> Q:
    ends = _ends(funnel)
    return Q(day__range=ends) if ends else Q(pk__in=())


def _spans(days: Sequence[date]) -> Iterator[Days]:
    """Join days that follow each other, a fortnight at most."""
    span: list[date] = []
    for day in sorted(days):
        if span and (day - span[-1] > timedelta(days=1) or len(span) == DAYS_AT_ONCE):
            yield span[0], span[-1]
            span = []
        span.append(day)
    if span:
        yield span[0], span[-1]
