"""Keys of integrations, on their pages."""

import re
from collections.abc import Callable
from datetime import timedelta
from http import HTTPStatus
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client
from django.utils import timezone

from crm.models import ApiKey, User
from crm.operations import keys
from crm.queries.agreements import memory
from crm.queries.keys import key_of
from leads.models import Source
from leads.operations.dictionaries import resolve_source
from tests.factories.leads import MONDAY

ClientOf = Callable[[User], Client]
TOKEN = re.compile(r"rz_[a-z0-9]{8}_[A-Za-z0-9_-]{43}")


def told(**fields: Any) -> dict[str, Any]:
    return {"request_id": str(uuid4()), "name": "Site", "scopes": ["leads:write"]} | fields


def tokens_in(response: Any) -> list[str]:
    return TOKEN.findall(response.content.decode())


@pytest.fixture
def source(db: None) -> Source:
    return resolve_source(name="site", at=MONDAY)


@pytest.fixture
def issued(admin: User) -> keys.Issued:
    return keys.issue(name="Telephony", scopes=["leads:write", "pii:read"], by=admin, at=timezone.now())


def test_a_key_is_made_and_its_token_shown_in_the_answer_alone(
    client_of: ClientOf, admin: User, source: Source
) -> None:
    client = client_of(admin)
    response = client.post("/settings/keys/new/", told(sources=["site"]))
    [token] = set(tokens_in(response))
    key = key_of(token=token, at=timezone.now(), memory=memory())
    assert key is not None
    assert (key.name, key.sources, key.created_by) == ("Site", ["site"], admin)
    assert "no-store" in response.headers["Cache-Control"]
    for page in ("/settings/keys/", "/settings/keys/new/"):
        assert tokens_in(client.get(page)) == []


def test_the_same_form_sent_again_makes_no_second_key_and_shows_nothing(client_of: ClientOf, admin: User) -> None:
    client, data = client_of(admin), told()
    client.post("/settings/keys/new/", data)
    again = client.post("/settings/keys/new/", data, follow=True)
    assert tokens_in(again) == []
    assert "not shown again" in again.content.decode()
    assert ApiKey.objects.count() == 1


def test_the_token_is_not_kept_in_the_session(client_of: ClientOf, admin: User) -> None:
    client = client_of(admin)
    [token] = set(tokens_in(client.post("/settings/keys/new/", told())))
    assert token not in str(dict(client.session.items()))


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"name": "  "}, "name"),
        ({"scopes": []}, "scopes"),
        ({"scopes": ["leads:destroy"]}, "scopes"),
        ({"sources": ["nowhere"]}, "sources"),
        ({"expires_at": "2001-01-01T00:00"}, "expires_at"),
        ({"request_id": ""}, "request_id"),
    ],
)
def test_what_is_wrong_is_said_at_its_field(
    fields: dict[str, Any], field: str, client_of: ClientOf, admin: User
) -> None:
    response = client_of(admin).post("/settings/keys/new/", told(name="Kept as typed") | fields)
    assert response.status_code == HTTPStatus.OK
    assert field in response.context["form"].errors
    assert not ApiKey.objects.exists()
    if field != "name":
        assert "Kept as typed" in response.content.decode()


def test_the_list_tells_everything_but_the_token(
    client_of: ClientOf, admin: User, issued: keys.Issued, source: Source
) -> None:
    page = client_of(admin).get("/settings/keys/").content.decode()
    for piece in ("Telephony", issued.key.token_id, "push leads", "see names", admin.name, "in force"):
        assert piece in page
    assert issued.token not in page
    assert issued.key.digest not in page


def test_a_key_is_replaced_after_a_question_and_both_open(
    client_of: ClientOf, admin: User, issued: keys.Issued
) -> None:
    client, url = client_of(admin), f"/settings/keys/{issued.key.pk}/rotate/"
    assert "7 days" in client.get(url).content.decode()
    assert ApiKey.objects.count() == 1
    response = client.post(url, {"request_id": str(uuid4())})
    [token] = set(tokens_in(response))
    now = timezone.now()
    assert key_of(token=token, at=now, memory=memory()) is not None
    assert key_of(token=issued.token, at=now, memory=memory()) is not None
    assert key_of(token=issued.token, at=now + timedelta(days=8), memory=memory()) is None
    assert "opens until" in response.content.decode()
    assert "no-store" in response.headers["Cache-Control"]
    assert "replaced, still opens" in client.get("/settings/keys/").content.decode()


def test_a_key_that_opens_nothing_is_not_replaced(client_of: ClientOf, admin: User, issued: keys.Issued) -> None:
    keys.revoke(key=issued.key, by=admin, at=timezone.now())
    response = client_of(admin).post(f"/settings/keys/{issued.key.pk}/rotate/", {"request_id": str(uuid4())})
    assert response.context["form"].non_field_errors()
    assert tokens_in(response) == []


def test_a_key_is_revoked_with_a_question_asked(client_of: ClientOf, admin: User, issued: keys.Issued) -> None:
    client = client_of(admin)
    assert 'data-confirm="Revoke this key?' in client.get("/settings/keys/").content.decode()
    page = client.post(f"/settings/keys/{issued.key.pk}/revoke/", follow=True).content.decode()
    assert key_of(token=issued.token, at=timezone.now(), memory=memory()) is None
    assert "opens nothing any more" in page
    assert f"/settings/keys/{issued.key.pk}/rotate/" not in page


def test_an_expired_key_says_so(client_of: ClientOf, admin: User) -> None:
    past = timezone.now() - timedelta(days=9)
    keys.issue(name="Old", scopes=["leads:read"], by=None, at=past, expires_at=past + timedelta(days=1))
    assert "expired" in client_of(admin).get("/settings/keys/").content.decode()


def test_a_key_that_is_not_there_is_not_found(client_of: ClientOf, admin: User) -> None:
    client = client_of(admin)
    assert client.get("/settings/keys/999/rotate/").status_code == HTTPStatus.NOT_FOUND
    assert client.post("/settings/keys/999/revoke/").status_code == HTTPStatus.NOT_FOUND


def test_a_page_of_keys_asks_the_database_little(
    client_of: ClientOf, admin: User, django_assert_max_num_queries: Callable[..., Any]
) -> None:
    for number in range(20):
        keys.issue(name=f"Key {number}", scopes=["leads:read"], by=admin, at=timezone.now())
    client = client_of(admin)
    client.get("/settings/keys/")
    with django_assert_max_num_queries(8):
        client.get("/settings/keys/")
