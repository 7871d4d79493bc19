"""Sales' part of the work: the golden week by hand, and random companies against a naive recount."""

from datetime import UTC, date, datetime, timedelta

import pytest
from django.db.models import F
from hypothesis import given
from hypothesis import strategies as st

from insights.queries.contactability import contactability
from insights.queries.speed import speed
from insights.queries.strictness import strictness
from insights.queries.work import work
from insights.rules.slice import GroupBy, Slice
from insights.rules.speed import Speed
from insights.rules.stats import aalen_johansen, wilson
from insights.rules.work import Part, Work
from leads.models import Lead
from tests.insights import recount, recount_work
from tests.insights.deeds import Deed, deeds, do
from tests.insights.golden import MOSCOW, make_golden
from tests.insights.opening import assert_every_number_opens
from tests.insights.test_random_worlds import a_world, in_database
from tests.insights.worlds import NOW as LATER
from tests.insights.worlds import Story, World, slices, worlds

SEPTEMBER = datetime(2026, 9, 14, tzinfo=MOSCOW)
OCTOBER = datetime(2026, 10, 5, tzinfo=MOSCOW)
NOW = datetime(2026, 10, 6, tzinfo=UTC)

pytestmark = pytest.mark.django_db
groups = st.sampled_from([None, *GroupBy])


@pytest.fixture
def golden(db: None) -> None:
    make_golden()


@pytest.fixture
def company(db: None) -> World:
    return World()


def _week_36(as_of: datetime | None, age: int | None) -> Slice:
    return Slice(funnel="golden", from_on=date(2026, 8, 31), to_on=date(2026, 9, 6), as_of=as_of, age=age)


def _speed(as_of: datetime | None, age: int | None) -> Speed:
    (row,) = speed(slice=_week_36(as_of, age), at=NOW).rows
    return row.numbers


def _work(as_of: datetime | None, age: int | None) -> Work:
    (row,) = work(slice=_week_36(as_of, age), at=NOW).rows
    return row.numbers


# --- The golden week ------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(("as_of", "age"), [(SEPTEMBER, None), (SEPTEMBER, 7), (OCTOBER, 28), (None, None), (None, 7)])
@pytest.mark.usefixtures("golden")
def test_how_soon_the_first_contact_happens(as_of: datetime | None, age: int | None) -> None:
    found = _speed(as_of, age)
    assert (found.n, found.within_5, found.within_60, found.never) == (22, 4, 15, 1)
    assert (found.share_5, found.share_60) == pytest.approx((0.182, 0.682), abs=5e-4)
    assert (found.share_60_low, found.share_60_high) == pytest.approx((0.473, 0.836), abs=5e-4)
    assert (found.median_minutes, found.p90_minutes) == (25, 600)
    assert found.curve[-1].share == pytest.approx(21 / 22)


@pytest.mark.usefixtures("golden")
def test_verdicts_within_seven_days() -> None:
    Lead.objects.update(verdict_due_at=F("received_at") + timedelta(days=7))
    found = _work(SEPTEMBER, None)
    assert (found.verdict_in_time, found.n) == (16, 22)
    assert found.verdict_share == pytest.approx(0.727, abs=5e-4)
    assert (found.overdue, found.verdict_waiting, found.never) == (5, 0, 1)


@pytest.mark.usefixtures("golden")
def test_one_tag_of_ten_was_overturned() -> None:
    found = _work(OCTOBER, None)
    assert (found.overturned, found.tagged) == (1, 10)
    assert (found.overturned_share, found.overturned_low, found.overturned_high) == pytest.approx(
        (0.10, 0.018, 0.404), abs=5e-4
    )
    assert _work(SEPTEMBER, None).overturned == 0, "the appeal was ruled on two days later"


@pytest.mark.parametrize("by", [None, *GroupBy])
@pytest.mark.parametrize(("as_of", "age"), [(SEPTEMBER, 7), (OCTOBER, 28), (None, None)])
@pytest.mark.usefixtures("golden")
def test_every_number_of_the_golden_week_opens(as_of: datetime | None, age: int | None, by: GroupBy | None) -> None:
    for query in (speed, work, contactability):
        assert_every_number_opens(query(slice=_week_36(as_of, age), at=NOW, by=by), at=NOW)


