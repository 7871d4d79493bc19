"""What a process remembers of kept counts never shows: not when it is full, nor when names come to mean others."""

from collections.abc import Iterator
from datetime import timedelta

import pytest

from crm.models import User
from insights.models import DayCells, FilledDay
from insights.operations.keeping import fill_everything, reconcile
from insights.queries import answers, blocks, placed
from insights.queries.kept import days_of
from insights.queries.quality import quality
from insights.queries.tags import TAGS
from insights.queries.tallies import tallied, tallied_leads
from insights.rules.slice import GroupBy, Slice
from leads.models import Source
from leads.operations.merges import merge_source_as_alias
from tests.factories.funnels import Rules, make_rules
from tests.factories.leads import MONDAY, judge, make_lead

NOW = MONDAY + timedelta(weeks=5)
ALL = Slice(funnel="sales")

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def counted(db: None) -> Iterator[Rules]:
    """Four weeks of leads, all of their days counted, and a process that has just begun."""
    rules = make_rules(criteria=("budget",))
    for week in range(4):
        came_at = MONDAY + timedelta(weeks=week)
        judge(make_lead(rules, at=came_at, source="vk"), at=came_at, failed=["budget"])
    for _progress in fill_everything(at=NOW):
        pass
    blocks.forget_blocks()
    placed.forget_placed()
    yield rules
    blocks.forget_blocks()
    placed.forget_placed()


def test_a_full_memory_leaves_no_week_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(blocks, "MOST", 2)
    early = Slice(funnel="sales", to_on=(MONDAY + timedelta(days=13)).date())
    tallied(TAGS, slice=early, at=NOW, by=GroupBy.WEEK)

    found = tallied(TAGS, slice=ALL, at=NOW, by=GroupBy.WEEK)

    assert not days_of(slice=ALL).others
    assert set(found) == set(tallied_leads(TAGS, slice=ALL, at=NOW, by=GroupBy.WEEK))
    assert len(found) == 4


def test_a_name_that_was_joined_asks_for_what_it_means_now(counted: Rules, admin: User) -> None:
    old = make_lead(counted, at=MONDAY, source="vk-old").source
    for _progress in fill_everything(at=NOW):
        pass
    asked = Slice(funnel="sales", sources=("vk-old",), from_on=(MONDAY + timedelta(weeks=1)).date())
    assert quality(slice=asked, at=NOW).total.n == 0

    merge_source_as_alias(source=old, into=Source.objects.get(code="vk"), by=admin, at=NOW)

    assert not days_of(slice=asked).others
    assert quality(slice=asked, at=NOW).total.n == 3


def test_answers_counted_in_another_way_are_not_taken_for_these(monkeypatch: pytest.MonkeyPatch) -> None:
    now = answers.key_of("reading", slice=ALL)
    monkeypatch.setattr(answers, "WAY_OF_COUNTING", answers.WAY_OF_COUNTING - 1)
    assert answers.key_of("reading", slice=ALL) != now


def test_rows_of_another_basis_are_not_even_read() -> None:
    day = FilledDay.objects.order_by("day")[0].day
    FilledDay.objects.filter(day=day).update(basis="before")
    DayCells.objects.filter(day=day).update(whole='[["a shape of before"]]', by_place="[[1]]")

    assert reconcile(at=NOW, repairs=False) == []
    assert day in days_of(slice=ALL, basis="today").others
