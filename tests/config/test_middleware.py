"""A program's request passes by what is for pages; what guards a request, and what is promised, stays."""

import json
from collections.abc import Callable, Mapping
from datetime import datetime
from http import HTTPStatus

import pytest
from django.conf import LazySettings
from django.http import HttpResponse
from django.test import Client

from crm.models import User
from crm.operations import keys
from crm.rules.scopes import Scope
from tests.factories.funnels import make_rules

SignIn = Callable[[User], Client]
Push = Callable[..., HttpResponse]
URL = "/api/v1/leads"
OF_A_PAGE = ("session", "htmx", "_messages")


@pytest.fixture
def push(at: datetime, db: None) -> Push:
    """Push a lead as a program does."""
    make_rules()
    token = keys.issue(name="Site", scopes=tuple(Scope), by=None, at=at).token

    def post(headers: Mapping[str, str] | None = None, browser: Client | None = None) -> HttpResponse:
        told = json.dumps({"external_id": "order-1", "source": "site", "phone": "+79000000001"})
        said = {"authorization": f"Bearer {token}", **(headers or {})}
        client = browser or Client(enforce_csrf_checks=True)
        return client.post(URL, told, content_type="application/json", headers=said)

    return post


def test_a_push_is_answered_without_anything_of_a_page(push: Push) -> None:
    answer = push()
    assert answer.status_code == HTTPStatus.CREATED
    assert not answer.cookies
    assert not [name for name in OF_A_PAGE if hasattr(answer.wsgi_request, name)]


def test_a_page_has_all_of_it(manager: User, client_of: SignIn) -> None:
    for url in ("/profile/", "/api/docs/", "/api/v1/sources"):
        asked = client_of(manager).get(url).wsgi_request
        assert [name for name in OF_A_PAGE if hasattr(asked, name)] == list(OF_A_PAGE), url


def test_a_push_keeps_its_headers(push: Push) -> None:
    headers = push().headers
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["X-Frame-Options"] == "DENY"
    assert "default-src 'none'" in headers["Content-Security-Policy"]
    assert headers["Vary"] == "Accept-Language, Cookie"
    assert headers["X-Request-Id"]
    assert int(headers["Content-Length"]) > 0


def test_a_program_is_answered_in_its_language(push: Push) -> None:
    refused = push({"authorization": "Bearer rz_nothing", "accept-language": "ru"})
    assert refused.status_code == HTTPStatus.UNAUTHORIZED
    assert refused.headers["Content-Language"] == "ru"
    assert "не" in refused.json()["detail"]


def test_a_program_too_is_sent_to_https_and_kept_there(push: Push, settings: LazySettings) -> None:
    settings.SECURE_SSL_REDIRECT, settings.SECURE_HSTS_SECONDS = True, 60
    assert push().status_code == HTTPStatus.MOVED_PERMANENTLY
    safe = push({"x-forwarded-proto": "https"})
    assert (safe.status_code, safe.headers["Strict-Transport-Security"][:10]) == (HTTPStatus.CREATED, "max-age=60")


def test_a_program_asks_by_a_name_that_is_ours(push: Push) -> None:
    assert push({"host": "evil.example"}).status_code == HTTPStatus.BAD_REQUEST


@pytest.mark.parametrize("url", ["/api/v1/nowhere", "/in/nothing/generic", "/in/"])
def test_what_is_not_there_is_a_problem(url: str, client: Client, db: None) -> None:
    answer = client.post(url, {})
    assert (answer.status_code, answer.headers["Content-Type"]) == (404, "application/problem+json")


def test_what_nobody_expected_is_a_problem_with_the_number_of_the_request(
    push: Push, monkeypatch: pytest.MonkeyPatch
) -> None:
    def break_down(*told: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr("leads.api.doors.Push.draft", break_down)
    answer = push(browser=Client(raise_request_exception=False))
    assert (answer.status_code, answer.headers["Content-Type"]) == (500, "application/problem+json")
    assert answer.json()["instance"] == answer.headers["X-Request-Id"]


def test_a_persons_call_without_a_csrf_token_is_refused(manager: User, db: None) -> None:
    browser = Client(enforce_csrf_checks=True)
    browser.force_login(manager)
    answer = browser.post(URL, "{}", content_type="application/json")
    assert (answer.status_code, answer.headers["Content-Type"]) == (403, "application/problem+json")
    assert "CSRF" in answer.json()["detail"]


def test_the_description_is_a_page_under_the_policy_of_pages(client: Client, db: None) -> None:
    assert client.get("/api/docs").headers["Location"] == "/api/docs/"
    page = client.get("/api/docs/")
    assert page.headers["Content-Type"].startswith("text/html")
    assert "script-src 'self'" in page.headers["Content-Security-Policy"]
