"""What is kept of the counts says what counting the leads says, whatever happens and whenever it is looked at."""

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import date, datetime, timedelta
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.db import connection, transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from crm.operations.agreements import forget
from crm.queries.organisation import settings_at
from insights.models import ChangedDay, DayCells, FilledDay, StateCount
from insights.models.watching import watch
from insights.operations.keeping import ages_kept, fill, fill_everything, keep_up, reconcile
from insights.queries.basis import basis_of
from insights.queries.bridge import bridge
from insights.queries.cells import cells
from insights.queries.day_cells import TALLIES
from insights.queries.kept import days_of
from insights.queries.states import cells_of_leads
from insights.queries.tallies import tallied, tallied_leads
from insights.queries.work import work
from insights.rules.pick import Timing
from insights.rules.quality import Cell
from insights.rules.slice import GroupBy, Slice
from insights.rules.tally import Counted
from leads.models import Lead, NextStep, Source
from leads.rules.facts import TransitionKind
from tests.insights import recount
from tests.insights.deeds import Deed, deeds, do
from tests.insights.worlds import NOW, START, Story, World, stories

pytestmark = pytest.mark.django_db

ALL = Slice(funnel="sales")
SLICES = (
    ALL,
    Slice(funnel="sales", age=7, from_on=date(2026, 8, 31), to_on=date(2026, 9, 20)),
    Slice(funnel="sales", age=28, sources=("vk",)),
    Slice(funnel="sales", age=3, segments=("-",)),
)
GROUPS = (None, GroupBy.WEEK, GroupBy.SOURCE, GroupBy.SEGMENT)

Step = Callable[[World], None]


def _tell(story: Story) -> Step:
    return lambda world: world.tell([story])


def _everything_is_counted(_world: World) -> None:
    for _progress in fill_everything(at=START + timedelta(days=20)):
        pass


def _some_is_counted(_world: World) -> None:
    keep_up(at=START + timedelta(days=30))


def _a_lead_turns_out_a_test(_world: World) -> None:
    newest = Lead.objects.order_by("-pk").values("pk")[:1]
    Lead.objects.filter(pk__in=list(newest.values_list("pk", flat=True))).update(is_test=True)


def _names_are_joined(world: World) -> None:
    Lead.objects.filter(source=world.facts.source("vk")).update(source=world.facts.source("google"))


def _do(done: list[Deed]) -> Step:
    return lambda world: do(world, done)


steps = st.lists(
    stories.map(_tell)
    | deeds.map(_do)
    | st.sampled_from([_everything_is_counted, _some_is_counted, _a_lead_turns_out_a_test, _names_are_joined]),
    min_size=2,
    max_size=9,
)


def together(cells: Iterable[Cell]) -> Counter[tuple[object, ...]]:
    """Add up cells that are alike."""
    found: Counter[tuple[object, ...]] = Counter()
    for cell in cells:
        found[(cell.group, cell.verdict, cell.timing, cell.fail_mask, cell.assessed_mask)] += cell.count
    return found


def alike(rows: Iterable[Counted]) -> dict[tuple[object, ...], tuple[object, ...]]:
    return {row[:2]: row[2:] for row in rows}


@pytest.fixture
def company(db: None) -> World:
    return World()


@settings(max_examples=12, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps, st.integers(20, 60))
def test_kept_counts_equal_counted_leads_whatever_happens(company: World, happened: list[Step], day: int) -> None:
    at = START + timedelta(days=day, hours=7)
    company.leads.clear()
    with transaction.atomic():
        for step in happened:
            step(company)
            for number, slice in enumerate(SLICES):
                _check(slice, at=at, by=GROUPS[number])
        transaction.set_rollback(True)


