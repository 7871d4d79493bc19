"""Of the leads behind a number a salesperson may open only their own: the list says how many, and leads to these."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
import time_machine
from django.http import HttpResponse
from django.test import Client

from crm.models import User
from crm.rules.roles import Role
from tests.insights.opened import links, listed
from tests.insights.small_company import NOW, Company, make_company

EVER = {"period": "all", "age": "none"}

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
    def ask(user: User, query: dict[str, Any]) -> HttpResponse:
        response: HttpResponse = client_of(user).get("/board/leads/", query, headers={"accept-language": "en"})
        return response

    return ask


def test_who_may_open_only_their_own_is_led_to_these(company: Company, get: Get) -> None:
    manager = company.people[Role.MANAGER]
    asked = {**EVER, "verdict": "undecided"}
    response = get(manager, asked)
    (own,) = [link for link in links(response) if link.told.startswith("Yours among them")]
    narrowed = get(manager, {**asked, "owner": manager.pk})
    assert 0 < own.count == listed(narrowed) < listed(response)
    assert own.query["owner"] == [str(manager.pk)]
    assert "not yours to open" not in narrowed.content.decode()


@pytest.mark.parametrize("narrower", ["owner", "in_owner"])
def test_nobody_is_led_from_their_own_to_their_own(narrower: str, company: Company, get: Get) -> None:
    manager = company.people[Role.MANAGER]
    assert "Yours among them" not in get(manager, {**EVER, narrower: manager.pk}).content.decode()


@pytest.mark.parametrize("role", [role for role in Role if role is not Role.MANAGER])
def test_who_may_open_more_than_their_own_is_not_narrowed_to_these(role: Role, company: Company, get: Get) -> None:
    assert "Yours among them" not in get(company.people[role], EVER).content.decode()
