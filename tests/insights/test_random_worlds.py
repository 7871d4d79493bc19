"""Queries against a naive recount on random worlds, and what must hold for every number whatever happened."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from insights.queries.criteria import criteria
from insights.queries.quality import quality
from insights.queries.sources import sources
from insights.rules.slice import GroupBy, Slice
from leads.models import Assessment, Lead
from tests.insights import recount
from tests.insights.opening import assert_every_number_opens
from tests.insights.worlds import NOW, START, Story, World, slices, worlds

pytestmark = pytest.mark.django_db

# The same examples every time, and few: each writes a company's leads and asks for whole tables. To look further,
# raise the numbers here.
in_database = settings(
    max_examples=12, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
groups = st.sampled_from([None, *GroupBy])


@pytest.fixture
def company(db: None) -> World:
    return World()


@contextmanager
def a_world(company: World, stories: list[Story]) -> Iterator[World]:
    """Let things happen in a company for one example, and forget them."""
    company.leads.clear()
    with transaction.atomic():
        company.tell(stories)
        yield company
        transaction.set_rollback(True)


@settings(in_database, max_examples=40)
@given(worlds, slices(), groups)
def test_the_query_equals_a_naive_recount(
    company: World, stories: list[Story], drawn: tuple[Slice, list[int]], by: GroupBy | None
) -> None:
    with a_world(company, stories) as world:
        asked = world.asked(drawn)
        found = recount.states(asked, NOW)
        expected = recount.by_group(found, by, asked)
        table = quality(slice=asked, at=NOW, by=by)
        assert table.bridge.to_json() == {"received": table.bridge.received, "duplicate": 0, "test": 0, "valid": 0} | (
            recount.kinds(asked)
        )
        counted = {
            row.key.value: (q.target, q.non_target, q.untouched, q.in_sla, q.overdue)
            for row in table.rows
            if (q := row.numbers).n
        }
        assert counted == {group: recount.three(states) for group, states in expected.items()}
        for row in criteria(slice=asked, at=NOW, by=by).rows:
            count, bit = row.numbers, world.rules.bit(row.numbers.criterion)
            states = expected.get(row.key.value, [])
            failed, sole, fractional, assessed = recount.criterion(states, bit)
            assert (count.failed, count.sole, count.assessed) == (failed, sole, assessed)
            assert count.fractional == pytest.approx(float(fractional))


@in_database
@given(worlds, slices(), groups)
def test_every_number_opens_to_its_leads(
    company: World, stories: list[Story], drawn: tuple[Slice, list[int]], by: GroupBy | None
) -> None:
    with a_world(company, stories) as world:
        asked = world.asked(drawn)
        assert_every_number_opens(quality(slice=asked, at=NOW, by=by), at=NOW)
        assert_every_number_opens(criteria(slice=asked, at=NOW, by=by), at=NOW)


@in_database
@given(worlds, slices(), groups)
def test_parts_make_the_whole(
    company: World, stories: list[Story], drawn: tuple[Slice, list[int]], by: GroupBy | None
) -> None:
    with a_world(company, stories) as world:
        asked = world.asked(drawn)
        table = quality(slice=asked, at=NOW, by=by)
        bridge, total = table.bridge, table.total
        assert bridge.received == bridge.valid + bridge.duplicate + bridge.test
        assert total.target + total.non_target + total.undecided == total.n == bridge.valid
        for part in ("target", "non_target", "untouched", "in_sla", "overdue"):
            assert sum(getattr(row.numbers, part) for row in table.rows) == getattr(total, part)
        counts = [row.numbers for row in criteria(slice=asked, at=NOW).rows]
        failed = [count.failed for count in counts]
        assert sum(count.fractional for count in counts) == pytest.approx(total.non_target)
        assert max(failed) <= total.non_target <= sum(failed)
        assert sum(count.sole for count in counts) <= total.non_target
        if not total.n:
            assert (total.share, total.share_low, total.bound_high, total.share_of_decided) == (None,) * 4
        compared = sources(slice=asked, at=NOW)
        assert sum(row.numbers.n for row in compared.rows if row.numbers.criterion is None) == total.n


@in_database
@given(worlds, worlds, slices())
def test_the_past_stays_what_it_was(
    company: World, stories: list[Story], later: list[Story], drawn: tuple[Slice, list[int]]
) -> None:
    with a_world(company, stories) as world:
        as_of = START + timedelta(days=5)
        asked = replace(world.asked(drawn), as_of=as_of)
        before = [query(slice=asked, at=NOW).to_json() for query in (quality, criteria, sources)]
        known = list(Lead.objects.filter(recorded_at__lte=as_of))
        world.tell([replace(story, came=story.came + timedelta(days=6)) for story in later])
        for lead in known:
            world.facts.target(lead, at=as_of + timedelta(hours=1))
            world.facts.touch(lead, at=as_of, recorded_at=as_of + timedelta(hours=1))
            world.facts.hand(lead, world.people[0], at=as_of + timedelta(hours=1))
        world.facts.settle()
        assert [query(slice=asked, at=NOW).to_json() for query in (quality, criteria, sources)] == before


@in_database
@given(worlds, slices(), st.randoms(use_true_random=False))
def test_the_order_of_writing_does_not_matter(
    company: World, stories: list[Story], drawn: tuple[Slice, list[int]], chance: st.DataObject
) -> None:
    """Assessments are written again in another order under their own ids: equal times are told apart by id."""
    with a_world(company, stories) as world:
        asked = world.asked(drawn)
        before = quality(slice=asked, at=NOW).to_json()
        acts = list(Assessment.objects.all())
        Assessment.objects.update(supersedes=None, kind="assess")
        Assessment.objects.all().delete()
        chance.shuffle(acts)  # type: ignore[attr-defined]
        Assessment.objects.bulk_create([_alone(act) for act in acts])
        assert quality(slice=asked, at=NOW).to_json() == before


def _alone(act: Assessment) -> Assessment:
    """An act whose order of writing is free: what it corrected is already in its effective time."""
    act.supersedes = None
    if act.kind == "correct":
        act.kind = "change"
    return act


@in_database
@given(worlds, st.sampled_from(["Asia/Vladivostok", "America/New_York", "Europe/Berlin"]))
def test_moving_the_organisation_moves_weeks_and_not_the_total(company: World, stories: list[Story], zone: str) -> None:
    with a_world(company, stories):
        all_time = Slice(funnel="sales", age=3)
        before = quality(slice=all_time, at=NOW, by=GroupBy.WEEK)
        for lead in Lead.objects.all():
            lead.cohort_day = lead.received_at.astimezone(ZoneInfo(zone)).date()
            lead.save()
        after = quality(slice=all_time, at=NOW, by=GroupBy.WEEK)
        assert before.total == after.total
        assert sum(row.numbers.n for row in after.rows) == after.total.n


@in_database
@given(worlds)
def test_the_lead_row_repeats_what_the_facts_say(company: World, stories: list[Story]) -> None:
    with a_world(company, stories):
        now = Slice(funnel="sales")
        then = replace(now, as_of=NOW)
        for by in (None, *GroupBy):
            from_row, from_facts = quality(slice=now, at=NOW, by=by), quality(slice=then, at=NOW, by=by)
            assert (from_row.rows, from_row.total) == (from_facts.rows, from_facts.total)
