"""Leads restated by the definition in force: as a naive recount tells, and as many as open."""

from collections import Counter
from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from insights.models import Restatement
from insights.operations.restating import TooManyToRestate, make_ready
from insights.queries.control import control
from insights.queries.criteria import criteria
from insights.queries.drilldown import leads_behind
from insights.queries.previous import previous
from insights.queries.quality import quality
from insights.queries.restating import acts_to_restate, restatements
from insights.queries.sources import sources
from insights.rules.control import ControlPoint
from insights.rules.period import Week
from insights.rules.pick import Pick, Timing
from insights.rules.slice import GroupBy, Slice
from insights.rules.table import Table
from leads.models import Assessment
from leads.rules.facts import AssessmentKind
from tests.factories.funnels import make_rules
from tests.factories.insights_leads import Facts
from tests.insights import recount, restating, weekly
from tests.insights.opening import assert_every_number_opens
from tests.insights.test_random_worlds import a_world, company, groups, in_database
from tests.insights.worlds import CRITERIA, NOW, START, Story, World, slices, worlds

__all__ = ["company"]
pytestmark = pytest.mark.django_db

CHANGES = st.sets(
    st.sampled_from([f"{how} {code}" for how in ("reword", "soften", "rename", "drop") for code in CRITERIA[1:]])
    | st.just("ask more"),
    min_size=1,
    max_size=3,
)
SINCE = st.integers(0, 20).map(lambda days: START + timedelta(days=days))


@settings(in_database, max_examples=30)
@given(worlds, slices(), groups, CHANGES, SINCE)
def test_restated_numbers_equal_a_naive_recount_and_open(
    company: World,
    stories: list[Story],
    drawn: tuple[Slice, list[int]],
    by: GroupBy | None,
    changes: set[str],
    since: object,
) -> None:
    with a_world(company, stories) as world:
        restating.write_answers(world.rules)
        restating.put_in_force(world.rules, at=since, changes=changes)  # type: ignore[arg-type]
        asked = replace(world.asked(drawn), restated=True)
        make_ready(slice=asked, at=NOW)
        found = restating.states(asked, NOW)
        expected = recount.by_group(found, by, asked)
        table = quality(slice=asked, at=NOW, by=by)
        counted = {
            row.key.value: (q.target, q.non_target, q.untouched, q.in_sla, q.overdue, q.not_restated)
            for row in table.rows
            if (q := row.numbers).n
        }
        assert counted == {group: (*recount.three(states), _lost(states)) for group, states in expected.items()}
        for row in criteria(slice=asked, at=NOW, by=by).rows:
            count = row.numbers
            states = expected.get(row.key.value, [])
            bit = restating.NEW_BIT if count.criterion == "timing" else world.rules.bit(count.criterion)
            failed, sole, _fractional, assessed = recount.criterion(states, bit)
            assert (count.failed, count.sole, count.assessed) == (failed, sole, assessed)
        assert_every_number_opens(table, at=NOW)
        assert_every_number_opens(criteria(slice=asked, at=NOW, by=by), at=NOW)


def _lost(states: list[recount.State]) -> int:
    return Counter(state.timing for state in states if state.verdict == "UNDECIDED")["not_restated"]


@in_database
@given(worlds, slices(), groups)
def test_restated_by_what_it_was_judged_by_nothing_changes(
    company: World, stories: list[Story], drawn: tuple[Slice, list[int]], by: GroupBy | None
) -> None:
    """I19: also through the answers, when the second definition asks the very same."""
    with a_world(company, stories) as world:
        restating.write_answers(world.rules)
        restating.put_in_force(world.rules, at=START, changes={"rename need"})
        asked = world.asked(drawn)
        restated = replace(asked, restated=True)
        make_ready(slice=restated, at=NOW)
        then, now = quality(slice=asked, at=NOW, by=by), quality(slice=restated, at=NOW, by=by)
        assert [(row.key, row.numbers) for row in now.rows] == [(row.key, row.numbers) for row in then.rows]
        then_by, now_by = (criteria(slice=one, at=NOW, by=by) for one in (asked, restated))
        assert [row.numbers for row in now_by.rows] == [row.numbers for row in then_by.rows]


@pytest.mark.usefixtures("company")
@in_database
@given(worlds)
def test_every_act_restated_by_its_own_definition_says_the_same(company: World, stories: list[Story]) -> None:
    with a_world(company, stories) as world:
        restating.write_answers(world.rules)
        acts = {act.pk: act for act in Assessment.objects.all()}
        for one in restatements(acts=list(acts), by=world.rules.definition):
            act = acts[one.assessment_id]
            assert (one.verdict, one.fail_mask, one.assessed_mask) == (act.verdict, act.fail_mask, act.assessed_mask)


