"""What a draft would have made of the last weeks: a world to count on fingers, and random ones counted naively."""

import random
from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from funnels.operations.definitions import draft_definition
from funnels.operations.dictionaries import create_criterion, revise_criterion
from funnels.rules.criteria import AnswerType, Result
from funnels.rules.verdict import Verdict
from insights.queries import whatif
from insights.queries.whatif import effect
from leads.models import Lead
from leads.operations.assessments import judge
from leads.rules.answers import Answer
from leads.rules.facts import AssessmentKind, Evidence
from tests.factories.funnels import content_of, make_rules
from tests.factories.leads import MONDAY, make_lead

pytestmark = pytest.mark.django_db
NOW = MONDAY + timedelta(days=3)
NUMBER = {"answer_type": AnswerType.NUMBER, "threshold": Decimal(40_000)}
T, N, U = Verdict.TARGET, Verdict.NON_TARGET, Verdict.UNDECIDED


@pytest.fixture
def rules():
    return make_rules(criteria=("need", "budget"), contents={"budget": NUMBER})


def tag(lead, *, kind=AssessmentKind.ASSESS, at=MONDAY, **answers):
    """Judge by words: a number is what was seen of the budget."""
    said = {
        code: Answer(observed_value=str(value), evidence=Evidence.NUMBER_DOES_NOT_EXIST)
        if isinstance(value, int)
        else Answer(Result(value), evidence=Evidence.NUMBER_DOES_NOT_EXIST)
        for code, value in answers.items()
    }
    judge(lead=lead, answers=said, kind=kind, by=None, at=at)


def draft_of(rules, *versions):
    return draft_definition(
        funnel=rules.funnel, versions=list(versions), note="", effective_from_at=NOW, by=None, at=NOW
    )


def budget_from(rules, threshold, **said):
    content = content_of("budget", **NUMBER | {"threshold": Decimal(threshold)} | said)
    return revise_criterion(criterion=rules.versions["budget"].criterion, content=content, by=None, at=NOW)


@pytest.fixture
def leads(rules):
    """Four to count: one over every threshold, one between them, one below, one unjudged; and one of long ago."""
    rich, middling, poor, silent = (make_lead(rules, source=name) for name in ("vk", "vk", "google", "google"))
    tag(rich, need="met", budget=90_000)
    tag(middling, need="met", budget=50_000)
    tag(poor, need="met", budget=30_000)
    old = make_lead(rules, at=MONDAY - timedelta(weeks=20))
    tag(old, need="met", budget=50_000, at=MONDAY - timedelta(weeks=20))
    return {"rich": rich, "middling": middling, "poor": poor, "silent": silent}


def numbers(found):
    return {cell: count for cell, count in found.table.items() if count}


def test_a_higher_threshold_is_replayed_on_what_was_seen(rules, leads):
    draft = draft_of(rules, rules.versions["need"], budget_from(rules, 60_000))
    found = effect(definition=draft, at=NOW)
    assert numbers(found) == {(T, T): 1, (T, N): 1, (N, N): 1, (U, U): 1}
    assert list(found.leads(was=T, now=N)) == [leads["middling"]]
    assert found.leads(was=None, now=None).count() == 4
    assert [(moved.name.lower(), moved.mover.changed.k, moved.mover.changed.n) for moved in found.sources] == [
        ("vk", 1, 2)
    ]


def test_a_lower_threshold_makes_target_what_was_not(rules, leads):
    found = effect(definition=draft_of(rules, rules.versions["need"], budget_from(rules, 20_000)), at=NOW)
    assert numbers(found) == {(T, T): 2, (N, T): 1, (U, U): 1}


def test_a_new_blocking_criterion_leaves_undecided_what_was_target(rules, leads):
    city = create_criterion(funnel=rules.funnel, code="city", content=content_of("city"), by=None, at=NOW)
    found = effect(definition=draft_of(rules, *rules.versions.values(), city), at=NOW)
    assert numbers(found) == {(T, U): 2, (N, N): 1, (U, U): 1}
    assert found.missing == [("city", 2)]


