"""Every number opens to exactly as many leads."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from typing import Any

from funnels.rules.moves import Milestone
from funnels.rules.verdict import Verdict
from insights.queries.drilldown import leads_behind
from insights.rules.contrast import Contrast
from insights.rules.control import ControlPoint
from insights.rules.flow import WinRates
from insights.rules.hygiene import DUPLICATES, TESTS, HygieneCount
from insights.rules.losses import Level, LossCount
from insights.rules.mix import Shift
from insights.rules.pick import Kind, Pick, Timing
from insights.rules.pick_funnel import Closed, Fate, FunnelPick
from insights.rules.pick_work import Flaw, Worked, WorkPick
from insights.rules.previous import Change
from insights.rules.quality import CriterionCount, Quality
from insights.rules.speed import Speed
from insights.rules.stages import Step
from insights.rules.strictness import OwnerCount
from insights.rules.table import Bridge, Key, Table
from insights.rules.work import Contactability, Part, Work


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
    if isinstance(numbers, ControlPoint):
        yield Pick(verdict=Verdict.NON_TARGET), numbers.non_target
        yield Pick(), numbers.n
    if isinstance(numbers, Change):
        verdict = Verdict.NON_TARGET if numbers.criterion is None else None
        yield Pick(criterion=numbers.criterion, verdict=verdict), numbers.failed
        yield Pick(), numbers.n
    if isinstance(numbers, Step):
        yield from _of_step(numbers)
    if isinstance(numbers, LossCount):
        yield from _of_loss(numbers)
    if isinstance(numbers, WinRates):
        yield Pick(funnel=FunnelPick(closed=Closed.WON)), numbers.won_closed
        yield Pick(funnel=FunnelPick(closed=Closed.ANY)), numbers.closed
        yield _at(Milestone.WON, Fate.WON), numbers.won
        yield _at(Milestone.QUALIFIED, Fate.REACHED), numbers.qualified
    if isinstance(numbers, Work | Speed | Contactability):
        yield from _of_work(numbers)
    if isinstance(numbers, OwnerCount):
        yield Pick(), numbers.n
        yield Pick(verdict=Verdict.NON_TARGET), numbers.observed
    if isinstance(numbers, HygieneCount):
        yield _of_flaw(numbers), numbers.k
    if isinstance(numbers, Shift):
        yield Pick(verdict=Verdict.NON_TARGET), numbers.non_target
        yield Pick(), numbers.n


def _of_step(step: Step) -> Iterator[tuple[Pick, int]]:
    yield Pick(), step.n
    yield _at(step.milestone, Fate.REACHED), step.reached
    yield _at(step.milestone, Fate.TOUCHED), step.touched
    yield _at(step.milestone, Fate.LOST), step.lost
    yield _at(step.milestone, Fate.OPEN), step.open
    yield _at(step.milestone, Fate.WON), step.won


def _of_loss(count: LossCount) -> Iterator[tuple[Pick, int]]:
    yield _at(count.milestone, Fate.REACHED), count.n
    yield _at(count.milestone, Fate.LOST), count.all_lost
    yield _at(count.milestone, Fate.OPEN), count.at_risk
    if count.level is not Level.ALL:
        because = (count.level, count.code)
        yield _at(count.milestone, Fate.LOST, because=because), count.lost
        yield _at(count.milestone, Fate.LOST, because=because, sole=True), count.sole


def _at(milestone: Milestone, fate: Fate, **more: Any) -> Pick:
    return Pick(funnel=FunnelPick(milestone=milestone, fate=fate, **more))


OF_RECEIVED = {DUPLICATES: Kind.DUPLICATE, TESTS: Kind.TEST}


def _of_flaw(count: HygieneCount) -> Pick:
    if count.item in OF_RECEIVED:
        return Pick(kind=OF_RECEIVED[count.item])
    if count.criterion is not None:
        return Pick(assessed=count.criterion)
    return Pick(work=WorkPick(flaw=Flaw(count.item)))


def _of_work(numbers: Work | Speed | Contactability) -> Iterator[tuple[Pick, int]]:
    counts = {worked: getattr(numbers, worked.value, None) for worked in Worked}
    if isinstance(numbers, Speed):
        counts[Worked.FIRST_IN_TIME] = numbers.within_sla
    yield Pick(), numbers.n
    yield from ((Pick(work=WorkPick(worked=worked)), n) for worked, n in counts.items() if n is not None)
    if isinstance(numbers, Work):
        yield Pick(timing=Timing.OVERDUE), numbers.overdue
        yield Pick(in_time=True), numbers.verdict_waiting
    if isinstance(numbers, Contactability):
        assert numbers.n == sum(numbers.count_of(part) for part in Part)


def _of_quality(numbers: Quality) -> Iterator[tuple[Pick, int]]:
    yield Pick(), numbers.n
    yield Pick(decided=True), numbers.decided
    yield Pick(verdict=Verdict.TARGET), numbers.target
    yield Pick(verdict=Verdict.NON_TARGET), numbers.non_target
    yield Pick(verdict=Verdict.UNDECIDED), numbers.undecided
    yield Pick(timing=Timing.UNTOUCHED), numbers.untouched
    yield Pick(timing=Timing.IN_SLA), numbers.in_sla
    yield Pick(timing=Timing.OVERDUE), numbers.overdue
    yield Pick(timing=Timing.NOT_RESTATED), numbers.not_restated
    yield Pick(in_time=True), numbers.untouched + numbers.in_sla


def _of_bridge(bridge: Bridge) -> Iterator[tuple[Pick, int]]:
    yield Pick(kind=Kind.RECEIVED), bridge.received
    yield Pick(kind=Kind.VALID), bridge.valid
    yield Pick(kind=Kind.DUPLICATE), bridge.duplicate
    yield Pick(kind=Kind.TEST), bridge.test
