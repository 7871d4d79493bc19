"""Every number opens to exactly as many leads."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from typing import Any

from funnels.rules.verdict import Verdict
from insights.queries.drilldown import leads_behind
from insights.rules.contrast import Contrast
from insights.rules.mix import Shift
from insights.rules.pick import Kind, Pick, Timing
from insights.rules.quality import CriterionCount, Quality
from insights.rules.table import Bridge, Key, Table


def assert_every_number_opens(table: Table[Any], *, at: datetime) -> None:
    """Open each number of a table and count the leads behind it."""
    picks = [*_of_bridge(table.bridge), *_of_quality(table.total)]
    for row in table.rows:
        picks += [(replace(pick, group=_group(table, row.key)), n) for pick, n in _of(row.numbers)]
    for pick, expected in picks:
        leads = leads_behind(slice=table.slice, pick=pick, at=at)
        assert len({lead.pk for lead in leads}) == leads.count() == expected, pick
    _assert_what_it_is_compared_with_opens(table, at)


def _assert_what_it_is_compared_with_opens(table: Table[Any], at: datetime) -> None:
    if table.compared_with is None:
        return
    for row in table.rows:
        if isinstance(row.numbers, Shift):
            group = _group(table, row.key)
            for verdict, expected in (
                (None, row.numbers.n_before),
                (Verdict.NON_TARGET, row.numbers.non_target_before),
            ):
                pick = Pick(verdict=verdict, group=group)
                assert leads_behind(slice=table.compared_with, pick=pick, at=at).count() == expected, pick


def _group(table: Table[Any], key: Key) -> Any:
    return (table.group_by, key.value) if table.group_by else None


def _of(numbers: object) -> Iterator[tuple[Pick, int]]:
    if isinstance(numbers, Quality):
        yield from _of_quality(numbers)
    if isinstance(numbers, CriterionCount):
        yield Pick(criterion=numbers.criterion), numbers.failed
        yield Pick(criterion=numbers.criterion, sole=True), numbers.sole
        yield Pick(assessed=numbers.criterion), numbers.assessed
        yield Pick(decided=True), numbers.decided
    if isinstance(numbers, Contrast):
        verdict = Verdict.NON_TARGET if numbers.criterion is None else None
        yield Pick(criterion=numbers.criterion, verdict=verdict), numbers.failed
        yield Pick(), numbers.n
    if isinstance(numbers, Shift):
        yield Pick(verdict=Verdict.NON_TARGET), numbers.non_target
        yield Pick(), numbers.n


def _of_quality(numbers: Quality) -> Iterator[tuple[Pick, int]]:
    yield Pick(), numbers.n
    yield Pick(decided=True), numbers.decided
    yield Pick(verdict=Verdict.TARGET), numbers.target
    yield Pick(verdict=Verdict.NON_TARGET), numbers.non_target
    yield Pick(verdict=Verdict.UNDECIDED), numbers.undecided
    yield Pick(timing=Timing.UNTOUCHED), numbers.untouched
    yield Pick(timing=Timing.IN_SLA), numbers.in_sla
    yield Pick(timing=Timing.OVERDUE), numbers.overdue


def _of_bridge(bridge: Bridge) -> Iterator[tuple[Pick, int]]:
    yield Pick(kind=Kind.RECEIVED), bridge.received
    yield Pick(kind=Kind.VALID), bridge.valid
    yield Pick(kind=Kind.DUPLICATE), bridge.duplicate
    yield Pick(kind=Kind.TEST), bridge.test
