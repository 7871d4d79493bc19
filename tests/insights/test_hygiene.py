"""How clean the records are: each flaw by a lead or two that has it, and every number by its leads."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from funnels.rules.criteria import EvidenceRule, Result
from insights.queries.hygiene import hygiene
from insights.rules.hygiene import HygieneCount
from insights.rules.slice import GroupBy, Slice
from leads.models import Assessment, AssessmentAnswer, Lead, Source
from leads.operations import moves
from leads.rules.facts import AssessmentKind, Channel, Evidence
from tests.factories.crm import UserFactory
from tests.factories.funnels import Rules, make_rules
from tests.factories.insights_leads import Facts
from tests.factories.leads import MONDAY, judge, make_lead
from tests.insights.deeds import Deed, deeds, do
from tests.insights.golden import MOSCOW, make_golden
from tests.insights.opening import assert_every_number_opens
from tests.insights.test_random_worlds import a_world, in_database
from tests.insights.worlds import NOW as LATER
from tests.insights.worlds import Story, World, slices, worlds

NOW = MONDAY + timedelta(days=30)
EVER = Slice(funnel="sales")
MET = ("contact_valid", "need", "budget")

pytestmark = pytest.mark.django_db


@pytest.fixture
def rules(db: None) -> Rules:
    return make_rules(contents={"contact_valid": {"evidence": EvidenceRule.UNREACHABLE}})


@pytest.fixture
def company(db: None) -> World:
    return World()


def _counts(slice: Slice = EVER, at: datetime = NOW) -> dict[str, HygieneCount]:
    rows = hygiene(slice=slice, at=at).rows
    return {count.criterion or count.item: count for count in (row.numbers for row in rows)}


def _k_of_n(item: str) -> tuple[int, int]:
    count = _counts()[item]
    return count.k, count.n


def test_the_golden_week_received_twenty_four() -> None:
    make_golden()
    week = Slice(
        funnel="golden",
        from_on=date(2026, 8, 31),
        to_on=date(2026, 9, 6),
        as_of=datetime(2026, 10, 5, tzinfo=MOSCOW),
        age=28,
    )
    found = _counts(week, datetime(2026, 10, 6, tzinfo=UTC))
    assert [(found[item].k, found[item].n) for item in ("duplicates", "tests")] == [(1, 24), (1, 24)]
    assert found["by_program"].n == 22
    assert (found["backdated"].k, found["backdated"].n) == (1, 20), "L14 was written down eleven days later"
    assert (found["segment"].k, found["segment"].n) == (17, 20)
    assert not found["segment"].is_too_much
    for by in (None, GroupBy.SOURCE):
        assert_every_number_opens(hygiene(slice=week, at=LATER, by=by), at=LATER)


def test_where_leads_come_from_and_by_which_door(rules: Rules) -> None:
    make_lead(rules, source="")
    make_lead(rules, channel=Channel.PAGE)
    make_lead(rules, channel=Channel.HOOK)
    make_lead(rules, channel=Channel.IMPORT)
    assert _k_of_n("unattributed") == (1, 4)
    assert [_k_of_n(item)[0] for item in ("by_program", "by_hand", "imported")] == [2, 1, 1]


def test_a_name_that_looks_like_a_known_source_waits_for_a_yes(rules: Rules) -> None:
    make_lead(rules, source="google")
    make_lead(rules, source="Google")
    twin = Source.objects.get(code="Google")
    assert twin.looks_like is not None
    assert _k_of_n("alias") == (1, 2)
    Source.objects.filter(pk=twin.pk).update(is_confirmed=True, looks_like=None)
    assert _k_of_n("alias") == (0, 2)


def test_a_verdict_that_needs_evidence_and_has_none(rules: Rules) -> None:
    proven, tag = make_lead(rules), make_lead(rules)
    judge(proven, failed=("contact_valid",))
    judge(tag, failed=("contact_valid",))
    judge(make_lead(rules), failed=("need",))
    AssessmentAnswer.objects.filter(assessment__lead=tag).update(evidence=Evidence.IMPORTED)
    assert _k_of_n("without_evidence") == (1, 2)
    assert _counts()["without_evidence"].is_too_much


def test_reasons_in_own_words_are_other(rules: Rules) -> None:
    head = UserFactory(role="head")
    lead, usual = make_lead(rules), make_lead(rules)
    for each, reasons, note in ((lead, ["other"], "Moved away"), (usual, ["price"], "")):
        judge(each, failed=("need",))
        moves.lose(lead=each, reasons=reasons, note=note, by=head, at=MONDAY)
    assert _k_of_n("other") == (1, 2)


def test_what_was_won_without_being_target(rules: Rules) -> None:
    head = UserFactory(role="head")
    target, undecided, bad = make_lead(rules), make_lead(rules), make_lead(rules)
    judge(target, met=MET)
    judge(bad, failed=("budget",))
    for lead in (target, undecided, bad):
        moves.win(lead=lead, by=head, at=MONDAY + timedelta(days=1))
    assert (_k_of_n("won_undecided"), _k_of_n("won_non_target")) == ((1, 3), (1, 3))
    before = Slice(funnel="sales", as_of=MONDAY + timedelta(hours=1))
    assert _counts(before)["won_undecided"].n == 0


def test_what_was_written_down_late(rules: Rules) -> None:
    facts = Facts(rules)
    facts.lead(MONDAY, recorded_at=MONDAY + timedelta(hours=25))
    prompt = facts.lead(MONDAY, recorded_at=MONDAY + timedelta(hours=24))
    imported = facts.lead(MONDAY, recorded_at=MONDAY + timedelta(days=9))
    Lead.objects.filter(pk=imported.pk).update(channel=Channel.IMPORT)
    facts.judge(prompt, at=MONDAY, recorded_at=MONDAY + timedelta(hours=25), failed=("need",))
    facts.judge(imported, at=MONDAY, recorded_at=MONDAY + timedelta(days=9), kind=AssessmentKind.IMPORT)
    assert _k_of_n("late") == (1, 2)
    assert _k_of_n("backdated") == (1, 1)


def test_a_question_hardly_asked_is_told(rules: Rules) -> None:
    facts = Facts(rules)
    for number in range(5):
        facts.judge(facts.lead(MONDAY), at=MONDAY, failed=("need",), met=("budget",) if number < 3 else ())
    facts.settle()
    assert Assessment.objects.count() == 5
    assert (_counts()["budget"].k, _counts()["budget"].is_too_much) == (3, True)
    assert (_counts()["need"].k, _counts()["need"].is_too_much) == (5, False)


def test_of_nothing_nothing_is_too_much(rules: Rules) -> None:
    assert {(count.k, count.n, count.share, count.is_too_much) for count in _counts().values()} == {(0, 0, None, False)}


@in_database
@given(worlds, deeds, slices(), st.sampled_from([None, *GroupBy]))
def test_every_number_opens_and_groups_add_up(
    company: World, stories: list[Story], done: list[Deed], drawn: tuple[Slice, list[int]], by: GroupBy | None
) -> None:
    with a_world(company, stories) as world:
        do(world, done)
        asked = world.asked(drawn)
        table = hygiene(slice=asked, at=LATER, by=by)
        assert_every_number_opens(table, at=LATER)
        whole = _counts(asked, LATER)
        for item in {row.numbers.item for row in table.rows} - {"coverage"}:
            parts = [row.numbers for row in table.rows if row.numbers.item == item]
            assert sum(part.k for part in parts) == whole[item].k
            assert sum(part.n for part in parts) == whole[item].n


def test_answers_of_a_factory_are_failed_by_a_machine(rules: Rules) -> None:
    judge(make_lead(rules), failed=("contact_valid",))
    assert AssessmentAnswer.objects.get().result == Result.FAILED
