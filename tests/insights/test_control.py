"""The control chart counts the weeks it says, at the age and for the leads that are asked about."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from insights.queries.control import control
from insights.queries.quality import quality
from insights.rules.control import ControlPoint, Mark, Standing
from insights.rules.period import DAY
from insights.rules.slice import GroupBy, Slice
from insights.rules.table import Table
from tests.factories.funnels import make_rules
from tests.factories.insights_leads import Facts
from tests.insights.golden import MOSCOW, make_golden
from tests.insights.opening import assert_every_number_opens
from tests.insights.weekly import monday, redefine, tell

QUIET = [(5, 12), (6, 12), (5, 12), (6, 12), (5, 12), (6, 12), (6, 12), (5, 12), (6, 12), (5, 12), (6, 12), (5, 12)]
NOW = datetime.combine(monday(15), datetime.min.time(), UTC)

pytestmark = pytest.mark.django_db


@pytest.fixture
def facts(db: None) -> Facts:
    return Facts(make_rules())


def _asked(first: int, last: int, **rest: object) -> Slice:
    return Slice(**{"funnel": "sales", "from_on": monday(first), "to_on": monday(last) + 6 * DAY, "age": 7, **rest})  # type: ignore[arg-type]


def _points(table: Table[ControlPoint]) -> Sequence[ControlPoint]:
    return [row.numbers for row in table.rows]


def test_a_week_is_judged_by_those_before_the_slice(facts: Facts) -> None:
    tell(facts, [*QUIET, (12, 12), (5, 12)])
    table = control(slice=_asked(12, 14), at=NOW)
    first, second, empty = _points(table)
    assert (first.base_weeks, first.base_from, first.base_to) == (12, "2026-W02", "2026-W13")
    assert first.centre == pytest.approx(66 / 144)
    assert first.base is not None
    assert not first.base.is_own
    assert (first.mark, second.mark, empty.standing) == (Mark.ABOVE, None, Standing.EMPTY)
    assert_every_number_opens(table, at=NOW)
    assert (table.total.n, table.group_by) == (24, GroupBy.WEEK)


def test_without_weeks_before_the_slice_goes_by_its_own(facts: Facts) -> None:
    tell(facts, QUIET)
    points = _points(control(slice=_asked(0, 12), at=NOW))
    assert {point.base.is_own for point in points if point.base} == {True}
    assert [point.base_weeks for point in points] == [12] * 12 + [0]
    ever = _points(control(slice=replace(_asked(0, 1), from_on=None, to_on=None), at=NOW))
    assert [(point.n, point.mark, point.base_weeks) for point in ever] == [(12, None, 12)] * 12


def test_a_slice_from_the_middle_of_a_week_has_whole_weeks_for_a_base(facts: Facts) -> None:
    tell(facts, [*QUIET, (6, 12)])
    asked = replace(_asked(12, 12), from_on=monday(12) + 2 * DAY)
    (point,) = _points(control(slice=asked, at=NOW))
    assert (point.base_weeks, point.base_to) == (12, "2026-W13")
    assert point.n < 12


def test_a_week_that_is_not_ripe_is_not_judged(facts: Facts) -> None:
    tell(facts, [*QUIET, (12, 12)])
    asked = _asked(12, 12)
    early = NOW - timedelta(weeks=1, days=2)
    assert [point.standing for point in _points(control(slice=asked, at=early))] == [Standing.YOUNG]
    assert [point.mark for point in _points(control(slice=replace(asked, age=2), at=early))] == [Mark.ABOVE]


def test_without_an_age_limit_a_week_is_judged_at_the_second_age(facts: Facts) -> None:
    tell(facts, [*QUIET, (12, 12)])
    asked = _asked(12, 12, age=None)
    assert [point.standing for point in _points(control(slice=asked, at=NOW))] == [Standing.YOUNG]
    later = NOW + timedelta(weeks=2)
    assert [point.mark for point in _points(control(slice=asked, at=later))] == [Mark.ABOVE]


def test_a_week_known_at_the_second_age_has_both_shares(facts: Facts) -> None:
    tell(facts, [*QUIET, (6, 12)])
    lead = facts.lead(datetime.combine(monday(12), datetime.min.time(), UTC) + timedelta(hours=9))
    facts.judge(lead, at=lead.received_at + timedelta(days=20), failed=["need"])
    facts.settle()
    asked = _asked(12, 12)
    (young,) = _points(control(slice=asked, at=NOW))
    (old,) = _points(control(slice=asked, at=NOW + timedelta(weeks=3)))
    assert (young.non_target, young.later, young.later_share) == (6, None, None)
    assert (old.non_target, old.later, old.later_share) == (6, 7, pytest.approx(7 / 13))
    assert quality(slice=replace(asked, age=28), at=NOW).total.non_target == old.later


def test_the_base_ends_where_the_definition_changed(facts: Facts) -> None:
    tell(facts, [*QUIET, (6, 12), (12, 12), (12, 12)])
    redefine(facts, at=datetime.combine(monday(13), datetime.min.time(), MOSCOW))
    points = _points(control(slice=_asked(12, 14), at=NOW + timedelta(weeks=1)))
    assert [point.definition for point in points] == [1, 2, 2]
    assert points[0].count.starts == ()
    assert [start.number for start in points[1].count.starts] == [2]
    assert [point.standing for point in points] == [Standing.JUDGED, Standing.FEW, Standing.FEW]


def test_a_week_in_which_the_definition_changed_is_not_judged(facts: Facts) -> None:
    tell(facts, [*QUIET, (12, 12)])
    redefine(facts, at=datetime.combine(monday(12) + 2 * DAY, datetime.min.time(), MOSCOW))
    (point,) = _points(control(slice=_asked(12, 12), at=NOW))
    assert (point.standing, point.definition) == (Standing.MIXED, None)
    assert [start.on for start in point.count.starts] == [monday(12) + 2 * DAY]


def test_filters_narrow_the_base_as_they_narrow_the_slice(facts: Facts) -> None:
    tell(facts, [*QUIET, (12, 12)])
    facts.source("vk")
    assert [point.n for point in _points(control(slice=_asked(12, 12, sources=("vk",)), at=NOW))] == [0]
    known = _points(control(slice=_asked(12, 12, as_of=NOW - timedelta(days=400)), at=NOW))
    assert [point.base_weeks for point in known] == [0]


def test_the_golden_week_alone_has_nothing_to_be_judged_by() -> None:
    make_golden()
    asked = Slice(funnel="golden", from_on=monday(34), to_on=monday(34) + 6 * DAY, age=7)
    table = control(slice=asked, at=datetime(2026, 10, 6, tzinfo=UTC))
    (point,) = _points(table)
    assert (point.count.week.label, point.n, point.non_target, point.later) == ("2026-W36", 22, 6, 9)
    assert point.standing is Standing.ALONE
    assert_every_number_opens(table, at=datetime(2026, 10, 6, tzinfo=UTC))


def test_it_costs_a_few_reads_however_many_weeks(facts: Facts) -> None:
    tell(facts, QUIET[:2])
    counts = []
    for last in (1, 12):
        with CaptureQueriesContext(connection) as reads:
            control(slice=_asked(0, last), at=NOW)
        counts.append(sum("leads_lead" in read["sql"] for read in reads.captured_queries))
    assert counts == [7, 7]  # the slice, its base and its second age, each with its days, and what is not counted
