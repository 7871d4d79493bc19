"""What a person typed outlives their session: the form comes back with everything in it and is sent once more."""

import re
from html import unescape
from typing import Any

import pytest
from django.test import Client

from crm.models import User
from leads.models import Lead, Touch
from tests.factories.crm import PASSWORD

ORIGIN = "http://testserver"
REQUEST_ID = "7b7f3a52-6a3c-4f0e-9a4f-0a6f3b8f5c11"
NOTE = 'Call after six & ask for "Anna"\n<b>twice</b>'
TYPED = {"request_id": REQUEST_ID, "channel": "call", "result": "no_answer", "note": NOTE}
HIDDEN = re.compile(r'<input type="hidden" name="([^"]*)" value="([^"]*)"')


@pytest.fixture
def browser() -> Client:
    return Client(enforce_csrf_checks=True)


@pytest.fixture
def url(lead: Lead) -> str:
    return f"/leads/{lead.code}/touch/"


def sign_in(browser: Client, person: User) -> None:
    token = fields_of(browser.get("/login/"))["csrfmiddlewaretoken"]
    data = {"username": person.email, "password": PASSWORD, "csrfmiddlewaretoken": token}
    assert browser.post("/login/", data).status_code == 302


def fields_of(page: Any) -> dict[str, str]:
    """Read the hidden fields of the form of a page, not of the menu above it."""
    body = page.content.decode().partition("<main")[2]
    return {name: unescape(value) for name, value in HIDDEN.findall(body)}


def test_a_form_sent_after_the_session_has_ended_is_sent_again_and_saved_once(
    browser: Client, manager: User, lead: Lead, url: str
) -> None:
    sign_in(browser, manager)
    token = fields_of(browser.get(f"/leads/{lead.code}/"))["csrfmiddlewaretoken"]
    browser.cookies.pop("sessionid")

    ended = browser.post(url, TYPED | {"csrfmiddlewaretoken": token}, headers={"origin": ORIGIN})
    assert ended.status_code == 401
    assert "Your session has ended" in ended.content.decode()
    assert "no-store" in ended.headers["Cache-Control"]
    kept = fields_of(ended)
    assert {name: value for name, value in kept.items() if name != "csrfmiddlewaretoken"} == TYPED

    sign_in(browser, manager)  # in the other tab; the token of the kept form is of the time before
    opened_before = browser.post(url, kept, headers={"origin": ORIGIN})
    assert opened_before.status_code == 403
    assert "You have signed in since" in opened_before.content.decode()
    assert "Sign in in a new tab" not in opened_before.content.decode()

    saved = browser.post(url, fields_of(opened_before), headers={"origin": ORIGIN})
    assert saved.headers["Location"] == f"/leads/{lead.code}/"
    assert Touch.objects.get().note == NOTE
    browser.post(url, fields_of(opened_before), headers={"origin": ORIGIN})
    assert Touch.objects.count() == 1


def test_every_value_of_a_field_is_kept(client: Client, lead: Lead) -> None:
    url = f"/leads/{lead.code}/lose/?from=card"
    page = client.post(url, {"reasons": ["price", "early"]}, headers={"origin": ORIGIN}).content.decode()
    assert page.count('name="reasons"') == 2
    assert f'action="{url}"' in page


def test_the_page_a_form_was_on_is_where_signing_in_leads(client: Client, lead: Lead, url: str) -> None:
    referer = f"{ORIGIN}/leads/{lead.code}/?tab=1"
    wanted = f"/login/?next=/leads/{lead.code}/%3Ftab%3D1"
    assert f'href="{wanted}"' in client.post(url, TYPED, headers={"referer": referer}).content.decode()
    assert client.post(url, {}, headers={"referer": referer}).headers["Location"] == wanted


@pytest.mark.parametrize("headers", [{}, {"referer": "https://evil.example/leads/"}, {"referer": "http://[bad"}])
def test_signing_in_leads_to_the_start_page_when_the_form_was_on_none_of_ours(
    headers: dict[str, str], client: Client, url: str
) -> None:
    assert client.post(url, TYPED, headers=headers).headers["Location"] == "/login/?next=/"


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"origin": "https://evil.example"},
        {"origin": "null"},
        {"origin": "https://evil.example", "referer": f"{ORIGIN}/leads/"},
        {"referer": "https://evil.example/testserver"},
        {"origin": "http://testserver.evil.example"},
        {"origin": "http://testserver:81"},
    ],
)
def test_a_form_of_another_site_is_refused_plainly(
    headers: dict[str, str], browser: Client, manager: User, url: str
) -> None:
    assert Client().post(url, TYPED, headers=headers).status_code == 302
    browser.force_login(manager)
    refused = browser.post(url, TYPED, headers=headers)
    assert refused.status_code == 403
    assert "Send again" not in refused.content.decode()
    assert "after six" not in refused.content.decode()


@pytest.mark.parametrize("path", ["/login/", "/password/"])
def test_a_password_is_never_put_into_a_page(path: str, browser: Client, manager: User) -> None:
    if path != "/login/":
        browser.force_login(manager)
    data = {"username": manager.email, "password": PASSWORD, "old_password": PASSWORD, "new_password1": PASSWORD}
    refused = browser.post(path, data, headers={"origin": ORIGIN})
    assert refused.status_code == 403
    assert PASSWORD not in refused.content.decode()
    assert "Send again" not in refused.content.decode()


def test_a_form_with_a_file_is_not_kept(client: Client, url: str, tmp_path: Any) -> None:
    path = tmp_path / "leads.csv"
    path.write_text("name\nAnna\n")
    with path.open("rb") as file:
        assert client.post(url, {"file": file, "note": "typed"}, headers={"origin": ORIGIN}).status_code == 302


@pytest.mark.parametrize("language", ["en", "ru"])
def test_the_page_needs_no_script_and_no_style_of_its_own(language: str, client: Client, url: str) -> None:
    page = client.post(url, TYPED, headers={"origin": ORIGIN, "accept-language": language})
    body = page.content.decode().partition("<main")[2]
    assert "<script" not in body
    assert "style=" not in body
    assert "form-action 'self'" in page.headers["Content-Security-Policy"]
