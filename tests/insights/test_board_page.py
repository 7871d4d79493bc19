"""The board: one slice, the same numbers everywhere on the page, nobody's contacts."""

import csv
import io
import re
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.db import connection
from django.http import HttpResponse
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils.html import escape

from crm.models import User
from crm.rules.formulas import is_formula
from crm.rules.roles import Role
from insights.queries.catalogue import CATALOGUE
from insights.queries.quality import quality
from insights.rules.slice import GroupBy, Slice
from insights.views.pages import PAGES
from tests.factories.crm import OrganisationSettingsFactory, UserFactory
from tests.factories.funnels import make_rules
from tests.factories.leads import MONDAY, judge, make_lead
from tests.insights.opened import Link, links, links_to, listed
from tests.insights.small_company import ANSWERS, ASKED, EVIL_SOURCE, NOW, Company, make_company

BOARD, LEADS = "/", "/board/leads/"
BUDGET = 90
PERCENT = re.compile(r"\d[\d.]*%")
TICKS = ("0%", "2%", "5%", "10%", "15%", "20%", "25%", "50%", "75%", "80%", "90%", "95%", "100%")  # of axes, norms
MASKED = (Role.MARKETER, Role.EXECUTIVE)

BY_ANYTHING = sorted(code for code in CATALOGUE if GroupBy.OWNER in CATALOGUE[code].groups)

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


def test_without_rules_the_board_leads_to_them(users: dict[Role, User], client_of: Callable[[User], Client]) -> None:
    page = client_of(users[Role.EXECUTIVE]).get(BOARD).content.decode().partition("<main")[2]
    assert 'href="/rules/"' in page
    assert "manage.py" not in page


# --- Who sees it ----------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("path", [BOARD, LEADS, "/board/definitions/", "/board/export/quality.csv"])
def test_a_stranger_is_asked_to_sign_in(path: str) -> None:
    response = Client().get(path)
    assert response.status_code == 302
    assert response["Location"].startswith(reverse("crm:login"))


@pytest.mark.parametrize("language", ["en", "ru"])
def test_every_role_reads_the_same_numbers_in_both_languages(language: str, company: Company, get: Get) -> None:
    told = set()
    for user in company.people.values():
        response = get(user, query=ASKED, language=language)
        assert response.status_code == 200
        assert f'<html lang="{language}"' in response.content.decode()
        told.add(tuple((link.href, link.told) for link in _drills(response)))
    assert [len(links) > 50 for links in told] == [True]


def test_no_role_is_told_on_the_board_whose_leads_they_are(company: Company, get: Get) -> None:
    for user in company.people.values():
        for query in (ASKED, {**ASKED, "age": "none"}, {"period": "all", "owner": company.other.pk}):
            shown = get(user, query=query).content.decode()
            assert [secret for secret in company.secrets if escape(secret) in shown] == []


@pytest.mark.parametrize("code", BY_ANYTHING)
def test_no_role_is_told_so_in_numbers_for_programs_and_spreadsheets(code: str, company: Company, get: Get) -> None:
    for user in company.people.values():
        for path in (f"/api/v1/metrics/{code}", f"/board/export/{code}.csv"):
            response = get(user, path, {**ASKED, "group_by": "owner"})
            assert response.status_code == 200
            assert [secret for secret in company.secrets if secret in response.content.decode()] == []


# --- Every number opens ---------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("role", "narrowed"),
    [*((role, {}) for role in Role), (Role.MARKETER, {"age": "none", "source": "google"})],
)
def test_every_number_opens_to_as_many_leads(
    role: Role, narrowed: dict[str, str], company: Company, get: Get, client_of: Callable[[User], Client]
) -> None:
    promised = {(link.href, link.count) for link in _drills(get(company.people[role], query=ASKED | narrowed))}
    client = client_of(company.people[role])
    for href, count in promised:
        response = client.get(href, headers={"accept-language": "en"})
        assert (response.status_code, listed(response)) == (200, count), href


def test_one_address_never_promises_two_counts(company: Company, get: Get) -> None:
    promised: dict[str, set[int]] = {}
    for link in _drills(get(company.people[Role.ADMIN], query=ASKED)):
        promised.setdefault(link.href, set()).add(link.count)
    assert {href: counts for href, counts in promised.items() if len(counts) > 1} == {}


def test_the_numbers_are_those_of_the_query(company: Company, get: Get) -> None:
    response = get(company.people[Role.HEAD], query={"period": "all", "age": "none"})
    total = quality(slice=Slice(funnel="sales"), at=NOW).total
    assert total.n == 15
    assert _one(response, "counted ").count == total.n
    assert _one(response, "Target: ").count == total.target
    assert _one(response, "Non-target: ").count == total.non_target
    assert _one(response, "received").count == 17
    assert (_one(response, "duplicates").count, _one(response, "tests").count) == (1, 1)


# --- Zeros and emptiness --------------------------------------------------------------------------------------------
def test_before_there_is_a_funnel_the_board_leads_to_the_rules(get: Get) -> None:
    response = get(UserFactory(role=Role.ADMIN))
    assert response.status_code == 200
    assert f'href="{reverse("rules:overview")}">To the rules</a>' in response.content.decode()


