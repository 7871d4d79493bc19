"""Names that came for the first time are settled, joined and put away; every look of their pages."""

import json
import os
import re

import pytest
from playwright.sync_api import Page, expect

from crm.rules.roles import Role
from tests.browser.company import LOOKS, Look
from tests.browser.conftest import Barriers, Visit

OVERFLOW = "() => document.documentElement.scrollWidth - document.documentElement.clientWidth"
LIST = "/settings/sources/"


def _send(page: Page, *names: str) -> None:
    """Push a lead of each source, as the person who is signed in."""
    token = page.locator("[name=csrfmiddlewaretoken]").first.input_value()
    for number, name in enumerate(names):
        answer = page.request.post(
            "/api/v1/leads",
            data=json.dumps({"source": name, "external_id": f"{name}-{number}", "name": "Zoe", "funnel": ""}),
            headers={"Content-Type": "application/json", "X-CSRFToken": token, "Referer": page.url},
        )
        assert answer.status == 201, answer.text()


def _row(page: Page, name: str):  # type: ignore[no-untyped-def]
    return page.locator(".decide > li", has=page.get_by_role("link", name=name, exact=True))


@pytest.mark.parametrize(("tag", "scripts"), [("Alpha", True), ("Beta", False)], ids=["with scripts", "without"])
def test_a_twin_is_joined_and_what_is_sent_as_it_goes_to_the_other(tag: str, visit: Visit, *, scripts: bool) -> None:
    page = visit(LIST, Role.ADMIN, scripts=scripts)
    page.on("dialog", lambda dialog: dialog.accept())
    page.locator(".adding [name=name]").fill(f"{tag} Ads")
    page.locator(".adding button").click()
    _send(page, f"{tag} Search")
    page.goto(LIST)
    before = page.locator(".submenu .badge").first.inner_text()
    _row(page, f"{tag} Search").get_by_role("link", name="Another name").click()
    page.locator("[name=into]").select_option(label=f"{tag} Ads")
    page.get_by_role("button", name="See what would move").click()
    expect(page.locator(".moves")).to_contain_text("1 lead will be counted under it")
    page.get_by_role("button", name="Join them for good").click()
    expect(page.get_by_role("heading", name=f"{tag} Ads")).to_be_visible()
    expect(page.locator(".aliases")).to_contain_text(f"{tag} Search")
    _send(page, f"{tag} Search ")
    page.reload()
    expect(page.locator("main .dim").first).to_contain_text("2 leads")
    page.goto(LIST)
    assert page.locator(".submenu .badge").count() == 0 or page.locator(".submenu .badge").first.inner_text() != before


def test_a_name_is_confirmed_renamed_put_away_and_restored(visit: Visit) -> None:
    page = visit(LIST, Role.ADMIN)
    _send(page, "Gamma")
    page.goto(LIST)
    _row(page, "Gamma").get_by_role("button").click()
    page.locator(".names").get_by_role("link", name="Gamma", exact=True).click()
    page.locator("[name=name]").first.fill("Gamma Mail")
    page.get_by_role("button", name="Rename").click()
    expect(page.get_by_role("heading", name="Gamma Mail")).to_be_visible()
    page.get_by_role("button", name="Put out of use").click()
    page.locator(".archived summary").click()
    page.locator(".archived").get_by_role("link", name="Gamma Mail").click()
    page.get_by_role("button", name="Restore").click()
    expect(page.locator(".names").first).to_contain_text("Gamma Mail")


@pytest.mark.parametrize("look", LOOKS, ids=str)
def test_the_pages_of_names_are_whole_in_every_look(look: Look, visit: Visit, barriers: Barriers) -> None:
    page = visit(LIST, Role.ADMIN, look)
    _send(page, f"Omega {look}", f"omega {look}")

    def check(name: str) -> None:
        assert page.evaluate(OVERFLOW) <= 0, f"{name} scrolls sideways"
        assert barriers(page) == "", name
        if shots := os.environ.get("SHOTS"):
            page.screenshot(path=f"{shots}/{name}-{look}.png", full_page=True)

    for name in ("sources", "campaigns", "segments"):
        page.goto(f"/settings/{name}/")
        check(name)
    page.goto(LIST)
    page.locator(".decide a.btn.primary").first.click()
    page.wait_for_url("**/merge/**")
    check("merge")
    page.goto(LIST)
    page.locator(".names tbody th a").first.click()
    page.wait_for_url(re.compile(r"/settings/sources/\d+/$"))
    check("source")
