"""Signing in in two steps in a browser: set up, signed in, mended in place."""

from datetime import UTC, datetime

import pyotp
import pytest
from playwright.sync_api import Browser, Page, expect

from crm.demo import PASSWORD
from tests.browser.conftest import Barriers, Site, Visit
from tests.browser.seats import COMER, SETTER, TWOFOLD, Seat
from tests.browser.test_queue import settle


def code_of(secret: str) -> str:
    return pyotp.TOTP(secret).at(datetime.now(UTC))


def seated(browser: Browser, site: Site, seat: Seat, *, language: str, theme: str, width: int) -> Page:
    context = browser.new_context(
        base_url=site.url,
        locale={"en": "en-GB", "ru": "ru-RU"}[language],
        color_scheme=theme,
        viewport={"width": width, "height": 844},
    )
    context.add_cookies([{"name": "sessionid", "value": seat.session, "url": site.url}])
    return context.new_page()


@pytest.mark.parametrize(("language", "theme", "width"), [("en", "light", 1440), ("ru", "dark", 390)])
def test_a_person_sets_it_up_and_turns_it_off_again(
    language: str, theme: str, width: int, chromium: Browser, site: Site, barriers: Barriers
) -> None:
    page = seated(chromium, site, site.seats[SETTER], language=language, theme=theme, width=width)
    page.goto("/profile/two-steps/")
    page.locator("form[action$='/begin/'] button").click()
    expect(page.locator(".picture svg")).to_be_visible()
    assert barriers(page) == ""
    secret = page.locator("main code").inner_text()
    page.locator("[name=code]").fill(code_of(secret))
    page.keyboard.press("Enter")
    expect(page.locator(".recovery li")).to_have_count(10)
    assert barriers(page) == ""
    recovery = page.locator(".recovery li").first.inner_text()
    page.locator("details").last.locator("summary").click()
    page.locator("#off_code").fill(recovery)
    page.locator("#off_password").fill(PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_url("**/profile/")
    page.context.close()


def test_password_then_code_by_keyboard(visit: Visit, site: Site, barriers: Barriers) -> None:
    seat = site.seats[COMER]
    page = visit("/login/?next=/leads/")
    page.keyboard.type(seat.email)
    page.keyboard.press("Tab")
    page.keyboard.type(PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_url("**/login/code/")
    assert barriers(page) == ""
    page.keyboard.type("000000")
    page.keyboard.press("Enter")
    expect(page.locator(".error").first).to_be_visible()
    page.locator("[name=code]").fill(code_of(seat.secret))
    page.keyboard.press("Enter")
    page.wait_for_url("**/leads/")


def test_a_session_that_ends_in_the_queue_is_mended_in_two_steps(chromium: Browser, site: Site) -> None:
    seat = site.seats[TWOFOLD]
    page = seated(chromium, site, seat, language="en", theme="light", width=1440)
    page.goto("/queue/")
    page.wait_for_load_state("networkidle")
    code = page.locator("#queue").get_attribute("data-code")
    page.context.clear_cookies(name="sessionid")
    page.keyboard.press("t")
    page.keyboard.press("Enter")
    dialog = page.locator("#do-login")
    dialog.locator("[name=password]").fill(PASSWORD)
    page.keyboard.press("Enter")
    dialog.locator("[name=code]").fill(code_of(seat.secret))
    page.keyboard.press("Enter")
    expect(dialog).to_be_hidden()
    settle(page)
    page.goto(f"/queue/{code}/")
    expect(page.locator(".already")).to_contain_text("Twofold")
    page.context.close()
