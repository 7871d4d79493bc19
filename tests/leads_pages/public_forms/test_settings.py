"""Public forms as an administrator sees them, and the requests that wait for a decision."""

from collections.abc import Callable
from http import HTTPStatus
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from crm.models import User
from leads.models import Lead, PublicForm
from leads.rules.public_forms import FormField, Suspicion
from tests.factories.funnels import Rules
from tests.factories.public_forms import CONSENT, make_form, send
from tests.leads_pages.public_forms.conftest import PHONE, ClientOf, filled, post


def settings_of(**told: Any) -> dict[str, Any]:
    data = {"title": "Call me", "funnel": "sales", "source": "site", "consent_text": CONSENT, "is_active": "on"}
    return data | {"asked_phone": "require", "asked_name": "ask"} | told


def test_a_form_is_made_shown_with_its_snippet_and_changed(
    client_of: ClientOf, admin: User, form: PublicForm, browser: Client
) -> None:
    client = client_of(admin)
    made = client.post("/settings/forms/new/", settings_of(allowed_sites="example.com\nhttps://b.example"), follow=True)
    fresh = PublicForm.objects.latest("id")
    assert made.status_code == HTTPStatus.OK
    page = made.content.decode()
    assert f"http://testserver/forms/{fresh.key}" in page
    assert f"/forms/{fresh.key}/embed.js" in page
    assert fresh.allowed_sites == ["https://example.com", "https://b.example"]
    assert fresh.asked == [(FormField.NAME, False), (FormField.PHONE, True)]
    client.post(f"/settings/forms/{fresh.pk}/", settings_of(title="Ring me", asked_email="ask"))
    assert "Ring me" in browser.get(f"/forms/{fresh.key}").content.decode()
    assert "Ring me" in client.get("/settings/forms/").content.decode()


@pytest.mark.parametrize(
    ("told", "field"),
    [
        ({"title": ""}, "title"),
        ({"consent_text": " "}, "consent_text"),
        ({"thanks_url": "http://example.com"}, "thanks_url"),
        ({"allowed_sites": "'self'"}, "allowed_sites"),
        ({"funnel": "nowhere"}, "funnel"),
        ({"asked_phone": ""}, "__all__"),
    ],
)
def test_a_wrong_setting_is_said_at_its_field(
    told: dict[str, str], field: str, client_of: ClientOf, admin: User, form: PublicForm
) -> None:
    response = client_of(admin).post(f"/settings/forms/{form.pk}/", settings_of(campaign="Kept") | told)
    assert response.status_code == HTTPStatus.OK
    assert field in response.context["typed"].errors
    assert "Kept" in response.content.decode()
    form.refresh_from_db()
    assert form.title == "Order a call"


def test_a_form_is_archived(client_of: ClientOf, admin: User, form: PublicForm) -> None:
    client = client_of(admin)
    assert "Order a call" not in client.post(f"/settings/forms/{form.pk}/archive/").content.decode()
    assert client.get(f"/settings/forms/{form.pk}/").status_code == HTTPStatus.NOT_FOUND


def test_suspected_requests_are_counted_shown_released_and_kept(
    client_of: ClientOf, admin: User, form: PublicForm
) -> None:
    client = client_of(admin)
    real = send(form, at=timezone.now(), suspicion=Suspicion.TOO_FAST, name="Реальный", phone=PHONE)
    spam = send(form, at=timezone.now(), suspicion=Suspicion.TRAP, name="<b>Casino</b>", phone="1")
    assert "2 requests wait for your decision" in client.get("/settings/forms/").content.decode()
    page = client.get("/settings/forms/quarantine/").content.decode()
    assert "Реальный" in page
    assert "&lt;b&gt;Casino" in page
    released = client.post(f"/settings/forms/quarantine/{real.public_id}/release/")
    lead = Lead.objects.get()
    assert released.headers["Location"] == f"/leads/{lead.code}/"
    assert lead.received_at == real.received_at
    client.post(f"/settings/forms/quarantine/{spam.public_id}/keep/")
    assert "Nothing waits for a decision" in client.get("/settings/forms/quarantine/").content.decode()
    assert Lead.objects.count() == 1
    assert client.post(f"/settings/forms/quarantine/{real.public_id}/release/").status_code == HTTPStatus.NOT_FOUND
    again = client.post(f"/settings/forms/quarantine/{spam.public_id}/keep/", follow=True)
    assert "does not wait for a decision" in again.content.decode()
    assert "&lt;b&gt;Casino" in client.get("/settings/forms/quarantine/spam/").content.decode()
    client.post(f"/settings/forms/quarantine/{spam.public_id}/release/")
    assert Lead.objects.count() == 2


def test_what_was_taken_with_thanks_but_became_no_lead_waits_to_be_tried_again(
    client_of: ClientOf, admin: User, form: PublicForm
) -> None:
    client = client_of(admin)
    send(form, at=timezone.now(), number="n" * 300, name="Потерянная")
    post(client, form, filled(form, phone=""))
    page = client.get("/settings/forms/quarantine/").content.decode()
    assert "Потерянная" in page
    assert "at most 200 characters" in page
    assert "1 request waits for your decision" in client.get("/settings/forms/").content.decode()


def test_the_pages_ask_the_database_little(
    client_of: ClientOf, admin: User, form: PublicForm, rules: Rules, django_assert_max_num_queries: Callable[..., Any]
) -> None:
    for number in range(10):
        send(make_form(rules.funnel, title=f"Form {number}"), suspicion=Suspicion.TRAP)
    client = client_of(admin)
    for address in ("/settings/forms/", "/settings/forms/quarantine/"):
        client.get(address)
        with django_assert_max_num_queries(9):
            client.get(address)
    with django_assert_max_num_queries(5):
        Client().get(f"/forms/{form.key}")
