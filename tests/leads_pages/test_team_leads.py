"""What a manager learns of a colleague's leads when the organisation lets managers see those of their team."""

from collections.abc import Callable
from datetime import datetime
from http import HTTPStatus
from typing import Any

import pytest
from django.test import Client

from crm.models import User
from crm.operations import settings
from crm.rules.permissions import Permission
from crm.rules.roles import Role
from leads.models import Lead, Touch, Transition
from tests.factories.crm import TeamFactory, UserFactory
from tests.leads_pages.conftest import EMAIL, NAME, PHONE, SECRETS

ClientOf = Callable[[User], Client]


@pytest.fixture
def colleague(manager: User) -> User:
    return UserFactory(role=Role.MANAGER, team=manager.team, name="The Colleague")


@pytest.fixture
def let_in(now: datetime, db: None) -> None:
    settings.change(by=None, at=now, managers_see_team=True)


def codes(client: Client, query: str = "") -> set[str]:
    return {row.code for row in client.get(f"/leads/{query}").context["rows"]}


def test_without_the_setting_a_colleagues_lead_does_not_exist(lead: Lead, colleague: User, client_of: ClientOf) -> None:
    client = client_of(colleague)
    assert codes(client) == set()
    assert client.get(f"/leads/{lead.code}/").status_code == HTTPStatus.NOT_FOUND


def test_a_setting_taken_back_holds_no_more(
    lead: Lead, colleague: User, client_of: ClientOf, now: datetime, let_in: None
) -> None:
    assert codes(client_of(colleague)) == {lead.code}
    settings.change(by=None, at=now.replace(year=now.year + 1), managers_see_team=False)
    assert codes(client_of(colleague)) == set()


def test_a_colleagues_lead_is_read_without_who_it_is(
    lead: Lead, colleague: User, client_of: ClientOf, let_in: None
) -> None:
    client = client_of(colleague)
    assert codes(client) == {lead.code}
    for url in ("/leads/", f"/leads/{lead.code}/", "/leads/?owner=" + str(lead.owner_id)):
        response = client.get(url)
        assert response.status_code == HTTPStatus.OK
        assert [secret for secret in SECRETS if secret in response.content.decode()] == []


@pytest.mark.parametrize("text", [NAME, PHONE, EMAIL])
def test_a_colleagues_lead_is_not_found_by_who_it_is(
    text: str, lead: Lead, colleague: User, manager: User, client_of: ClientOf, let_in: None
) -> None:
    assert codes(client_of(manager), f"?q={text}".replace("+", "%2B")) == {lead.code}
    assert codes(client_of(colleague), f"?q={text}".replace("+", "%2B")) == set()


@pytest.mark.parametrize("act", ["judge", "lose", "touch", "move", "win", "reopen", "assign"])
def test_nothing_is_done_to_a_colleagues_lead(
    act: str, lead: Lead, colleague: User, client_of: ClientOf, let_in: None, post: Callable[..., Any]
) -> None:
    assert client_of(colleague).get(f"/leads/{lead.code}/").context["forms"] == {}
    response = post(colleague, act, lead, to="contacted", reasons=["price"], channel="call", result="reached")
    assert response.status_code == HTTPStatus.NOT_FOUND
    assert Transition.objects.filter(lead=lead).count() == 1
    assert not Touch.objects.exists()


def test_another_teams_lead_stays_out_of_sight(
    foreign: Lead, lead: Lead, manager: User, client_of: ClientOf, let_in: None
) -> None:
    assert codes(client_of(manager)) == {lead.code}
    assert client_of(manager).get(f"/leads/{foreign.code}/").status_code == HTTPStatus.NOT_FOUND


@pytest.mark.parametrize("permission", Permission)
def test_one_lead_is_reached_exactly_when_it_is_among_those_reached(
    permission: Permission, lead: Lead, foreign: Lead, colleague: User, users: dict[Role, User], take_in: Any
) -> None:
    take_in(name="Nobody's")
    lonely = [UserFactory(role=role, team=None) for role in (Role.HEAD, Role.MANAGER)]
    south = UserFactory(role=Role.HEAD, team=TeamFactory(name="West"))
    for person in (*users.values(), colleague, *lonely, south):
        reached = set(Lead.objects.all().reached(person, permission))
        assert {one for one in Lead.objects.all() if one.is_reached(person, permission)} == reached