@in_database
@given(worlds, worlds, slices(), CHANGES)
def test_a_restated_past_stays_what_it_was(
    company: World, stories: list[Story], later: list[Story], drawn: tuple[Slice, list[int]], changes: set[str]
) -> None:
    """I6, though more leads come and yet another definition is agreed on."""
    with a_world(company, stories) as world:
        restating.write_answers(world.rules)
        restating.put_in_force(world.rules, at=START + timedelta(days=1), changes=changes)
        as_of = START + timedelta(days=5)
        asked = replace(world.asked(drawn), as_of=as_of, restated=True)
        make_ready(slice=asked, at=NOW)
        before = [query(slice=asked, at=NOW).to_json() for query in (quality, sources)]
        world.tell([replace(story, came=story.came + timedelta(days=6)) for story in later])
        restating.write_answers(world.rules)
        weekly.redefine(world.facts, at=as_of + timedelta(days=1), revised=["contact_valid"])
        make_ready(slice=asked, at=NOW)
        assert [query(slice=asked, at=NOW).to_json() for query in (quality, sources)] == before


def _two_definitions() -> Facts:
    """Eighteen weeks of leads; "need" is asked otherwise from the tenth on."""
    facts = Facts(make_rules())
    weekly.tell(facts, [(3, 10)] * 18, failing=["budget"])
    restating.write_answers(facts.rules)
    restating.put_in_force(
        facts.rules, at=weekly.datetime.combine(weekly.monday(9), weekly.time(), weekly.UTC), changes={"soften need"}
    )
    return facts


WEEKS = Slice(funnel="sales", from_on=weekly.monday(9), to_on=weekly.monday(18) - timedelta(days=1), age=7)
LATER = weekly.datetime.combine(weekly.monday(20), weekly.time(), weekly.UTC)


def test_restated_weeks_have_one_base_and_the_period_before_is_comparable() -> None:
    _two_definitions()
    restated = replace(WEEKS, restated=True)
    make_ready(slice=restated, at=LATER)
    then, now = (control(slice=one, at=LATER) for one in (WEEKS, restated))
    assert {row.numbers.definition for row in now.rows} == {2}
    (of_all,), of_new = _bases(now), _bases(then)
    assert Week.of(weekly.monday(0)) in of_all
    assert all(Week.of(weekly.monday(8)) not in base for base in of_new)
    assert any(row.numbers.count.starts for row in then.rows)
    assert not any(row.numbers.count.starts for row in now.rows)
    for one, redefined in ((WEEKS, True), (restated, False)):
        (whole, *_criteria) = previous(slice=one, at=LATER).rows
        assert whole.numbers.is_redefined is redefined


def _bases(table: Table[ControlPoint]) -> set[tuple[Week, ...]]:
    return {row.numbers.base.weeks for row in table.rows if row.numbers.base}


def test_a_lead_that_was_not_asked_is_undecided_and_sales_do_not_answer_for_it() -> None:
    facts = _two_definitions()
    restating.put_in_force(facts.rules, at=LATER - timedelta(hours=1), changes={"ask more"})
    asked = replace(WEEKS, restated=True)
    make_ready(slice=asked, at=LATER)
    total = quality(slice=asked, at=LATER).total
    assert (total.non_target, total.not_restated, total.overdue) == (27, 63, 0)
    lost = leads_behind(slice=asked, pick=Pick(timing=Timing.NOT_RESTATED), at=LATER)
    assert {lead.verdict for lead in lost} == {"TARGET"}
    assert not leads_behind(slice=WEEKS, pick=Pick(timing=Timing.NOT_RESTATED), at=LATER).exists()


def test_an_act_is_put_to_a_definition_once_and_an_audit_never(monkeypatch: pytest.MonkeyPatch) -> None:
    facts = _two_definitions()
    audited = Assessment.objects.first()
    assert audited is not None
    Assessment.objects.filter(pk=audited.pk).update(kind=AssessmentKind.AUDIT)
    asked = replace(WEEKS, restated=True)
    make_ready(slice=asked, at=LATER)
    make_ready(slice=asked, at=LATER)
    assert Restatement.objects.count() == Assessment.objects.count() - 1
    assert not acts_to_restate(slice=asked, at=LATER).exists()
    monkeypatch.setattr("insights.operations.restating.MOST_AT_ONCE", 10)
    make_ready(slice=asked, at=LATER)
    restating.put_in_force(facts.rules, at=LATER - timedelta(hours=1), changes={"ask more"})
    with pytest.raises(TooManyToRestate):
        make_ready(slice=asked, at=LATER)