def _check(slice: Slice, *, at: datetime, by: GroupBy | None = None) -> None:
    for group in GROUPS:
        counted = together(cells_of_leads(slice=slice, at=at, by=group))
        assert together(cells(slice=slice, at=at, by=group)) == counted, (slice, group)
    for tally in TALLIES:
        asked = replace(slice, age=None) if tally.is_ageless else slice
        read = tallied(tally, slice=slice, at=at, by=by)
        assert alike(read) == alike(tallied_leads(tally, slice=asked, at=at, by=by)), (tally.code, slice, by)
    told = bridge(slice=slice).to_json()
    expected = recount.kinds(slice)
    assert told == {"received": sum(expected.values()), "duplicate": 0, "test": 0, "valid": 0} | expected


@pytest.fixture
def counted(company: World) -> World:
    """A company of one lead a day for a month, all of it counted."""
    for number in range(30):
        company.facts.lead(START + timedelta(days=number), source="vk")
    for _progress in fill_everything(at=NOW):
        pass
    return company


def test_counted_days_are_read_from_what_is_kept(counted: World) -> None:
    days = days_of(slice=ALL)
    assert len(days.kept) == 30
    assert not days.others
    StateCount.objects.update(count=7)
    assert sum(cell.count for cell in cells(slice=ALL, at=NOW)) == 30 * 7


@pytest.mark.parametrize(
    "change",
    [
        lambda lead: lead.save(),
        lambda lead: Lead.objects.filter(pk=lead.pk).update(is_test=True),
        lambda lead: lead.delete(),
        lambda lead: Lead.objects.bulk_update([lead], ["message"]),
    ],
    ids=["saved", "updated", "deleted", "updated together"],
)
def test_a_day_is_noted_whoever_changes_a_lead_of_it(counted: World, change: Callable[[Lead], object]) -> None:
    lead = Lead.objects.order_by("received_at")[3]
    change(lead)
    assert list(ChangedDay.objects.values_list("day", flat=True).distinct()) == [lead.cohort_day]
    assert list(days_of(slice=ALL).others) == [lead.cohort_day]


@pytest.mark.parametrize(
    "write",
    [
        lambda company, lead: company.facts.touch(lead, at=NOW),
        lambda company, lead: company.facts.touch(lead, at=NOW).delete(),
        lambda company, lead: company.facts.move(lead, TransitionKind.ADVANCE, "offer", at=NOW),
        lambda company, lead: NextStep.objects.create(
            lead=lead, what="Call", due_at=NOW, for_person=company.people[0], created_at=NOW
        ),
    ],
    ids=["touch", "touch taken back", "move", "next step"],
)
def test_a_day_is_noted_when_a_fact_is_written_beside_a_lead(
    counted: World, write: Callable[[World, Lead], object]
) -> None:
    lead = Lead.objects.order_by("received_at")[3]
    write(counted, lead)
    assert list(days_of(slice=ALL).others) == [lead.cohort_day]


def test_another_agreement_is_counted_by_before_what_was_kept_is_trusted(counted: World) -> None:
    def basis(at: datetime) -> str:
        return basis_of(slice=ALL, at=at)

    later = NOW + timedelta(hours=1)
    before = work(slice=ALL, at=later)
    assert len(days_of(slice=ALL, basis=basis(later)).kept) == 30
    agreed = settings_at(later)
    agreed.pk, agreed.valid_from_at, agreed.unreachable_attempts = None, NOW + timedelta(minutes=5), 1
    agreed.save()
    forget()
    assert not days_of(slice=ALL, basis=basis(later)).kept
    assert len(days_of(slice=ALL).kept) == 30  # verdicts are told by no agreement
    assert work(slice=ALL, at=later) == before  # nobody has called these leads
    assert keep_up(at=later) == 14
    assert len(days_of(slice=ALL, basis=basis(later)).kept) == 14


def test_a_lead_that_changes_its_day_is_noted_on_both(counted: World) -> None:
    lead = Lead.objects.order_by("received_at")[3]
    Lead.objects.filter(pk=lead.pk).update(cohort_day=lead.cohort_day + timedelta(days=2))
    noted = set(ChangedDay.objects.values_list("day", flat=True))
    assert noted == {lead.cohort_day, lead.cohort_day + timedelta(days=2)}