def test_a_slice_without_leads_says_so_and_draws_nothing(company: Company, get: Get) -> None:
    response = get(company.people[Role.HEAD], query={"from": "2025-01-06", "to": "2025-01-12"})
    shown = response.content.decode()
    assert response.status_code == 200
    assert shown.count("No leads") >= 3
    assert "%" not in "".join(link.told for link in _drills(response))
    assert '<svg class="chart' not in shown
    assert {link.count for link in _drills(response)} == {0}


def test_a_zero_is_a_zero_and_has_no_mark(get: Get) -> None:
    rules, head = make_rules(), UserFactory(role=Role.HEAD)
    for _ in range(12):
        judge(make_lead(rules, at=MONDAY), at=MONDAY, met=("contact_valid", "need", "budget"))
    response = get(head, query=ASKED)
    assert [link.count for link in _drills(response) if link.label.startswith("Non-target: ")] == [0], (
        "the phone's list"
    )
    assert "Non-target: 0 of 12 — 0.0%" in response.content.decode()
    assert "0 of 12 — 0.0%" in _one(response, "google, non-target").told
    assert _one(get(head, "/board/sources/", ASKED), "google, no need").told.endswith("0 of 12 — 0.0%")


def test_fewer_than_ten_leads_have_no_percentages(get: Get) -> None:
    rules, head = make_rules(), UserFactory(role=Role.HEAD)
    for answers in ANSWERS:
        lead = make_lead(rules, at=MONDAY)
        if answers:
            judge(lead, at=MONDAY, **answers)
    response = get(head, query=ASKED)
    assert [link.told for link in _drills(response) if "%" in link.told] == []
    assert [share for share in PERCENT.findall(response.content.decode()) if share not in TICKS] == []


def test_the_smallest_samples_are_those_the_organisation_agreed_on(company: Company, get: Get) -> None:
    head = company.people[Role.HEAD]
    assert "fewer than 30 leads" in get(head, query=ASKED).content.decode()
    OrganisationSettingsFactory(valid_from_at=MONDAY, minimum_sample_to_show=100, minimum_sample_to_rank=2)
    response = get(head, query=ASKED)
    assert "fewer than 2 leads" in response.content.decode()
    assert [link.told for link in _drills(response) if "%" in link.told] == []


@pytest.mark.parametrize("path", [BOARD, LEADS, "/board/definitions/", "/board/export/quality.csv"])
def test_a_page_answers_a_request_for_its_head_alone(
    path: str, company: Company, client_of: Callable[[User], Client]
) -> None:
    assert client_of(company.people[Role.HEAD]).head(path).status_code == 200


# --- Files ----------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("code", BY_ANYTHING)
def test_a_file_holds_the_numbers_and_no_formulas(code: str, company: Company, get: Get) -> None:
    by = CATALOGUE[code].groups[0].value
    response = get(company.people[Role.EXECUTIVE], f"/board/export/{code}.csv", {**ASKED, "group_by": by})
    told = response.content.decode()
    rows = list(csv.reader(io.StringIO(told.removeprefix("\ufeff"))))
    assert told.startswith("\ufeff"), "spreadsheets would take UTF-8 for another code page"
    assert response["Content-Disposition"].startswith(f'attachment; filename="razbor-{code}-')
    assert len({len(row) for row in rows}) == 1
    assert by != "source" or f"'{EVIL_SOURCE}" in {row[0] for row in rows}
    words = [cell for row in rows[1:] for cell in row if not _is_number(cell)]
    assert [cell for cell in words if is_formula(cell)] == []


def _is_number(cell: str) -> bool:
    try:
        float(cell)
    except ValueError:
        return False
    return True


def test_files_linked_from_the_board_open(company: Company, get: Get) -> None:
    user = company.people[Role.EXECUTIVE]
    found = [link for link in links(get(user, query=ASKED)) if link.path.endswith((".csv", ".xlsx"))]
    files = {link.href for link in found}
    drawn = [page for page in PAGES.values() if page.code != "where_lost"]  # no week is ripe at the second age yet
    tables = {f"{metric}.csv" for page in drawn for metric in page.metrics}
    assert {link.path.rpartition("/")[2] for link in found} == tables | {f"{page.code}.xlsx" for page in drawn}
    assert {get(user, href).status_code for href in files} == {200}


# --- Cost -----------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("query", [ASKED, {"period": "all", "age": "none"}, {**ASKED, "as_of": "2026-03-20"}])
def test_the_board_asks_the_database_as_often_for_many_leads_as_for_few(
    query: dict[str, str], get: Get, client_of: Callable[[User], Client], django_assert_max_num_queries: Any
) -> None:
    company = make_company(leads=10)
    client = client_of(company.people[Role.HEAD])
    client.get(BOARD, query)
    with CaptureQueriesContext(connection) as few:
        client.get(BOARD, query)
    for number in range(30):
        make_lead(company.rules, at=MONDAY + timedelta(hours=number), source=("google", "vk")[number % 2])
    with django_assert_max_num_queries(min(BUDGET, len(few))):
        client.get(BOARD, query)
