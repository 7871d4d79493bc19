"""The state of a lead at an instant and an age: what counts, what is late, what nobody has touched."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from insights.queries.quality import quality
from insights.rules.quality import Quality
from insights.rules.slice import GroupBy, Slice, UnknownValue
from leads.models import Lead
from leads.rules.facts import AssessmentKind, LinkKind, TouchActor
from tests.factories.crm import UserFactory
from tests.factories.funnels import Rules, make_rules
from tests.factories.insights_leads import Facts

CAME = datetime(2026, 3, 2, 9, tzinfo=UTC)
DAY = timedelta(days=1)
NOW = CAME + 40 * DAY
ALL = Slice(funnel="sales")

pytestmark = pytest.mark.django_db


@pytest.fixture
def rules() -> Rules:
    return make_rules()


@pytest.fixture
def facts(rules: Rules) -> Facts:
    return Facts(rules)


@pytest.fixture
def lead(facts: Facts) -> Lead:
    return facts.lead(CAME)


def _at(age: int | None = None, as_of: datetime | None = None, at: datetime = NOW) -> Quality:
    return quality(slice=replace(ALL, age=age, as_of=as_of), at=at).total


def test_a_verdict_exactly_at_the_age_counts_and_a_second_later_does_not(facts: Facts, lead: Lead) -> None:
    facts.target(lead, at=CAME + 7 * DAY)
    assert _at(age=7).target == 1
    facts.judge(lead, at=CAME + 7 * DAY + timedelta(seconds=1), failed=["need"])
    assert _at(age=7).target == 1
    assert _at(age=8).non_target == 1


def test_a_fact_recorded_exactly_at_the_instant_is_known_then(facts: Facts, lead: Lead) -> None:
    facts.target(lead, at=CAME + DAY)
    assert _at(as_of=CAME + DAY).target == 1
    assert _at(as_of=CAME + DAY - timedelta(seconds=1)).undecided == 1


def test_an_audit_never_changes_the_state(facts: Facts, lead: Lead) -> None:
    facts.target(lead, at=CAME + DAY)
    facts.judge(lead, at=CAME + 2 * DAY, failed=["need"], kind=AssessmentKind.AUDIT)
    facts.settle()
    assert _at().target == _at(as_of=NOW).target == 1


def test_a_correction_rewrites_the_past_and_a_change_does_not(facts: Facts, lead: Lead) -> None:
    first = facts.judge(lead, at=CAME + DAY, failed=["need"])
    met = facts.rules.versions
    facts.judge(lead, at=CAME + 9 * DAY, met=met, kind=AssessmentKind.CORRECT, supersedes=first)
    assert _at(age=7).target == 1
    assert _at(age=7, as_of=CAME + 8 * DAY).non_target == 1
    facts.judge(lead, at=CAME + 10 * DAY, failed=["budget"], kind=AssessmentKind.CHANGE)
    assert _at(age=7).target == 1
    assert _at(age=28).non_target == 1


def test_a_correction_of_a_correction_keeps_the_first_effective_time(facts: Facts, lead: Lead) -> None:
    first = facts.judge(lead, at=CAME + DAY, failed=["need"])
    met = facts.rules.versions
    second = facts.judge(lead, at=CAME + 9 * DAY, met=met, kind=AssessmentKind.CORRECT, supersedes=first)
    facts.judge(lead, at=CAME + 12 * DAY, failed=["budget"], kind=AssessmentKind.CORRECT, supersedes=second)
    assert _at(age=1).non_target == 1
    assert _at(age=1, as_of=CAME + 10 * DAY).target == 1


def test_back_dating_is_worth_a_day(facts: Facts, lead: Lead) -> None:
    facts.judge(lead, at=CAME + DAY, recorded_at=CAME + 12 * DAY, failed=["need"])
    assert _at(age=7).undecided == 1
    assert _at(age=11).non_target == 1


def test_judged_in_part_is_undecided(facts: Facts, lead: Lead) -> None:
    facts.judge(lead, at=CAME + DAY, met=["need"])
    facts.settle()
    assert _at().undecided == _at(as_of=NOW).undecided == 1


def test_an_undecided_lead_is_late_only_after_the_time_agreed(facts: Facts) -> None:
    facts.lead(CAME, due_after=3 * DAY)
    assert _at(at=CAME + 3 * DAY).untouched == 1
    assert _at(at=CAME + 3 * DAY + timedelta(seconds=1)).overdue == 1


def test_at_an_age_shorter_than_the_time_agreed_nothing_is_late(facts: Facts) -> None:
    facts.lead(CAME, due_after=3 * DAY)
    assert _at(age=3).overdue == 0
    assert _at(age=4).overdue == 1


def test_a_touch_counts_when_it_was_known_and_before_the_age(facts: Facts) -> None:
    lead = facts.lead(CAME, due_after=30 * DAY)
    facts.touch(lead, at=CAME + 2 * DAY, recorded_at=CAME + 5 * DAY)
    facts.settle()
    early = CAME + 6 * DAY
    assert _at(at=early).in_sla == 1
    assert _at(age=1, at=early).untouched == 1
    assert _at(as_of=CAME + 4 * DAY).untouched == 1
    assert _at(as_of=CAME + 5 * DAY).in_sla == 1
    assert _at(age=1, as_of=CAME + 5 * DAY).untouched == 1


def test_a_bots_message_is_not_a_touch(facts: Facts) -> None:
    lead = facts.lead(CAME, due_after=30 * DAY)
    touch = facts.touch(lead, at=CAME + DAY)
    touch.actor = TouchActor.BOT
    touch.save()
    assert _at(as_of=CAME + 2 * DAY).untouched == 1


def test_merging_and_separating_are_known_from_their_day(facts: Facts, lead: Lead) -> None:
    other = facts.lead(CAME + timedelta(hours=1))
    facts.link(other, lead, LinkKind.MERGE, at=CAME + 2 * DAY)
    facts.link(other, lead, LinkKind.UNMERGE, at=CAME + 4 * DAY)
    facts.settle()
    assert [_at(as_of=CAME + days * DAY).n for days in (1, 3, 5)] == [2, 1, 2]
    assert _at().n == 2


def test_a_repeat_request_is_counted(facts: Facts, lead: Lead) -> None:
    repeat = facts.lead(CAME + 35 * DAY)
    facts.link(repeat, lead, LinkKind.REPEAT, at=CAME + 35 * DAY)
    facts.settle()
    assert _at().n == _at(as_of=NOW).n == 2


def test_a_test_that_is_a_duplicate_is_a_test(facts: Facts, lead: Lead) -> None:
    test = facts.lead(CAME, is_test=True)
    facts.link(test, lead, LinkKind.DUPLICATE, at=CAME)
    facts.settle()
    for as_of in (None, NOW):
        bridge = quality(slice=replace(ALL, as_of=as_of), at=NOW).bridge
        assert bridge.to_json() == {"received": 2, "duplicate": 0, "test": 1, "valid": 1}


def test_a_lead_belongs_to_whom_it_belonged_then(facts: Facts) -> None:
    anna, boris = UserFactory(name="Anna"), UserFactory(name="Boris")
    lead = facts.lead(CAME, owner=anna)
    facts.hand(lead, boris, at=CAME + 3 * DAY)
    facts.settle()

    def owners(as_of: datetime | None) -> list[str]:
        table = quality(slice=replace(ALL, as_of=as_of), at=NOW, by=GroupBy.OWNER)
        return [row.key.label for row in table.rows]

    assert owners(CAME + DAY) == ["Anna"]
    assert owners(None) == owners(NOW) == ["Boris"]
    assert quality(slice=replace(ALL, as_of=CAME + DAY, owners=(str(boris.pk),)), at=NOW).total.n == 0


def test_no_leads_have_no_shares(rules: Rules) -> None:
    table = quality(slice=ALL, at=NOW)
    assert table.total.n == 0
    assert {name: table.to_json()["total"][name] for name in ("share", "share_low", "bound_high")} == {
        "share": None,
        "share_low": None,
        "bound_high": None,
    }
    for by in GroupBy:
        assert quality(slice=ALL, at=NOW, by=by).rows == ()


def test_weeks_without_leads_are_rows_between_those_that_have_some(facts: Facts, lead: Lead) -> None:
    facts.lead(CAME + 21 * DAY)
    period = replace(ALL, from_on=date(1990, 1, 1), to_on=date(2100, 12, 31))
    rows = quality(slice=period, at=NOW, by=GroupBy.WEEK).rows
    assert [(row.key.label, row.numbers.n) for row in rows] == [
        ("2026-W10", 1), ("2026-W11", 0), ("2026-W12", 0), ("2026-W13", 1),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("name", "wrong"),
    [
        ("funnel", {"funnel": "nowhere"}),
        ("source", {"sources": ("gogle",)}),
        ("source", {"sources": ("google", "-")}),
        ("campaign", {"campaigns": ("google/winter",)}),
        ("segment", {"segments": ("b2c",)}),
        ("owner", {"owners": ("999",)}),
        ("owner", {"owners": ("anna",)}),
        ("owner", {"owners": ("99999999999999999999",)}),
    ],
)
def test_D15_an_unknown_filter_value_is_an_error_and_not_zero(
    facts: Facts, lead: Lead, name: str, wrong: dict[str, object]
) -> None:
    with pytest.raises(UnknownValue) as refusal:
        quality(slice=replace(ALL, **wrong), at=NOW)  # type: ignore[arg-type]
    assert refusal.value.field == name


def test_D13_a_past_day_is_not_told_from_todays_state(facts: Facts, lead: Lead) -> None:
    facts.judge(lead, at=CAME + DAY, failed=["need"])
    facts.target(lead, at=CAME + 5 * DAY)
    facts.settle()
    assert _at().target == 1
    assert _at(as_of=CAME + 2 * DAY).non_target == 1


def test_D4_lost_leads_stay_in_the_denominator(facts: Facts, lead: Lead) -> None:
    facts.judge(lead, at=CAME + DAY, failed=["need"])
    facts.settle()
    Lead.objects.filter(pk=lead.pk).update(outcome="LOST", outcome_at=CAME + DAY)
    assert (_at().n, _at().non_target) == (1, 1)


def test_one_query_counts_all_states(facts: Facts, lead: Lead, django_assert_max_num_queries: object) -> None:
    with django_assert_max_num_queries(16):  # type: ignore[operator]  # two say how to plan
        quality(slice=replace(ALL, age=7, as_of=NOW), at=NOW, by=GroupBy.SOURCE)
