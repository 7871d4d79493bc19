"""Whoever has lost a laptop ends what is signed in on it, and nothing else."""

from collections.abc import Callable
from http import HTTPStatus

import pytest
from django.test import Client

from crm.models import AuditEvent, User

ClientOf = Callable[[User], Client]

pytestmark = pytest.mark.django_db


def is_in(client: Client) -> bool:
    return client.get("/profile/").status_code == HTTPStatus.OK


def test_all_sessions_but_this_one_end(manager: User, head: User, client_of: ClientOf) -> None:
    here, elsewhere, somebody_else = client_of(manager), client_of(manager), client_of(head)
    page = here.post("/profile/sessions/", follow=True).content.decode()
    assert "1 session is ended." in page
    assert is_in(here)
    assert not is_in(elsewhere)
    assert is_in(somebody_else)
    assert AuditEvent.objects.get(action="person.end_sessions").changes == {"ended": 1}


def test_it_says_so_when_there_was_none(manager: User, client_of: ClientOf) -> None:
    assert "There was no other session." in client_of(manager).post("/profile/sessions/", follow=True).content.decode()


def test_an_administrator_signs_somebody_out(admin: User, manager: User, client_of: ClientOf) -> None:
    theirs, own = client_of(manager), client_of(admin)
    own.post(f"/settings/people/{manager.pk}/sessions/")
    assert not is_in(theirs)
    assert is_in(own)


def test_nobody_else_may(head: User, manager: User, client_of: ClientOf) -> None:
    theirs = client_of(manager)
    assert client_of(head).post(f"/settings/people/{manager.pk}/sessions/").status_code == HTTPStatus.FORBIDDEN
    assert is_in(theirs)
