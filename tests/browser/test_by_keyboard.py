"""Every role does its main work from the way in to the last act by keys alone, and always sees where it is."""

import re

import pytest
from playwright.sync_api import Page, expect

from crm.rules.roles import Role
from tests.browser.company import DRAFT, KANBAN, NEW, QUEUE, SETTINGS
from tests.browser.conftest import Site, Visit
from tests.browser.keyboard import Keyboard


def _menu(page: Page) -> list[str]:
    return [str(link.get_attribute("href")) for link in page.locator("header nav a").all()]


def _lead(page: Page, name: str) -> None:
    page.goto("/leads/new/")
    keys = Keyboard(page)
    keys.to(page.locator("input[name=name]"))
    keys.write(name)
    keys.press("Enter")
    expect(page.get_by_role("heading", name=name)).to_be_visible()


@pytest.mark.parametrize("role", Role)
def test_a_role_reaches_every_section_from_the_way_in(role: Role, visit: Visit, site: Site) -> None:
    page = visit("/")
    keys = Keyboard(page)
    keys.sign_in(site.people[role].email)
    for address in _menu(page):
        keys.open(page.locator(f"header nav a[href='{address}']"))
        expect(page.locator("header nav a[aria-current=page]")).to_have_attribute("href", address)
    keys.open(page.locator("details.who > summary"))
    expect(page.locator("details.who .picker")).to_be_visible()
    keys.press("Tab")
    keys.press("Escape")
    expect(page.locator("details.who > summary")).to_be_focused()


@pytest.mark.parametrize("role", Role)
def test_a_role_filters_the_list_and_opens_a_lead(role: Role, visit: Visit) -> None:
    page = visit("/leads/", role)
    keys = Keyboard(page)
    keys.open(page.locator(".morefilters > summary"))
    keys.to(page.locator("#filter_verdict"))
    keys.write("T")
    expect(page.locator(".asked .chip")).to_have_count(1)
    expect(page.locator("main :focus")).to_have_count(1)
    keys.open(page.locator("main a[href^='/leads/L'], main .listing a[href^='/leads/']"))
    expect(page.locator("#judging")).to_be_visible()


def test_a_manager_judges_and_loses_a_lead(visit: Visit) -> None:
    page = visit(NEW, Role.MANAGER)
    _lead(page, "Keys Only")
    keys = Keyboard(page)
    crit = page.locator("#judging .crit").last
    keys.to(crit.locator("input:checked, input[type=radio]"))
    keys.press("ArrowRight")
    keys.press("ArrowRight")
    expect(crit.locator("input[value=failed]")).to_be_checked()
    assert keys.unseen() == ""
    keys.open(page.locator("#judging button[type=submit]"))
    expect(page.locator("#judging .verdict")).to_contain_text("Non-target")
    keys.open(page.locator("#losing > summary"))
    keys.to(page.locator("#losing .reasons label:not(:has(small)) input"))
    keys.press("Space")
    assert keys.unseen() == ""
    keys.open(page.locator("#losing button[type=submit]"))
    expect(page.locator("#moves .tag")).to_contain_text("Lost")


@pytest.mark.parametrize("role", [Role.EXECUTIVE, Role.MARKETER])
def test_a_number_of_the_board_leads_to_its_leads(role: Role, visit: Visit) -> None:
    page = visit("/", role)
    keys = Keyboard(page)
    keys.open(page.locator("section.lead a[href*='/board/leads/']"))
    expect(page).to_have_url(re.compile("/board/leads/"))
    page.go_back()
    keys.to(page.locator("svg.chart a[tabindex='0']:visible"))
    keys.press("ArrowRight")
    assert keys.unseen() == ""
    keys.press("Enter")
    expect(page).to_have_url(re.compile("/board/leads/"))


def test_an_administrator_changes_a_setting_and_back(visit: Visit) -> None:
    page = visit(SETTINGS, Role.ADMIN)
    keys = Keyboard(page)
    name = page.locator("main form input[type=text]").first
    before = name.input_value()
    for value in (f"{before} +", before):
        keys.to(name)
        keys.press("Control+A")
        keys.write(value)
        keys.open(page.locator("main form button[type=submit]").last)
        expect(page.locator(".msg")).to_be_visible()
        expect(name).to_have_value(value)


def test_a_marketer_drafts_a_rule(visit: Visit) -> None:
    page = visit(DRAFT, Role.MARKETER)
    keys = Keyboard(page)
    down = page.locator(".lines li").first.get_by_role("button", name="Move down")
    keys.open(down)
    assert keys.is_somewhere(), "the focus is lost when a line moves"
    keys.to(page.locator("main textarea"))
    keys.write("Asked in another order")
    keys.open(page.locator("main form button[type=submit]").last)
    expect(page).to_have_url(re.compile("/rules/drafts/"))
    keys.open(page.locator("form[action*='discard'] button"))


def test_the_dialog_of_a_dropped_lead_gives_the_focus_back(visit: Visit) -> None:
    page = visit(KANBAN, Role.MANAGER)
    keys = Keyboard(page)
    keys.to(page.locator(".ticket"))
    code = page.evaluate("document.activeElement.dataset.code")
    keys.press("Space")
    for _ in range(page.locator(".lane").count()):
        keys.press("ArrowRight")
    keys.press("Enter")
    expect(page.locator("dialog[open]")).to_be_visible()
    assert keys.is_somewhere()
    keys.press("Escape")
    expect(page.locator("dialog[open]")).to_have_count(0)
    expect(page.locator(f".ticket[data-code='{code}']")).to_be_focused()


@pytest.mark.parametrize("act", ["call", "lose"])
def test_a_dialog_of_the_queue_gives_the_focus_back(act: str, visit: Visit) -> None:
    page = visit(QUEUE, Role.HEAD)
    keys = Keyboard(page)
    opener = page.locator(f"[data-act={act}]:visible").first
    keys.open(opener)
    expect(page.locator(f"#do-{act}")).to_be_visible()
    keys.press("Tab")
    assert keys.unseen() == ""
    keys.press("Escape")
    expect(page.locator(f"#do-{act}")).to_be_hidden()
    expect(opener).to_be_focused()