@pytest.mark.usefixtures("golden")
def test_nobody_is_marked_strict_on_twenty_two_leads() -> None:
    rows = strictness(slice=_week_36(OCTOBER, 28), at=NOW).rows
    assert [(row.numbers.n, row.numbers.observed, row.numbers.mark) for row in rows] == [(22, 9, None)]
    assert rows[0].numbers.expected == pytest.approx(9)


# --- Random companies -----------------------------------------------------------------------------------------------
@in_database
@given(worlds, deeds, slices(), groups)
def test_the_work_equals_a_naive_recount(
    company: World, stories: list[Story], done: list[Deed], drawn: tuple[Slice, list[int]], by: GroupBy | None
) -> None:
    with a_world(company, stories) as world:
        do(world, done)
        asked = world.asked(drawn)
        states = recount.by_group(recount.states(asked, LATER), by, asked)
        expected = {
            group: [recount_work.facts(state, asked, LATER) for state in found] for group, found in states.items()
        }
        for row in work(slice=asked, at=LATER, by=by).rows:
            _assert_work(row.numbers, expected.get(row.key.value, []))
        for row in speed(slice=asked, at=LATER, by=by).rows:
            _assert_speed(row.numbers, expected.get(row.key.value, []))
        for row in contactability(slice=asked, at=LATER, by=by).rows:
            of_group = expected.get(row.key.value, [])
            for part in Part:
                assert row.numbers.count_of(part) == sum(facts["part"] == part for facts in of_group), part
            assert row.numbers.n == len(of_group)


def _assert_work(found: Work, expected: list[recount_work.Facts]) -> None:
    assert found.n == len(expected)
    for name in (
        "first_in_time", "first_waiting", "verdict_in_time", "verdict_waiting", "overdue", "never", "open",
        "without_step", "tagged", "overturned",
    ):  # fmt: skip
        assert getattr(found, name) == sum(facts[name] for facts in expected), name
    assert found.under_worked == sum(facts["part"] == "under_worked" for facts in expected)
    assert found.attempts == recount_work.attempts(expected)


def _assert_speed(found: Speed, expected: list[recount_work.Facts]) -> None:
    for name in ("within_5", "within_60", "never", "early"):
        assert getattr(found, name) == sum(facts[name] for facts in expected), name
    steps = aalen_johansen([facts["waited"] for facts in expected], [int(facts["contacted"]) for facts in expected])
    for share, minutes in ((0.5, found.median_minutes), (0.9, found.p90_minutes)):
        exact = recount_work.percentile(steps, share)
        assert (minutes is None) == (exact is None)
        assert exact is None or minutes == pytest.approx(exact, rel=0.15, abs=0.02)


@in_database
@given(worlds, deeds, slices(), groups)
def test_every_number_opens_to_its_leads(
    company: World, stories: list[Story], done: list[Deed], drawn: tuple[Slice, list[int]], by: GroupBy | None
) -> None:
    with a_world(company, stories) as world:
        do(world, done)
        asked = world.asked(drawn)
        for query in (speed, work, contactability):
            assert_every_number_opens(query(slice=asked, at=LATER, by=by), at=LATER)
        assert_every_number_opens(strictness(slice=asked, at=LATER), at=LATER)


@in_database
@given(worlds, deeds)
def test_the_row_and_the_facts_tell_the_same(company: World, stories: list[Story], done: list[Deed]) -> None:
    with a_world(company, stories) as world:
        do(world, done)
        for query in (speed, work, contactability):
            now = query(slice=Slice(funnel="sales"), at=LATER)
            then = query(slice=Slice(funnel="sales", as_of=LATER), at=LATER)
            assert now.rows == then.rows


def test_nobody_came() -> None:
    make_golden()
    nothing = Slice(funnel="golden", from_on=date(2020, 1, 6), to_on=date(2020, 1, 12))
    (row,) = speed(slice=nothing, at=NOW).rows
    assert (row.numbers.n, row.numbers.share_5, row.numbers.median_minutes, list(row.numbers.curve)) == (
        0,
        None,
        None,
        [],
    )
    (done,) = work(slice=nothing, at=NOW).rows
    assert (done.numbers.attempts, done.numbers.touched_share, done.numbers.overturned_low) == (None, None, None)
    assert wilson(0, 0) is None
