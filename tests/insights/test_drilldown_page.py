"""The leads behind a number: exactly those that were counted, contacts only for those who may know them."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any
from urllib.parse import urlencode

import pytest
import time_machine
from django.db import connection
from django.db.models import QuerySet
from django.http import HttpResponse
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils.html import escape

from crm.models import User
from crm.rules.roles import Role
from leads.models import Lead
from tests.factories.crm import UserFactory
from tests.factories.funnels import make_rules
from tests.factories.insights_leads import Facts
from tests.factories.leads import MONDAY, judge, make_lead
from tests.insights.opened import links, links_to, listed
from tests.insights.small_company import ASKED, NOW, Company, make_company

LEADS = "/board/leads/"
EVER = {"period": "all", "age": "none"}
BUDGET = 25
PAGE = 50

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
    def ask(user: User, query: dict[str, Any] | None = None, language: str = "en", path: str = LEADS) -> HttpResponse:
        response: HttpResponse = client_of(user).get(path, query or {}, headers={"accept-language": language})
        return response

    return ask


def _shown(response: HttpResponse, secrets: set[str]) -> set[str]:
    content = response.content.decode()
    return {secret for secret in secrets if escape(secret) in content}


def _rows(response: HttpResponse) -> int:
    return response.content.decode().count("<tr") - 1


# --- What is listed -------------------------------------------------------------------------------------------------
def test_exactly_the_leads_that_were_counted(company: Company, get: Get) -> None:
    valid = Lead.objects.valid()
    expected: list[tuple[dict[str, str], QuerySet[Lead]]] = [
        ({}, valid),
        ({"verdict": "target"}, valid.filter(verdict="TARGET")),
        ({"verdict": "non_target"}, valid.filter(verdict="NON_TARGET")),
        ({"verdict": "undecided"}, valid.filter(verdict="UNDECIDED")),
        ({"decided": "1"}, valid.exclude(verdict="UNDECIDED")),
        ({"in_source": "vk"}, valid.filter(source__code="vk")),
        ({"in_campaign": "-"}, valid.filter(campaign__isnull=True)),
        ({"kind": "received"}, Lead.objects.all()),
        ({"kind": "test"}, Lead.objects.filter(is_test=True)),
        ({"kind": "duplicate"}, Lead.objects.filter(duplicate_of__isnull=False)),
    ]
    for pick, leads in expected:
        response = get(company.people[Role.ADMIN], {**EVER, **pick})
        assert listed(response) == _rows(response) == len(leads) > 0, pick
        assert all(lead.code in response.content.decode() for lead in leads), pick


@pytest.mark.parametrize("language", ["en", "ru"])
def test_every_role_opens_a_number_in_both_languages(language: str, company: Company, get: Get) -> None:
    for user in company.people.values():
        response = get(user, {**EVER, "verdict": "non_target"}, language)
        assert response.status_code == 200
        assert f'<html lang="{language}"' in response.content.decode()
        assert listed(response) == _rows(response) == Lead.objects.valid().filter(verdict="NON_TARGET").count()


def test_nothing_behind_a_zero(company: Company, get: Get) -> None:
    response = get(company.people[Role.HEAD], {"from": "2025-01-06", "to": "2025-01-12", "verdict": "target"})
    assert response.status_code == 200
    assert listed(response) == 0
    assert "No leads" in response.content.decode()


def test_a_long_list_is_turned_page_by_page_without_losing_the_question(company: Company, get: Get) -> None:
    for number in range(PAGE + 5):
        make_lead(company.rules, at=MONDAY + timedelta(minutes=number), source="vk", segment="b2b")
    asked = {**EVER, "segment": "b2b", "verdict": "undecided"}
    admin = company.people[Role.ADMIN]
    first = get(admin, asked)
    assert listed(first) > PAGE
    (older,) = [link for link in links(first) if link.query.get("page") == ["2"]]
    assert {name: older.query[name] for name in asked} == {name: [value] for name, value in asked.items()}
    second = get(admin, path=LEADS + older.href)
    assert listed(second) == listed(first)
    assert _rows(first) + _rows(second) == listed(first)
    codes = [{link.path for link in links(page) if link.path.startswith("/leads/")} for page in (first, second)]
    assert codes[0] & codes[1] <= {"/leads/", "/leads/new/"}


def test_a_page_beyond_the_last_does_not_fail(company: Company, get: Get) -> None:
    for page in ("", "999"):
        response = get(company.people[Role.ADMIN], {**EVER, "page": page})
        assert (response.status_code, listed(response)) == (200, 15), page


@pytest.mark.parametrize("page", ["0", "-1", "abc", "9" * 30, "1e3", "²", ["1", "2"]])
def test_D15_what_is_no_page_is_refused(page: str | list[str], company: Company, get: Get) -> None:
    response = get(company.people[Role.ADMIN], {**EVER, "page": page})
    assert response.status_code == 400
    assert "“page”" in response.content.decode()


@pytest.mark.parametrize(
    ("pick", "one", "other"),
    [
        ({"kind": "duplicate", "verdict": "target"}, "kind=duplicate", "verdict=target"),
        ({"kind": "test", "decided": "1"}, "kind=test", "decided=1"),
        ({"kind": "received", "criterion": "need"}, "kind=received", "criterion=need"),
        ({"timing": "overdue", "verdict": "target"}, "verdict=target", "timing=overdue"),
        ({"in_time": "1", "verdict": "non_target"}, "verdict=non_target", "in_time=1"),
        ({"criterion": "need", "verdict": "target"}, "verdict=target", "criterion=need"),
        ({"criterion": "need", "verdict": "undecided"}, "verdict=undecided", "criterion=need"),
        ({"assessed": "need", "verdict": "undecided"}, "verdict=undecided", "assessed=need"),
        ({"decided": "1", "verdict": "undecided"}, "verdict=undecided", "decided=1"),
        ({"decided": "1", "timing": "untouched"}, "decided=1", "timing=untouched"),
        ({"criterion": "need", "in_time": "1"}, "criterion=need", "in_time=1"),
        ({"in_time": "1", "timing": "overdue"}, "timing=overdue", "in_time=1"),
    ],
)
def test_D15_parts_that_contradict_each_other_are_refused_by_name(
    pick: dict[str, str], one: str, other: str, company: Company, get: Get
) -> None:
    response = get(company.people[Role.ADMIN], {**EVER, **pick})
    assert response.status_code == 400
    assert f"“{one}” and “{other}”" in response.content.decode()


def test_parts_that_say_the_same_twice_agree(company: Company, get: Get) -> None:
    non_target = Lead.objects.valid().filter(verdict="NON_TARGET")
    for pick in ({"decided": "1"}, {"kind": "valid"}, {"decided": "1", "in_source": "vk"}):
        response = get(company.people[Role.ADMIN], {**EVER, "verdict": "non_target", **pick})
        expected = non_target.filter(source__code="vk") if "in_source" in pick else non_target
        assert listed(response) == expected.count() > 0
        assert "Non-target leads" in response.content.decode()
    for pick in ({"timing": "in_sla", "in_time": "1"}, {"timing": "overdue", "verdict": "undecided"}):
        assert get(company.people[Role.ADMIN], {**EVER, **pick}).status_code == 200


# --- Who may know whom ----------------------------------------------------------------------------------------------
@pytest.mark.parametrize("role", [Role.MARKETER, Role.EXECUTIVE])
def test_masked_roles_get_no_name_phone_or_email(role: Role, company: Company, get: Get) -> None:
    for kind in ("received", "valid", "duplicate", "test"):
        response = get(company.people[role], {**EVER, "kind": kind})
        assert listed(response) > 0
        assert _shown(response, company.secrets) == set()


def test_a_manager_knows_only_their_own_leads(company: Company, get: Get) -> None:
    manager = company.people[Role.MANAGER]
    own = list(Lead.objects.filter(owner=manager))
    others = [lead for lead in company.leads if lead.owner_id != manager.pk and lead.contact not in _contacts(own)]
    response = get(manager, {**EVER, "kind": "received"})
    content = response.content.decode()
    assert listed(response) == _rows(response) == 17
    assert _shown(response, company.secrets_of(others)) == set()
    assert all(escape(lead.contact.name) in content for lead in own)
    assert [lead.code for lead in others if lead.code in content] == []


def test_a_head_does_not_know_the_leads_of_another_team(company: Company, get: Get) -> None:
    head = company.people[Role.HEAD]
    foreign = list(Lead.objects.filter(owner=company.other))
    response = get(head, {**EVER, "kind": "received"})
    assert foreign
    assert _shown(response, company.secrets_of(foreign)) == set()
    assert all(
        escape(lead.contact.name) in response.content.decode() for lead in Lead.objects.filter(owner__team=head.team)
    )


def _contacts(leads: list[Lead]) -> list[Any]:
    return [lead.contact for lead in leads]


def test_every_lead_a_list_links_to_opens(company: Company, get: Get) -> None:
    for role, user in company.people.items():
        cards = {link.href for link in links(get(user, EVER)) if link.path.startswith("/leads/L")}
        assert {get(user, path=href).status_code for href in cards} <= {200}, role


@pytest.mark.parametrize("role", [Role.MARKETER, Role.EXECUTIVE])
def test_masked_roles_get_no_name_phone_or_email_on_the_card_and_in_the_list_of_leads(
    role: Role, company: Company, get: Get
) -> None:
    paths = ["/leads/", *(f"/leads/{lead.code}/" for lead in company.leads[:6])]
    for path in paths:
        assert _shown(get(company.people[role], path=path), company.secrets) == set()


# --- The question survives ------------------------------------------------------------------------------------------
def test_D11_the_list_repeats_the_filters_and_leads_back_to_the_same_board(company: Company, get: Get) -> None:
    asked = {**ASKED, "age": "none", "source": ["google", "vk"], "segment": ["b2b"], "owner": [str(company.other.pk)]}
    response = get(company.people[Role.MARKETER], {**asked, "verdict": "non_target"})
    content = response.content.decode()
    assert all(words in content for words in ("google, vk", "b2b", "Other Manager", "no limit"))
    (back,) = [link for link in links_to(response, "/") if "To the board" in link.told]
    assert {name: back.query[name] for name in asked} == {
        name: value if isinstance(value, list) else [value] for name, value in asked.items()
    }


def test_D11_a_filter_narrows_the_list_as_it_narrows_the_number(company: Company, get: Get) -> None:
    valid = Lead.objects.valid()
    narrowed = {"source": ["vk"], "segment": ["b2b"], "owner": [str(company.people[Role.MANAGER].pk)]}
    expected = valid.filter(source__code="vk", segment__code="b2b", owner=company.people[Role.MANAGER]).count()
    assert listed(get(company.people[Role.HEAD], {**EVER, **narrowed})) == expected > 0


def test_D13_the_list_shows_the_verdict_that_was_counted_and_not_todays(company: Company, get: Get) -> None:
    lead = next(lead for lead in company.leads[:15] if not lead.assessments.exists())
    judge(lead, at=NOW - timedelta(hours=2), failed=("need",))
    past = {**EVER, "as_of": "2026-03-20T12:00:00Z"}
    admin = company.people[Role.ADMIN]
    assert lead.code in get(admin, {**past, "verdict": "undecided"}).content.decode()
    assert lead.code not in get(admin, {**past, "verdict": "non_target"}).content.decode()
    assert "no need" not in get(admin, {**past, "verdict": "undecided"}).content.decode()
    assert lead.code in get(admin, {**EVER, "verdict": "non_target"}).content.decode()


@pytest.mark.parametrize(
    ("pick", "named"),
    [
        ({"verdict": "GOOD"}, "GOOD"),
        ({"kind": "spam"}, "spam"),
        ({"timing": "late"}, "late"),
        ({"criterion": "colour"}, "colour"),
        ({"assessed": "colour"}, "colour"),
        ({"sole": "1"}, "1"),
        ({"decided": "yes"}, "yes"),
        ({"in_source": "gogle"}, "gogle"),
        ({"in_week": "2026-W60"}, "2026-W60"),
        ({"in_owner": "x"}, "x"),
        ({"in_source": "vk", "in_segment": "b2b"}, "b2b"),
        ({"verdikt": "target"}, "verdikt"),
        ({"verdict": "TARGET"}, "TARGET"),
    ],
)
def test_D15_an_unknown_part_is_named_and_no_leads_listed(pick: dict[str, str], named: str, get: Get) -> None:
    facts = Facts(make_rules())
    facts.source("vk")
    facts.segment("b2b")
    response = get(UserFactory(role=Role.ADMIN), {**EVER, **pick})
    assert response.status_code == 400
    assert f"“{named}”" in response.content.decode()
    assert "<tr" not in response.content.decode()


# --- Cost -----------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("role", [Role.ADMIN, Role.MANAGER, Role.MARKETER])
@pytest.mark.parametrize("asked", [EVER, {**EVER, "as_of": "2026-03-20"}], ids=["now", "past"])
def test_a_list_asks_the_database_as_often_for_many_leads_as_for_few(
    role: Role, asked: dict[str, str], client_of: Callable[[User], Client], django_assert_max_num_queries: Any
) -> None:
    company = make_company(leads=10)
    client = client_of(company.people[role])
    path = f"{LEADS}?{urlencode({**asked, 'verdict': 'undecided'})}"
    client.get(path)
    with CaptureQueriesContext(connection) as few:
        client.get(path)
    for number in range(30):
        owner = company.people[Role.MANAGER].email if number % 2 else company.other.email
        make_lead(company.rules, at=MONDAY + timedelta(hours=number), owner=owner, phone=f"+791722088{10 + number}")
    with django_assert_max_num_queries(min(BUDGET, len(few))):
        client.get(path)
