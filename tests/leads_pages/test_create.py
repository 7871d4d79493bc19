"""Requests taken by hand."""

from collections.abc import Callable
from dataclasses import replace
from http import HTTPStatus
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client
from django.utils import timezone

from crm.models import User
from leads.forms.creation import LeadForm
from leads.models import Lead, Submission
from leads.operations import arrivals
from leads.rules.facts import Channel
from tests.factories.funnels import Rules
from tests.leads_pages.conftest import EMAIL, TakeIn

ClientOf = Callable[[User], Client]


def told(**fields: Any) -> dict[str, Any]:
    return {"request_id": str(uuid4()), "funnel": "sales", "name": "Anna", "phone": "8 917 220-14-08"} | fields


def test_a_manager_takes_a_request_in_as_their_own(client_of: ClientOf, manager: User, rules: Rules) -> None:
    response = client_of(manager).post("/leads/new/", told(owner=manager.email, source="Walked in"))
    lead = Lead.objects.get()
    assert response.headers["Location"] == f"/leads/{lead.code}/"
    assert (lead.owner, lead.source.name, lead.channel) == (manager, "Walked in", Channel.PAGE)
    assert lead.contact.points.get().value == "+79172201408"


def test_the_form_offers_the_manager_as_owner(client_of: ClientOf, manager: User, rules: Rules) -> None:
    form = client_of(manager).get("/leads/new/").context["form"]
    assert form["owner"].value() == manager.email
    assert "" not in dict(form.fields["owner"].choices)


def test_the_only_source_there_is_is_meant(client_of: ClientOf, admin: User, take_in: TakeIn) -> None:
    take_in(name="Anna")
    assert client_of(admin).get("/leads/new/").context["form"]["source"].value() == "google"
    take_in(name="Boris", source="vk")
    assert client_of(admin).get("/leads/new/").context["form"]["source"].value() == ""


def test_a_known_person_is_recognised(client_of: ClientOf, admin: User, take_in: TakeIn) -> None:
    first = take_in(name="Anna", email=EMAIL)
    response = client_of(admin).post("/leads/new/", told(email=EMAIL, phone=""), follow=True)
    lead = Lead.objects.latest("id")
    assert lead.duplicate_of == first
    assert "duplicate" in str(next(iter(response.context["messages"])))
    assert first.code in response.content.decode()


def test_a_form_sent_twice_is_one_lead(client_of: ClientOf, admin: User, rules: Rules) -> None:
    client, data = client_of(admin), told()
    client.post("/leads/new/", data)
    response = client.post("/leads/new/", data)
    assert response.status_code == HTTPStatus.FOUND
    assert Lead.objects.count() == 1


def test_somebody_has_to_be_named_and_what_was_typed_stays(client_of: ClientOf, admin: User, rules: Rules) -> None:
    response = client_of(admin).post("/leads/new/", told(name="", phone="", message="Call me"))
    assert response.status_code == HTTPStatus.OK
    assert response.context["form"].non_field_errors()
    assert "Call me" in response.content.decode()
    assert not Lead.objects.exists()


def test_a_refusal_of_the_operation_is_shown_at_its_field(client_of: ClientOf, admin: User, rules: Rules) -> None:
    response = client_of(admin).post("/leads/new/", told(received_at="2999-01-01T10:00", message="Call me"))
    assert response.context["form"].errors["received_at"]
    assert "Call me" in response.content.decode()
    assert not Lead.objects.exists()
    assert Submission.objects.get().error_code == "happens_in_the_future"


def test_an_owner_out_of_reach_is_unknown(
    client_of: ClientOf, manager: User, foreign_manager: User, rules: Rules
) -> None:
    response = client_of(manager).post("/leads/new/", told(owner=foreign_manager.email))
    assert response.context["form"].errors["owner"]
    assert not Lead.objects.exists()


def test_without_a_funnel_the_page_leads_to_the_rules(client_of: ClientOf, admin: User) -> None:
    page = client_of(admin).get("/leads/new/").content.decode()
    assert "There is no funnel yet" in page
    assert 'href="/rules/"' in page.partition("<main")[2]
    assert 'name="phone"' not in page


def test_without_a_funnel_the_form_says_so(client_of: ClientOf, admin: User) -> None:
    response = client_of(admin).post("/leads/new/", told())
    assert response.context["form"].errors["funnel"]


def test_the_id_of_the_page_tells_of_nobody(admin: User, rules: Rules) -> None:
    form = LeadForm(told(), actor=admin)
    assert form.is_valid()
    nobody = replace(form.row(), name="", phone="")
    with pytest.raises(arrivals.NothingToKnowBy):
        arrivals.receive(row=nobody, funnel=rules.funnel, by=admin, at=timezone.now(), channel=Channel.PAGE)
    assert not Lead.objects.exists()
