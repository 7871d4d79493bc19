"""Language, clock, theme, the request's number, the headers of every page."""

import re
from collections.abc import Callable

import pytest
import structlog
from django.http import HttpRequest, HttpResponse
from django.test import Client, RequestFactory
from django.urls import reverse
from django.utils import timezone, translation

from crm.middleware import PersonMiddleware
from crm.models import AuditEvent, User
from tests.factories.crm import OrganisationSettingsFactory

SignIn = Callable[[User], Client]
RUSSIAN = {"accept-language": "ru-RU,ru;q=0.9"}


@pytest.mark.django_db
def test_a_stranger_reads_in_the_browsers_language_or_the_default(client: Client) -> None:
    assert client.get("/login/", headers=RUSSIAN)["Content-Language"] == "ru"
    assert client.get("/login/", headers={"accept-language": "de"})["Content-Language"] == "en"
    assert client.get("/login/")["Content-Language"] == "en"


def test_a_persons_setting_wins_over_the_browser(manager: User, client_of: SignIn) -> None:
    client = client_of(manager)
    assert client.get("/profile/", headers=RUSSIAN)["Content-Language"] == "ru"
    User.objects.filter(pk=manager.pk).update(language="en")
    assert client.get("/profile/", headers=RUSSIAN)["Content-Language"] == "en"


@pytest.mark.django_db
def test_a_stranger_may_switch_the_language(client: Client) -> None:
    response = client.post("/language/", {"language": "ru", "next": "/login/"})
    assert response.headers["Location"] == "/login/"
    assert client.get("/login/", headers={"accept-language": "en"})["Content-Language"] == "ru"


def test_a_person_switches_the_language_and_the_theme_for_good(manager: User, client_of: SignIn) -> None:
    client = client_of(manager)
    client.post("/language/", {"language": "ru"})
    client.post("/theme/", {"theme": "dark"})
    manager.refresh_from_db()
    assert (manager.language, manager.theme) == ("ru", "dark")
    assert client.cookies["theme"].value == "dark"


@pytest.mark.django_db
@pytest.mark.parametrize("page", ["language", "theme"])
def test_a_switch_ignores_what_does_not_exist_and_stays_on_our_pages(page: str, client: Client) -> None:
    response = client.post(f"/{page}/", {page: "xx", "next": "https://evil.example/"})
    assert response.headers["Location"] == "/"
    assert page not in client.cookies


def test_the_page_shows_the_organisations_clock(manager: User, rf: RequestFactory) -> None:
    OrganisationSettingsFactory(time_zone="Asia/Vladivostok")
    zones = []
    request = rf.get("/profile/")
    request.user, request.session = manager, {}

    def view(request: HttpRequest) -> HttpResponse:
        zones.append(timezone.get_current_timezone_name())
        return HttpResponse()

    PersonMiddleware(view)(request)
    assert zones == ["Asia/Vladivostok"]
    assert timezone.get_current_timezone_name() == "Europe/Moscow"


def test_nothing_of_one_request_is_left_for_the_next(manager: User, client_of: SignIn) -> None:
    client_of(manager).get("/profile/", headers=RUSSIAN)
    assert translation.get_language() == "en"
    assert structlog.contextvars.get_contextvars() == {}


@pytest.mark.django_db
@pytest.mark.parametrize("url", ["/login/", "/livez", "/nowhere/", "/profile/", "/api/v1/nowhere"])
def test_every_answer_has_a_number_and_the_strict_policy(url: str, client: Client) -> None:
    response = client.get(url)
    assert re.fullmatch(r"[0-9a-f-]{36}", response.headers["X-Request-Id"])
    policy = response.headers["Content-Security-Policy"]
    for rule in (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "form-action 'self'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
    ):
        assert rule in policy
    assert "unsafe" not in policy


def test_the_number_of_the_request_is_in_the_audit(manager: User, client_of: SignIn) -> None:
    response = client_of(manager).post("/theme/", {"theme": "dark"})
    assert AuditEvent.objects.get().request_id == response.headers["X-Request-Id"]


@pytest.mark.django_db
def test_a_number_from_outside_is_not_taken_over(client: Client) -> None:
    response = client.get("/livez", headers={"x-request-id": "forged"})
    assert response.headers["X-Request-Id"] != "forged"


PUBLIC_PAGES = [
    "/login/",
    "/password/reset/",
    "/password/reset/sent/",
    "/password/reset/done/",
    "/password/reset/MQ/set-password/",
    "/nowhere/",
]
OWN_PAGES = ["/password/", "/profile/", "/settings/"]
INLINE = re.compile(r"<style|\sstyle\s*=|\son[a-z]+\s*=|javascript:|<script(?![^>]*\ssrc=)", re.IGNORECASE)


@pytest.mark.parametrize("url", PUBLIC_PAGES + OWN_PAGES)
def test_no_page_has_an_inline_script_or_style(url: str, admin: User, client: Client, client_of: SignIn) -> None:
    browser = client if url in PUBLIC_PAGES else client_of(admin)
    assert INLINE.findall(browser.get(url).content.decode()) == []


@pytest.mark.parametrize("url", ["/profile/", "/settings/"])
def test_a_page_asks_the_database_little(
    url: str, admin: User, client_of: SignIn, django_assert_max_num_queries: Callable[..., object]
) -> None:
    client = client_of(admin)
    client.get(url)
    with django_assert_max_num_queries(8):
        client.get(url)


def test_the_menu_links_what_the_role_may_open(admin: User, manager: User, client_of: SignIn) -> None:
    settings = reverse("crm:settings")
    assert settings in [item.url for item in client_of(admin).get("/profile/").context["menu"]]
    urls = [item.url for item in client_of(manager).get("/profile/").context["menu"]]
    assert settings not in urls
    assert reverse("insights:board") in urls


@pytest.mark.django_db
def test_a_stranger_has_no_menu(client: Client, admin: User) -> None:
    assert client.get("/login/").context["menu"] == ()
