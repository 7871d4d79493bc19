"""The page of a public form, alone and within other sites."""

import re
from datetime import timedelta
from http import HTTPStatus

import pytest
from django.test import Client
from django.utils import timezone

from leads.models import Lead, PublicForm
from leads.operations import form_settings
from leads.rules.facts import Channel
from leads.views import public_forms as views
from tests.factories.funnels import Rules
from tests.factories.public_forms import content_of, make_form
from tests.leads_pages.public_forms.conftest import PHONE, SITE, filled, hidden, post


def test_anybody_opens_the_form_and_gets_no_cookie(browser: Client, form: PublicForm) -> None:
    response = browser.get(f"/forms/{form.key}")
    page = response.content.decode()
    assert response.status_code == HTTPStatus.OK
    assert "Order a call" in page
    assert "https://example.com/policy" in page
    assert not response.cookies
    assert "no-store" in response.headers["Cache-Control"]
    for name, is_there in (("name", True), ("phone", True), ("message", True), ("email", False), ("company", False)):
        assert (f'name="{name}"' in page) is is_there


def test_the_form_speaks_the_visitors_language(browser: Client, form: PublicForm) -> None:
    page = browser.get(f"/forms/{form.key}", headers={"accept-language": "ru"}).content.decode()
    assert '<html lang="ru"' in page
    assert "Телефон" in page


def test_a_request_works_from_the_page_as_it_is_without_any_script(
    browser: Client, form: PublicForm, monkeypatch: pytest.MonkeyPatch
) -> None:
    address = f"/forms/{form.key}?utm_source=yandex&utm_medium=cpc&utm_nonsense=x&rz_page=https://example.com/a"
    page = browser.get(address, headers={"referer": "https://search.example/"}).content.decode()
    now = timezone.now()
    monkeypatch.setattr(views.timezone, "now", lambda: now + timedelta(seconds=10))
    response = post(browser, form, hidden(page) | {"name": "Анна", "phone": PHONE, "consent": "on"})
    assert response.status_code == HTTPStatus.OK
    assert "Your request has arrived" in response.content.decode()
    lead = Lead.objects.get()
    assert (lead.channel, lead.source.code) == (Channel.FORM, "site")
    assert lead.utm == {"utm_source": "yandex", "utm_medium": "cpc"}
    assert lead.attributes == {
        "form": "Order a call",
        "page": "https://example.com/a",
        "referrer": "https://search.example/",
    }


def test_only_the_sites_of_the_form_may_frame_it(browser: Client, form: PublicForm, rules: Rules) -> None:
    for response in (browser.get(f"/forms/{form.key}"), post(browser, form), post(browser, form, {})):
        assert f"frame-ancestors {SITE}" in response.headers["Content-Security-Policy"]
        assert "script-src 'self'" in response.headers["Content-Security-Policy"]
        assert "X-Frame-Options" not in response.headers
    alone = browser.get(f"/forms/{make_form(rules.funnel).key}")
    assert "frame-ancestors 'none'" in alone.headers["Content-Security-Policy"]
    assert alone.headers["X-Frame-Options"] == "DENY"
    login = browser.get("/login/")
    assert "frame-ancestors 'none'" in login.headers["Content-Security-Policy"]


def test_the_script_tells_a_foreign_page_where_to_send_and_has_a_fresh_stamp(browser: Client, form: PublicForm) -> None:
    one, other = (browser.get(f"/forms/{form.key}/embed.js") for _ in range(2))
    text = one.content.decode()
    assert one.headers["Content-Type"].startswith("text/javascript")
    assert one.headers["Cross-Origin-Resource-Policy"] == "cross-origin"
    assert "no-store" in one.headers["Cache-Control"]
    assert f"http://testserver/forms/{form.key}" in text
    stamps = [re.findall(r'"stamp": "([^"]+)"', response.content.decode()) for response in (one, other)]
    assert stamps[0] != stamps[1]
    assert not one.cookies


@pytest.mark.parametrize("address", ["/forms/nowhere", "/forms/nowhere/embed.js"])
def test_a_form_that_is_not_there_is_not_found(address: str, browser: Client, db: None) -> None:
    assert browser.get(address).status_code == HTTPStatus.NOT_FOUND
    assert HTTPStatus.FORBIDDEN <= browser.post(address, {"phone": PHONE}).status_code <= HTTPStatus.METHOD_NOT_ALLOWED


@pytest.mark.parametrize("how", ["switched off", "archived"])
def test_a_closed_form_says_so_and_shows_what_was_typed(
    how: str, browser: Client, form: PublicForm, rules: Rules
) -> None:
    now = timezone.now()
    if how == "archived":
        form_settings.archive_form(form=form, by=None, at=now)
    else:
        content = content_of(rules.funnel, is_active=False)
        form_settings.change_form(form=form, content=content, by=None, at=now)
    assert browser.get(f"/forms/{form.key}").status_code == HTTPStatus.GONE
    response = post(browser, form, filled(form, message="Long story"))
    assert response.status_code == HTTPStatus.GONE
    assert "takes no requests any more" in response.content.decode()
    assert "Long story" in response.content.decode()
    assert not Lead.objects.exists()


def test_the_visitor_goes_on_to_the_companys_page(browser: Client, rules: Rules) -> None:
    form = make_form(rules.funnel, thanks_url="https://example.com/thanks", allowed_sites=[SITE])
    response = post(browser, form)
    assert (response.status_code, response.headers["Location"]) == (HTTPStatus.FOUND, "https://example.com/thanks")
    page = browser.get(f"/forms/{form.key}")
    assert "form-action 'self' https://example.com" in page.headers["Content-Security-Policy"]
    framed = post(browser, form, filled(form, rz_embed="1"))
    assert framed.status_code == HTTPStatus.OK
    assert 'href="https://example.com/thanks" target="_top"' in framed.content.decode()


def test_the_companys_own_words_are_said_and_cannot_carry_a_script(browser: Client, rules: Rules) -> None:
    form = make_form(rules.funnel, thanks_text="Ждите <b>звонка</b>")
    assert "Ждите &lt;b&gt;звонка" in post(browser, form).content.decode()
