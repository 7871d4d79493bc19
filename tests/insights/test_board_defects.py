"""The defects of other CRMs that must be impossible on the board, each by its name."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.http import HttpResponse
from django.test import Client

from crm.models import User
from crm.rules.roles import Role
from leads.models import Campaign, Lead, Segment, Source
from leads.rules.facts import AssessmentKind
from tests.factories.crm import UserFactory
from tests.factories.funnels import make_rules
from tests.factories.insights_leads import Facts
from tests.factories.leads import judge
from tests.insights.opened import Link, links, links_to
from tests.insights.small_company import ASKED, NOW, Company, make_company

BOARD, LEADS = "/", "/board/leads/"

pytestmark = pytest.mark.django_db
Get = Callable[..., HttpResponse]


@pytest.fixture(autouse=True)
def now() -> Iterator[None]:
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def company() -> Company:
    return make_company()


@pytest.fixture
def get(client_of: Callable[[User], Client]) -> Get:
    def ask(user: User, path: str = BOARD, query: dict[str, Any] | None = None, language: str = "en") -> HttpResponse:
        response: HttpResponse = client_of(user).get(path, query or {}, headers={"accept-language": language})
        return response

    return ask


def _drills(response: HttpResponse) -> list[Link]:
    return list(links_to(response, LEADS))


def _one(response: HttpResponse, words: str) -> Link:
    found = [link for link in links(response) if words in link.told]
    assert found, f"no link says “{words}”"
    return found[0]


# --- Defects that must be impossible --------------------------------------------------------------------------------
def test_D1_lost_and_bouncing_leads_are_counted_once_each(company: Company, get: Get) -> None:
    lost, bouncing = company.leads[1], company.leads[2]
    response = get(company.people[Role.HEAD], query={"period": "all", "age": "none"})
    counted = _one(response, "counted ")
    assert counted.count == Lead.objects.valid().count() == 15
    rows = get(company.people[Role.ADMIN], counted.href).content.decode()
    assert rows.count(lost.code) == rows.count(bouncing.code) == 1


def test_D2_every_criterion_names_its_denominator_and_leads_that_failed_none_stay_in_it(
    company: Company, get: Get
) -> None:
    shown = get(company.people[Role.MARKETER], query={"period": "all", "age": "none"})
    bars = [link.label for link in _drills(shown) if "criterion" in link.query and "in_source" not in link.query]
    spoken = [label for label in bars if label]
    assert len(spoken) >= 3
    for label in spoken:
        assert " of 15" in label
    without = Lead.objects.valid().filter(fail_mask=0).count()
    parts = ("Target: ", "Not decided, in time: ", "Not decided, overdue: ")
    assert sum(_one(shown, part).count for part in parts) == without > 0


def test_D4_disqualified_leads_stay_in_every_denominator(company: Company, get: Get) -> None:
    shown = get(company.people[Role.HEAD], query={"period": "all", "age": "none"})
    non_target = Lead.objects.valid().filter(verdict="NON_TARGET").count()
    assert f"{non_target} of 15" in _one(shown, "Non-target: ").told
    assert company.leads[1].outcome != "LOST" or non_target > 0
    for source in Source.objects.all():
        of_source = Lead.objects.valid().filter(source=source).count()
        assert f" of {of_source} " in _one(shown, f"{source.label}, non-target").told


def test_D8_archived_sources_campaigns_segments_and_people_stay_counted(company: Company, get: Get) -> None:
    query = {"period": "all", "age": "none"}
    before = [link.told for link in _drills(get(company.people[Role.HEAD], query=query))]
    for model in (Source, Campaign, Segment):
        model._default_manager.update(archived_at=NOW)
    company.other.is_active = False
    company.other.save()
    after = get(company.people[Role.HEAD], query=query)
    assert [link.told for link in _drills(after)] == before
    owned = get(company.people[Role.HEAD], query={**query, "owner": company.other.pk})
    assert _one(owned, "counted ").count == 5


def test_D10_all_numbers_of_a_card_are_of_one_scope(company: Company, get: Get) -> None:
    asked = {**ASKED, "age": "7", "source": ["google", "vk"]}
    response = get(company.people[Role.HEAD], query=asked)
    scopes = {_scope(link) for link in _drills(response) if not _is_compared(link)}
    assert scopes == {
        (("age", ("7",)), ("from", ("2026-03-02",)), ("funnel", ("sales",)), ("source", ("google", "vk")),
         ("to", ("2026-03-22",))),
    }  # fmt: skip


def test_D10_what_is_compared_says_of_which_period_it_is(company: Company, get: Get) -> None:
    response = get(company.people[Role.HEAD], query={**ASKED, "age": "7"})
    periods = {
        (link.told.partition(":")[0], link.query["from"][0], link.query["to"][0])
        for link in _drills(response)
        if _is_compared(link)
    }
    assert periods == {("before", "2026-02-09", "2026-03-01"), ("now", "2026-03-02", "2026-03-15")}


def _is_compared(link: Link) -> bool:
    """Tell the two sides of a comparison, each under its own name, from the numbers of the slice."""
    return link.told.startswith(("before: ", "now: "))


def _scope(link: Link) -> tuple[tuple[str, tuple[str, ...]], ...]:
    named = {name: values for name, values in link.query.items() if name in {*SCOPE, *LISTS}}
    return tuple(sorted((name, tuple(values)) for name, values in named.items()))


SCOPE = ("funnel", "from", "to", "period", "age", "as_of")
LISTS = ("source", "campaign", "segment", "owner")


def test_D10_parts_weeks_and_sources_add_up_to_the_n_of_the_headline(company: Company, get: Get) -> None:
    response = get(company.people[Role.HEAD], query=ASKED)
    by_href = {link.href: link.count for link in _drills(response)}
    n = _one(response, "counted ").count
    assert _sum(by_href, "in_week") == _sum(by_href, "in_source") == n
    parts = [{"verdict": "non_target"}, {"verdict": "target"}, {"in_time": "1"}, {"timing": "overdue"}]
    assert sum(_picked(by_href, part) for part in parts) == n


def _sum(counts: dict[str, int], group: str) -> int:
    """Add up the rows of a group that are not narrowed further."""
    return sum(count for href, count in counts.items() if set(_pick(href)) == {group})


def _picked(counts: dict[str, int], pick: dict[str, str]) -> int:
    wanted = {name: [value] for name, value in pick.items()}
    return next((count for href, count in counts.items() if _pick(href) == wanted), 0)


def _pick(href: str) -> dict[str, list[str]]:
    return {name: values for name, values in Link(href, "").query.items() if name not in {*SCOPE, *LISTS}}


@pytest.mark.parametrize(
    "filters",
    [
        {"source": ["vk"]},
        {"segment": ["b2b", "-"]},
        {"campaign": ["google/spring"]},
        {"owner": ["-"]},
        {"source": ["google", "vk"], "segment": ["b2b"], "owner": ["-"], "age": ["none"]},
    ],
)
def test_D11_every_link_to_leads_and_every_file_keeps_the_filters(
    filters: dict[str, list[str]], company: Company, get: Get
) -> None:
    response = get(company.people[Role.MARKETER], query={**ASKED, **filters})
    kept = [link for link in links(response) if link.path == LEADS or link.path.startswith("/board/export/")]
    assert {link.path.split("/")[2] for link in kept} == {"leads", "export"}
    for link in kept:
        assert {name: link.query.get(name) for name in filters} == filters, link.href
        if not _is_compared(link):
            assert (link.query["from"], link.query["to"]) == (["2026-03-02"], ["2026-03-22"])


def test_D11_changing_one_part_of_the_question_keeps_the_others(company: Company, get: Get) -> None:
    filters = {"source": ["vk"], "segment": ["b2b"], "owner": ["-"]}
    response = get(company.people[Role.MARKETER], query={**ASKED, **filters, "age": "none"})
    changes = [link for link in links_to(response, BOARD) if link.query and link.told != "All leads"]
    assert len(changes) > 8
    for link in changes:
        kept = [name for name in filters if link.query.get(name) == filters[name]]
        assert len(kept) >= len(filters) - 1, f"{link.told}: {link.href}"


def test_D13_a_past_instant_is_told_as_it_was_known(company: Company, get: Get) -> None:
    asked = {**ASKED, "age": "none", "as_of": "2026-03-20T12:00:00Z"}
    head = company.people[Role.HEAD]
    before = [link.told for link in _drills(get(head, query=asked))]
    for lead in Lead.objects.valid():
        kind = AssessmentKind.CHANGE if lead.assessments.exists() else AssessmentKind.ASSESS
        judge(lead, at=NOW - timedelta(hours=1), met=("contact_valid", "need", "budget"), kind=kind)
    assert [link.told for link in _drills(get(head, query=asked))] == before
    today = get(head, query={**ASKED, "age": "none"})
    assert _one(today, "Target: ").count == 15


@pytest.mark.parametrize(
    ("query", "named"),
    [
        ({"sorce": "vk"}, "sorce"),
        ({"source": "gogle"}, "gogle"),
        ({"campaign": "google/autumn"}, "google/autumn"),
        ({"segment": "b2x"}, "b2x"),
        ({"owner": "999999"}, "999999"),
        ({"owner": "north"}, "north"),
        ({"age": "seven"}, "seven"),
        ({"age": ["7", "14"]}, "7, 14"),
        ({"from": "2026-02-30"}, "2026-02-30"),
        ({"period": "ages"}, "ages"),
        ({"funnel": "other"}, "other"),
        ({"as_of": "yesterday"}, "yesterday"),
    ],
)
def test_D15_what_is_not_understood_is_named_and_nothing_counted(query: dict[str, Any], named: str, get: Get) -> None:
    Facts(make_rules()).campaign("google", "spring")
    marketer = UserFactory(role=Role.MARKETER)
    for path in (BOARD, LEADS, "/board/export/quality.csv"):
        response = get(marketer, path, query)
        assert response.status_code == 400
        assert f"“{named}”" in response.content.decode()
        assert _drills(response) == []


def test_an_unknown_table_is_not_found(company: Company, get: Get) -> None:
    response = get(company.people[Role.ADMIN], "/board/export/happiness.csv")
    assert response.status_code == 404
    assert "happiness" in response.content.decode()
