"""Details edited from the card: only what was typed is saved, and nobody's change is overwritten unseen."""

from collections.abc import Callable
from decimal import Decimal
from http import HTTPStatus
from typing import Any

import pytest
from django.test import Client

from crm.models import AuditEvent, User
from leads.models import Contact, Lead
from tests.leads_pages.conftest import COMPANY, NAME, refused

Post = Callable[..., Any]
ClientOf = Callable[[User], Client]


@pytest.fixture
def read(client_of: ClientOf, lead: Lead) -> Callable[[User], dict[str, Any]]:
    """Open the card and return its form as a browser would send it back."""

    def opened(person: User) -> dict[str, Any]:
        form = client_of(person).get(f"/leads/{lead.code}/").context["forms"]["details"]
        values = {field.html_name: field.value() or "" for field in form if field.name != "removed"}  # boxes unticked
        return values | {field.html_initial_name: field.initial or "" for field in form.visible_fields()}

    return opened


def test_what_was_typed_is_saved_and_told(post: Post, manager: User, lead: Lead, read: Any) -> None:
    typed = {"name": "Anna", "phone": "8 917 220-14-09", "expected_amount": "1500,50"}
    assert post(manager, "details", lead, **read(manager) | typed).status_code == HTTPStatus.FOUND
    lead.refresh_from_db()
    assert (lead.contact.name, lead.contact.company, lead.expected_amount) == ("Anna", COMPANY, Decimal("1500.50"))
    assert lead.contact.points.filter(value="+79172201409").exists()
    event = AuditEvent.objects.get(action="lead.amend")
    assert (event.actor_id, set(event.changes["fields"])) == (manager.pk, {"name", "phone", "expected_amount"})


def test_what_was_emptied_is_cleared(post: Post, manager: User, lead: Lead, read: Any) -> None:
    Lead.objects.filter(pk=lead.pk).update(expected_amount=5)
    post(manager, "details", lead, **read(manager) | {"segment": "", "expected_amount": ""})
    lead.refresh_from_db()
    assert (lead.segment, lead.expected_amount, lead.contact.name) == (None, None, NAME)


def test_sent_twice_it_is_saved_once(post: Post, manager: User, lead: Lead, read: Any) -> None:
    sent = read(manager) | {"name": "Anna", "phone": "8 917 220-14-09"}
    for _press in range(2):
        assert post(manager, "details", lead, **sent).status_code == HTTPStatus.FOUND
    assert AuditEvent.objects.filter(action="lead.amend").count() == 1


def test_who_comes_second_loses_nothing_and_is_told_what_changed(
    post: Post, manager: User, head: User, lead: Lead, read: Any
) -> None:
    mine, theirs = read(manager), read(head)
    post(head, "details", lead, **theirs | {"name": "Boris", "company": "Their firm"})
    response = post(manager, "details", lead, **mine | {"name": "Anna"})
    page = refused(response)
    form = response.context["forms"]["details"]
    assert (form["name"].value(), form["company"].value()) == ("Anna", "Their firm")
    assert [(field.was, field.now) for field in form.meanwhile] == [(NAME, "Boris"), (COMPANY, "Their firm")]
    assert "Boris" in page
    lead.refresh_from_db()
    assert lead.contact.name == "Boris"
    again = {field.html_name: field.value() or "" for field in form if field.name != "removed"}
    again |= {field.html_initial_name: form.data[field.html_initial_name] for field in form.visible_fields()}
    assert post(manager, "details", lead, **again).status_code == HTTPStatus.FOUND
    lead.contact.refresh_from_db()
    assert (lead.contact.name, lead.contact.company) == ("Anna", "Their firm")


def test_a_call_logged_meanwhile_does_not_stand_in_the_way(post: Post, manager: User, lead: Lead, read: Any) -> None:
    sent = read(manager) | {"name": "Anna"}
    post(manager, "move", lead, to="qualified")
    assert post(manager, "details", lead, **sent).status_code == HTTPStatus.FOUND


@pytest.mark.parametrize(("field", "typed"), [("phone", "12"), ("email", "nobody"), ("expected_amount", "1.500")])
def test_what_cannot_be_read_is_refused_and_stays(
    field: str, typed: str, post: Post, manager: User, lead: Lead, read: Any
) -> None:
    response = post(manager, "details", lead, **read(manager) | {field: typed})
    assert f'value="{typed}"' in refused(response)
    assert response.context["forms"]["details"].errors[field]


def test_another_teams_lead_is_not_there(post: Post, manager: User, foreign: Lead) -> None:
    assert post(manager, "details", foreign, version=1).status_code == HTTPStatus.NOT_FOUND


def test_a_wrong_phone_is_taken_away(post: Post, manager: User, lead: Lead, read: Any, client_of: ClientOf) -> None:
    wrong = lead.contact.points.get(kind="phone")
    sent = read(manager) | {"removed": [str(wrong.pk)], "phone": "8 917 220-14-09"}
    assert post(manager, "details", lead, **sent).status_code == HTTPStatus.FOUND
    assert list(lead.contact.points.filter(kind="phone").values_list("value", flat=True)) == ["+79172201409"]
    client = client_of(manager)
    assert client.get("/leads/", {"q": wrong.value}).context["rows"] == []
    assert "a phone taken away" in client.get(f"/leads/{lead.code}/").content.decode()
    event = AuditEvent.objects.get(action="lead.amend")
    assert wrong.value not in str(event.changes)  # what was forgotten is not kept in the log


def test_somebody_elses_phone_is_not_to_be_taken(post: Post, manager: User, lead: Lead, read: Any) -> None:
    stranger = Contact.objects.create(name="Stranger", created_at=lead.received_at)
    theirs = stranger.points.create(kind="phone", value="+79990000000", created_at=lead.received_at)
    answer = post(manager, "details", lead, **read(manager) | {"removed": [str(theirs.pk)]})
    assert answer.context["forms"]["details"].errors["removed"]
    assert stranger.points.exists()


def test_somebody_is_left_to_speak_of(post: Post, manager: User, lead: Lead, read: Any) -> None:
    every = [str(pk) for pk in lead.contact.points.values_list("pk", flat=True)]
    answer = post(manager, "details", lead, **read(manager) | {"removed": every, "name": "", "company": ""})
    assert "nothing else tells who this is" in answer.content.decode()
    assert lead.contact.points.count() == len(every)
