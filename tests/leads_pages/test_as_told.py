"""A phone nobody could read is shown as told, to those who may know phones."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.test import Client

from crm.models import User
from crm.operations import keys
from leads.models import Lead
from tests.leads_pages.conftest import TakeIn

ClientOf = Callable[[User], Client]
PHONE, EMAIL = "8 917 220-14-", "elkina(at)example"


@pytest.fixture
def unread(take_in: TakeIn, manager: User) -> Lead:
    return take_in(owner=manager, name="Anna", phone=PHONE, email=EMAIL)


def test_the_card_shows_it_as_told(client_of: ClientOf, manager: User, unread: Lead) -> None:
    card = client_of(manager).get(f"/leads/{unread.code}/").content.decode()
    assert PHONE in card
    assert EMAIL in card


@pytest.mark.parametrize("path", ["/leads/", "/leads/{code}/", "/api/v1/leads", "/api/v1/leads/{code}"])
def test_masked_roles_are_not_told(
    path: str, client_of: ClientOf, marketer: User, executive: User, unread: Lead
) -> None:
    for person in (marketer, executive):
        response = client_of(person).get(path.format(code=unread.code))
        assert response.status_code == 200
        assert PHONE not in response.content.decode()
        assert EMAIL not in response.content.decode()


def test_a_key_without_contacts_is_not_told(client: Client, unread: Lead) -> None:
    told = {}
    for scopes in (["leads:read"], ["leads:read", "pii:read"]):
        at = unread.received_at - timedelta(days=1)
        token = keys.issue(name="BI", scopes=scopes, by=None, at=at).token
        response = client.get(f"/api/v1/leads/{unread.code}", headers={"authorization": f"Bearer {token}"})
        told[len(scopes)] = PHONE in response.content.decode()
    assert told == {1: False, 2: True}