def test_a_criterion_that_blocks_no_more_keeps_its_answers(rules, leads):
    found = effect(
        definition=draft_of(rules, rules.versions["need"], budget_from(rules, 40_000, is_blocking=False)), at=NOW
    )
    assert numbers(found) == {(T, T): 2, (N, T): 1, (U, U): 1}


def test_a_new_wording_is_a_new_question(rules, leads):
    need = revise_criterion(
        criterion=rules.versions["need"].criterion, content=content_of("need", wording="Now?"), by=None, at=NOW
    )
    found = effect(definition=draft_of(rules, need, rules.versions["budget"]), at=NOW)
    assert numbers(found) == {(T, U): 2, (N, N): 1, (U, U): 1}
    assert found.missing == [("need", 2)]


def test_the_same_definition_changes_nothing(rules, leads):
    found = effect(definition=draft_of(rules, *rules.versions.values()), at=NOW)
    assert numbers(found) == {(T, T): 2, (N, N): 1, (U, U): 1}
    assert found.sources == []


def test_tests_and_duplicates_are_not_counted(rules, leads):
    Lead.objects.filter(pk=leads["poor"].pk).update(duplicate_of=leads["rich"])
    Lead.objects.filter(pk=leads["silent"].pk).update(is_test=True)
    assert numbers(effect(definition=rules.definition, at=NOW)) == {(T, T): 2}


def test_many_leads_are_cut_to_the_newest(rules, leads, monkeypatch):
    monkeypatch.setattr(whatif, "MOST_LEADS", 3)
    found = effect(definition=rules.definition, at=NOW)
    assert (len(found.moves), found.received, found.is_cut) == (3, 4, True)


def test_it_costs_as_many_queries_for_many_leads_as_for_few(rules, leads):
    def cost():
        with CaptureQueriesContext(
            connection,
        ) as asked:
            effect(definition=rules.definition, at=NOW)
        return len(asked)

    before = cost()
    for _number in range(10):
        tag(make_lead(rules), need="met", budget=50_000)
    assert cost() == before


@pytest.mark.parametrize("seed", range(6))
def test_it_equals_a_naive_recount(rules, seed):
    chance = random.Random(seed)
    for _number in range(15):
        lead = make_lead(rules, at=MONDAY)
        for kind in [AssessmentKind.ASSESS, AssessmentKind.CHANGE][: chance.randint(0, 2)]:
            said = {"need": chance.choice(["met", "failed", "unknown"])}
            if chance.random() < 0.8:
                said["budget"] = chance.choice([10_000, 40_000, 60_000, 80_000])
            if kind is AssessmentKind.ASSESS or Lead.objects.get(pk=lead.pk).definition_id:
                tag(lead, kind=kind, **said)
    city = create_criterion(funnel=rules.funnel, code="city", content=content_of("city"), by=None, at=NOW)
    asked = [budget_from(rules, chance.choice([20_000, 60_000]), is_blocking=chance.random() < 0.7)]
    asked += [rules.versions["need"]] if asked[0].is_blocking is False or chance.random() < 0.7 else []
    asked += [city] if chance.random() < 0.3 else []
    found = effect(definition=draft_of(rules, *asked), at=NOW)
    expected = {lead.pk: (lead.verdict, _naive(lead, asked)) for lead in Lead.objects.all()}
    assert {move.lead: (move.was.value, move.now.verdict.value) for move in found.moves} == expected
    for was in (None, *Verdict):
        for now in (None, *Verdict):
            count = sum(was in (None, one) and now in (None, other) for one, other in expected.values())
            assert found.leads(was=was, now=now).count() == count


def _naive(lead, asked):
    acts = sorted(lead.assessments.all(), key=lambda act: (act.effective_at, act.recorded_at, act.pk))
    answers = {row.criterion_version.criterion.code: row for row in acts[-1].answers.all()} if acts else {}
    results = []
    for version in asked:
        row = answers.get(version.criterion.code)
        said = "not asked" if row is None else row.result
        if row is not None and version.criterion.code == "budget":
            said = "met" if Decimal(row.observed_value) >= version.threshold else "failed"
        if version.is_blocking:
            results.append(said)
    if "failed" in results:
        return N
    return T if set(results) == {"met"} else U
