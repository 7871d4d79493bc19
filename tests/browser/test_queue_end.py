"""The last lead of a queue: what is said after it was there is true, although it was asked for before."""

from playwright.sync_api import Browser, expect

from tests.browser.conftest import Site
from tests.browser.seats import LAST


def test_after_the_last_lead_nothing_is_said_to_wait(chromium: Browser, site: Site) -> None:
    context = chromium.new_context(base_url=site.url, locale="en-GB")
    context.add_cookies([{"name": "sessionid", "value": site.seats[LAST].session, "url": site.url}])
    page = context.new_page()
    page.goto("/queue/")
    code = page.locator("#queue").get_attribute("data-code")
    page.keyboard.press("t")
    page.keyboard.press("Enter")
    expect(page.locator("#queue .next a")).to_have_count(0)
    expect(page.locator("#queue")).not_to_contain_text("set aside")
    expect(page.locator("#queue")).not_to_have_attribute("data-code", str(code))
    context.close()
