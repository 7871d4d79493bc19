"""A slice centuries wide, or leads of many years, must not make a page no browser can open."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from http import HTTPStatus

import pytest
import time_machine
from django.test import Client

from crm.models import User
from tests.factories.funnels import Rules, make_rules
from tests.factories.leads import MONDAY, make_lead
from tests.insights.opened import panel_of

WIDE = {"from": "1990-01-01", "to": "2100-12-31"}
LARGEST_PAGE = 400_000
WEEK = timedelta(weeks=1)
YEAR = 53  # weeks

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def now() -> Iterator[None]:
    with time_machine.travel(MONDAY + WEEK, tick=False):
        yield


@pytest.fixture
def rules() -> Rules:
    return make_rules()


@pytest.fixture
def reader(client_of: Callable[[User], Client], admin: User) -> Client:
    client = client_of(admin)
    client.defaults["HTTP_ACCEPT_LANGUAGE"] = "en"
    return client


def test_a_slice_of_centuries_is_as_short_as_its_leads(rules: Rules, reader: Client) -> None:
    make_lead(rules)
    response = reader.get("/", WIDE)
    assert response.status_code == HTTPStatus.OK
    assert len(response.content) < LARGEST_PAGE
    found = reader.get("/api/v1/metrics/quality", WIDE | {"group_by": "week"}).json()
    assert [row["key"]["week"] for row in found["rows"]] == ["2026-W10"]


def test_a_drawing_holds_a_year_and_says_what_it_leaves_out(rules: Rules, reader: Client) -> None:
    make_lead(rules, at=MONDAY - YEAR * WEEK)
    make_lead(rules)
    page = reader.get("/", {"period": "all"})
    content = page.content.decode()
    assert "1 earlier week is not drawn" in content
    assert content.count("Week 9, from") + content.count("Week 10, from") > 0
    assert len(panel_of(page, "weeks").lines) == YEAR + 1
    assert page.context["numbers"].n == 2
    assert len(reader.get("/api/v1/metrics/quality", {"group_by": "week"}).json()["rows"]) == YEAR + 1


def test_a_year_is_drawn_whole(rules: Rules, reader: Client) -> None:
    make_lead(rules, at=MONDAY - (YEAR - 1) * WEEK)
    make_lead(rules)
    assert "not drawn" not in reader.get("/", {"period": "all"}).content.decode()


@pytest.mark.parametrize("week", ["9999-W52", "2200-W01", "1998-W52", "0206-W09", f"{'9' * 5000}-W01"])
def test_a_week_of_another_age_is_refused(rules: Rules, reader: Client, week: str) -> None:
    assert reader.get("/board/leads/", {"in_week": week}).status_code == HTTPStatus.BAD_REQUEST


@pytest.mark.parametrize(
    "query",
    [
        {"age": "9" * 5000},
        {"period": f"{'9' * 5000}w"},
        {"owner": "9" * 5000},
        {"from": "9" * 5000},
        {"page": "9" * 5000},
    ],
)
def test_endless_digits_are_refused(rules: Rules, reader: Client, query: dict[str, str]) -> None:
    for path in ("/", "/api/v1/metrics/quality", "/board/export/quality.csv"):
        response = reader.get(path, query)
        assert response.status_code == HTTPStatus.BAD_REQUEST, path