def test_a_change_is_counted_by_the_next_drain_and_not_again_a_moment_later(counted: World) -> None:
    lead = Lead.objects.order_by("received_at")[3]
    later = NOW + timedelta(minutes=1)
    lead.save()
    assert keep_up(at=later) == 1
    assert not days_of(slice=ALL).others
    lead.save()
    assert keep_up(at=later + timedelta(seconds=3)) == 0
    assert keep_up(at=later + timedelta(seconds=90)) == 1


def test_drains_count_what_was_never_counted_piece_by_piece(company: World) -> None:
    for number in range(40):
        company.facts.lead(START + timedelta(days=number))
    assert [keep_up(at=NOW + timedelta(minutes=number)) for number in range(4)] == [14, 14, 12, 0]
    assert FilledDay.objects.count() == 40 * len(ages_kept(at=NOW))


def test_counting_again_changes_nothing(counted: World) -> None:
    columns = ("day", "age", "kind", "source", "segment", "verdict", "is_touched", "due_at", "count")
    before = set(StateCount.objects.values_list(*columns))
    for _progress in fill_everything(at=NOW):
        pass
    assert set(StateCount.objects.values_list(*columns)) == before


def test_what_differs_is_found_told_and_counted_anew(counted: World) -> None:
    call_command("reconcile", stdout=StringIO())
    wrong = StateCount.objects.order_by("day", "age").first()
    assert wrong is not None
    StateCount.objects.filter(pk=wrong.pk).update(count=5)
    for way in ({"check": True}, {}, {"repair": True}):
        told = StringIO()
        with pytest.raises(CommandError, match="1 days differed"):
            call_command("reconcile", stdout=told, **way)
        assert wrong.day.isoformat() in told.getvalue()
    call_command("reconcile", stdout=StringIO())


def test_cells_that_differ_are_found_too(counted: World) -> None:
    wrong = DayCells.objects.filter(kind="effort").order_by("day", "age")[2]
    DayCells.objects.filter(pk=wrong.pk).update(whole="[]")
    assert [day for _funnel, day in reconcile(at=NOW)] == [wrong.day]
    assert reconcile(at=NOW) == []


def test_what_is_waited_for_goes_on_after_a_day_was_counted(company: World) -> None:
    """Nobody does anything: times grow, and what was in time is no longer."""
    company.facts.lead(START, due_after=timedelta(days=3))
    day = date(2026, 8, 28)
    fill(funnel=company.rules.funnel, first=day, last=day, at=START + timedelta(days=1))
    for days in (1, 2, 9, 40):
        at = START + timedelta(days=days, minutes=7)
        for slice in SLICES[:1] + SLICES[2:]:
            _check(replace(slice, sources=(), segments=()), at=at)
        assert reconcile(at=at) == []


def test_a_verdict_that_fell_due_since_is_no_difference(company: World) -> None:
    company.facts.lead(START, due_after=timedelta(days=3))
    fill(funnel=company.rules.funnel, first=date(2026, 8, 28), last=date(2026, 8, 28), at=START + timedelta(days=1))
    assert reconcile(at=START + timedelta(days=9)) == []
    assert [cell.timing for cell in cells(slice=ALL, at=START + timedelta(days=2))] == [Timing.UNTOUCHED]
    assert [cell.timing for cell in cells(slice=ALL, at=START + timedelta(days=9))] == [Timing.OVERDUE]


def test_everything_is_counted_anew_on_demand(counted: World) -> None:
    StateCount.objects.update(count=5)
    call_command("reconcile", rebuild=True, stdout=StringIO())
    assert sum(cell.count for cell in cells(slice=ALL, at=NOW)) == 30


def test_what_was_kept_is_not_trusted_once_nobody_has_watched(counted: World) -> None:
    watch(connection=connection)
    assert not FilledDay.objects.exists()


def test_an_unknown_source_is_refused_also_where_all_is_kept(counted: World) -> None:
    Source.objects.create(code="late", name="Late", created_at=NOW)
    assert cells(slice=replace(ALL, sources=("late",)), at=NOW) == []
    with pytest.raises(Exception, match="nowhere"):
        cells(slice=replace(ALL, sources=("nowhere",)), at=NOW)
