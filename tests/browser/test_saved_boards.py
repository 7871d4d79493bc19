"""A board kept in hands: saved, begun with, shown to somebody outside, taken back."""

import pytest
from playwright.sync_api import Page, expect

from crm.rules.roles import Role
from tests.browser.company import BOARD, Look
from tests.browser.conftest import Barriers, Visit

NAME = "Every lead of ours"


def _save(page: Page) -> None:
    page.locator(".savedboards .chip.add summary").click()
    page.locator("#save_name").fill(NAME)
    expect(page.locator("#save_is_moving")).to_be_checked()
    page.locator(".savedboards button[type=submit]").click()
    expect(page.locator(".savedboards summary")).to_have_text(NAME)


def _begin_with_it(page: Page) -> None:
    page.locator(".savedboards summary").click()
    page.get_by_role("link", name="Start page, letters, links, sharing").click()
    page.get_by_role("button", name=f"Begin with it {NAME}").click()
    expect(page.locator(".savedboard", has_text=NAME).locator(".tag").first).to_have_text("start page")
    page.goto("/")
    expect(page.locator(".savedboards summary")).to_have_text(NAME)


def _link(page: Page) -> str:
    page.goto("/boards/")
    page.get_by_role("link", name=f"Show outside {NAME}").click()
    expect(page.locator("#id_board option:checked")).to_have_text(NAME)
    page.locator("#id_note").fill("The agency")
    page.get_by_role("button", name="Make the link").click()
    return page.locator("#url").input_value()


@pytest.mark.parametrize("look", [Look(), Look(width=390)], ids=str)
def test_a_board_is_saved_begun_with_shown_outside_and_taken_back(
    look: Look, visit: Visit, barriers: Barriers, provoked: list[str]
) -> None:
    role = Role.EXECUTIVE if look.is_phone else Role.MARKETER  # each keeps their own
    page = visit(BOARD, role, look)
    _save(page)
    _begin_with_it(page)
    url = _link(page)
    assert barriers(page) == ""

    outside = visit(url, None, look)
    expect(outside.locator("h1")).to_have_text(NAME)
    expect(outside.locator("svg.chart:visible")).to_have_count(3)
    assert outside.locator("a").count() == 0
    assert barriers(outside) == ""

    page.goto("/boards/links/")
    expect(page.locator("tbody tr").first).to_contain_text("1 time")
    page.on("dialog", lambda dialog: dialog.accept())
    page.get_by_role("button", name=f"Take back {NAME}").click()
    expect(page.locator("tbody tr").first).to_contain_text("taken back")
    provoked += ["410", "/shared/"]
    outside.goto(url)
    expect(outside.locator("h1")).to_have_text("This link is over")
