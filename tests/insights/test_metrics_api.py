"""The numbers for programs: keys with the scope read them, of their sources only; a refusal points at its parameter."""

from collections.abc import Callable
from datetime import UTC, datetime
from http import HTTPStatus
from typing import Any

import pytest
from django.test import Client

from crm.operations import keys
from crm.rules.scopes import Scope
from tests.factories.funnels import make_rules
from tests.factories.leads import make_lead

LONG_AGO = datetime(2026, 1, 1, tzinfo=UTC)
QUALITY = "/api/v1/metrics/quality"

pytestmark = pytest.mark.django_db
Ask = Callable[..., Any]


@pytest.fixture(autouse=True)
def three_leads() -> None:
    rules = make_rules()
    for source in ("google", "google", "vk"):
        make_lead(rules, source=source)


def asking(*scopes: str, sources: tuple[str, ...] = ()) -> Ask:
    issued = keys.issue(name="BI", scopes=scopes, sources=sources, by=None, at=LONG_AGO)

    def ask(query: dict[str, Any] | None = None, *, status: int = HTTPStatus.OK) -> Any:
        response = Client().get(QUALITY, query or {}, headers={"authorization": f"Bearer {issued.token}"})
        assert response.status_code == status, response.content.decode()
        return response.json()

    return ask


def test_a_key_with_the_scope_reads_the_numbers() -> None:
    ask = asking(Scope.READ_METRICS)
    assert ask()["total"]["n"] == 3
    assert ask({"source": ["google", "vk"]})["total"]["n"] == 3


@pytest.mark.parametrize("scope", sorted(set(Scope) - {Scope.READ_METRICS}))
def test_a_key_without_the_scope_does_not(scope: str) -> None:
    asking(scope)(status=HTTPStatus.FORBIDDEN)


def test_a_key_for_some_sources_counts_no_others() -> None:
    ask = asking(Scope.READ_METRICS, sources=("google",))
    found = ask({"group_by": "source"})
    assert found["slice"]["source"] == "google"
    assert found["bridge"]["received"] == found["total"]["n"] == 2
    assert [row["key"]["source"] for row in found["rows"]] == ["google"]
    assert ask({"source": ""})["total"]["n"] == 2


@pytest.mark.parametrize("source", ["vk", ["google", "vk"], "never heard of"])
def test_a_key_for_some_sources_is_refused_others(source: str | list[str]) -> None:
    refused = asking(Scope.READ_METRICS, sources=("google",))({"source": source}, status=HTTPStatus.FORBIDDEN)
    assert refused["code"] == "source_not_allowed"


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ({"sorce": "google"}, "unknown_parameter"),
        ({"source": "gogle"}, "unknown_value"),
        ({"age": "9" * 5000}, "unknown_value"),
        ({"age": ["1", "2"]}, "repeated_parameter"),
        ({"group_by": "colour"}, "unknown_value"),
    ],
)
def test_a_refusal_points_at_its_parameter(query: dict[str, Any], code: str) -> None:
    refused = asking(Scope.READ_METRICS)(query, status=HTTPStatus.BAD_REQUEST)
    (error,) = refused["errors"]
    assert (error["pointer"], error["code"]) == (f"/{next(iter(query))}", code)
