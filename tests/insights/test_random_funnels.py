"""The funnel against a naive recount on random worlds, and what must hold whatever happened."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from funnels.models import Stage
from funnels.rules.moves import Milestone
from insights.queries.losses import losses
from insights.queries.stages import durations, stages
from insights.queries.throughput import throughput, wins
from insights.rules.flow import What
from insights.rules.losses import Level
from insights.rules.period import DAY, start_of_day
from insights.rules.slice import GroupBy, Slice
from insights.rules.stats import aalen_johansen, percentile
from leads.models import Lead, Transition
from leads.rules.facts import TransitionKind
from tests.insights import recount_funnel as recount
from tests.insights.opening import assert_every_number_opens
from tests.insights.worlds import NOW, START, Story, World, days, slices, worlds

pytestmark = pytest.mark.django_db

# The same examples every time, and few: each writes a company's leads and asks for whole tables. To look further,
# raise the numbers here.
in_database = settings(
    max_examples=12, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
groups = st.sampled_from([None, *GroupBy])
Drawn = tuple[Slice, list[int]]


@pytest.fixture
def company(db: None) -> World:
    return World()


@contextmanager
def a_world(company: World, stories: list[Story]) -> Iterator[World]:
    """Let things happen in a company for one example, and forget them."""
    with transaction.atomic():
        company.tell(stories)
        yield company
        transaction.set_rollback(True)
    company.leads.clear()


@settings(in_database, max_examples=40)
@given(worlds, slices(), groups)
def test_the_funnel_equals_a_naive_recount(
    company: World, stories: list[Story], drawn: Drawn, by: GroupBy | None
) -> None:
    with a_world(company, stories) as world:
        asked = world.asked(drawn)
        ways = recount.ways(asked, NOW, by)
        found: dict[str, list[Any]] = {}
        for row in stages(slice=asked, at=NOW, by=by).rows:
            found.setdefault(row.key.value, []).append(row.numbers)
        for group, steps in found.items():
            milestones = [step.milestone for step in steps]
            counted = [(step.reached, step.touched, step.lost, step.open, step.won) for step in steps]
            assert counted == recount.steps(ways.get(group, []), milestones)
        for row in losses(slice=asked, at=NOW, by=by).rows:
            count = row.numbers
            if count.level is Level.REASON:
                expected = recount.loss(ways.get(row.key.value, []), count.milestone, count.code)
                assert (count.lost, count.sole, pytest.approx(float(expected[2]))) == (
                    *expected[:2],
                    count.fractional,
                )
        for row in durations(slice=asked, at=NOW, by=by).rows:
            stay = row.numbers
            visits = [v for way in ways.get(row.key.value, []) for v in way.visits() if v[0] == stay.milestone]
            steps_ = aalen_johansen([days for _name, days, _over in visits], [int(over) for _n, _d, over in visits])
            assert (stay.n, stay.over) == (len(visits), sum(over for _n, _d, over in visits))
            assert (stay.median, stay.p90) == (percentile(steps_, 0.5), percentile(steps_, 0.9))


@in_database
@given(worlds, slices(), groups)
def test_every_number_opens_to_its_leads(
    company: World, stories: list[Story], drawn: Drawn, by: GroupBy | None
) -> None:
    with a_world(company, stories) as world:
        asked = world.asked(drawn)
        for query in (stages, losses, wins):
            assert_every_number_opens(query(slice=asked, at=NOW, by=by), at=NOW)


@settings(in_database, max_examples=30)
@given(worlds, slices())
def test_the_way_only_narrows_and_its_parts_are_the_whole(company: World, stories: list[Story], drawn: Drawn) -> None:
    """I5: reached never grows along the way; those that went on, are lost, open or won are those that came."""
    with a_world(company, stories) as world:
        asked = world.asked(drawn)
        table = stages(slice=asked, at=NOW)
        steps = [row.numbers for row in table.rows]
        reached = [step.reached for step in steps]
        assert reached == sorted(reached, reverse=True)
        assert reached[0] == table.total.n
        for step in steps:
            assert step.went_on + step.lost + step.open + step.won == step.reached >= step.touched
        for row in losses(slice=asked, at=NOW).rows:
            count = row.numbers
            assert count.sole <= count.fractional <= count.lost <= count.all_lost <= count.n
        for level in (Level.REASON, Level.SIDE):
            points = sum(
                row.numbers.fractional for row in losses(slice=asked, at=NOW).rows if row.numbers.level is level
            )
            assert points == pytest.approx(sum(step.lost for step in steps))


@in_database
@given(worlds, slices(), st.sampled_from(["qualified", "offer"]))
def test_splitting_renaming_and_reordering_stages_changes_nothing(
    company: World, stories: list[Story], drawn: Drawn, split: str
) -> None:
    """I16: a stage is split, and half of its leads stand at, or go on to, the new half: that ends no stay."""
    with a_world(company, stories) as world:
        asked = world.asked(drawn)
        before = [_numbers(query, asked) for query in (stages, losses, durations)]
        whole = world.rules.stages[split]
        half = Stage.objects.create(
            funnel=whole.funnel, code="half", name="Half", position=90, milestone=whole.milestone
        )
        moves = Transition.objects.filter(to_stage=whole, kind=TransitionKind.ADVANCE).order_by("pk")
        for move in list(moves)[::2]:
            Transition.objects.filter(pk=move.pk).update(to_stage=half)
        for lead in Lead.objects.filter(transitions__to_stage=half).distinct():
            last = lead.transitions.order_by("effective_at", "recorded_at", "id").last()
            if last is not None and last.kind == TransitionKind.ADVANCE and last.to_milestone == whole.milestone:
                Transition.objects.create(
                    lead=lead,
                    kind=TransitionKind.ADVANCE,
                    channel=last.channel,
                    from_stage=last.to_stage,
                    to_stage=half if last.to_stage_id == whole.pk else whole,
                    from_milestone=whole.milestone,
                    to_milestone=whole.milestone,
                    occurred_at=last.occurred_at,
                    recorded_at=last.recorded_at,
                    effective_at=last.effective_at,
                )
        assert [_numbers(query, asked) for query in (stages, losses, durations)] == before


def _numbers(query: Any, asked: Slice) -> list[object]:
    return [row.numbers for row in query(slice=asked, at=NOW).rows]


@settings(in_database, max_examples=30)
@given(worlds, st.tuples(days, days).map(sorted), st.none() | st.integers(0, 60))
def test_what_is_open_at_the_start_and_what_happens_make_what_is_open_at_the_end(
    company: World, stories: list[Story], bounds: list[date], half_days: int | None
) -> None:
    with a_world(company, stories) as world:
        as_of = None if half_days is None else START + timedelta(hours=12 * half_days)
        asked = Slice(funnel="sales", from_on=bounds[0], to_on=bounds[1], as_of=as_of)
        start, end = start_of_day(bounds[0], world.facts.zone), start_of_day(bounds[1] + DAY, world.facts.zone)
        counts = {row.numbers.what: row.numbers.count for row in throughput(slice=asked, at=NOW).rows}
        assert counts[What.OPEN_START] == recount.open_at(start, asked, NOW)
        assert counts[What.OPEN_END] == recount.open_at(end, asked, NOW)
        closed = recount.closed(asked, NOW, start, end)
        rates = wins(slice=asked, at=NOW).rows[0].numbers
        assert (rates.won_closed, rates.closed) == (closed["win"], closed.total())
        weekly = throughput(slice=asked, at=NOW, by=GroupBy.WEEK).rows
        for what in (What.CREATED, What.WON, What.LOST, What.REOPENED, What.TARGET, What.NON_TARGET):
            assert sum(row.numbers.count for row in weekly if row.numbers.what is what) == counts[what]
        assert weekly[-1].key.value != ""
        ends = [row.numbers.count for row in weekly if row.numbers.what is What.OPEN_END]
        assert ends[-1] == counts[What.OPEN_END]


@in_database
@given(worlds, slices())
def test_what_the_lead_row_repeats_gives_the_same_as_the_moves(
    company: World, stories: list[Story], drawn: Drawn
) -> None:
    with a_world(company, stories) as world:
        now = replace(world.asked(drawn), as_of=None)
        for by in (None, *GroupBy):
            from_row = wins(slice=now, at=NOW, by=by).rows
            assert wins(slice=replace(now, as_of=NOW), at=NOW, by=by).rows == from_row


@in_database
@given(worlds, worlds, slices())
def test_the_past_stays_what_it_was(company: World, stories: list[Story], later: list[Story], drawn: Drawn) -> None:
    with a_world(company, stories) as world:
        as_of = START + timedelta(days=5)
        asked = replace(world.asked(drawn), as_of=as_of)
        queries = (stages, losses, durations, throughput, wins)
        before = [query(slice=asked, at=NOW).to_json() for query in queries]
        open_then = Lead.objects.filter(recorded_at__lte=as_of, outcome="OPEN")
        world.tell([replace(story, came=story.came + timedelta(days=6)) for story in later])
        for lead in open_then:
            world.facts.move(lead, TransitionKind.LOSE, lead.stage.code, at=NOW, reasons=["price"])
        assert [query(slice=asked, at=NOW).to_json() for query in queries] == before


def test_milestones_nobody_was_at_are_not_shown(company: World) -> None:
    Stage.objects.filter(milestone=Milestone.CONTRACT).update(archived_at=START)
    with a_world(company, []) as world:
        world.facts.lead(START)
        shown = [row.numbers.milestone for row in stages(slice=Slice(funnel="sales"), at=NOW).rows]
        assert Milestone.CONTRACT not in shown
        lead = world.facts.lead(START)
        world.facts.move(lead, TransitionKind.ADVANCE, "contract", at=START)
        shown = [row.numbers.milestone for row in stages(slice=Slice(funnel="sales"), at=NOW).rows]
        assert shown == list(Milestone)
