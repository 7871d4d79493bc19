"""Where a day begins: nobody is kept out of it, and a step is planned and done without a mouse."""

import pytest
from playwright.sync_api import Page, expect

from crm.rules.roles import Role
from tests.browser.company import ASSIGNMENT, DAY, LOOKS, NEW, Look
from tests.browser.conftest import Barriers, Visit


def _take_in(page: Page, name: str, phone: str) -> None:
    page.locator("input[name=name]").fill(name)
    page.locator("input[name=phone]").fill(phone)
    page.locator("main button[type=submit]").click()
    expect(page.get_by_role("heading", name=name)).to_be_visible()


@pytest.mark.parametrize("look", LOOKS, ids=str)
@pytest.mark.parametrize("role", Role)
def test_the_day_keeps_nobody_out(role: Role, look: Look, visit: Visit, barriers: Barriers) -> None:
    page = visit(DAY, role, look)
    assert barriers(page) == ""
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")


@pytest.mark.parametrize("look", LOOKS, ids=str)
def test_the_rules_keep_nobody_out(look: Look, visit: Visit, barriers: Barriers) -> None:
    page = visit(ASSIGNMENT, Role.ADMIN, look)
    assert barriers(page) == ""
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")


@pytest.mark.parametrize("scripts", [True, False], ids=["with scripts", "without scripts"])
def test_a_step_is_planned_and_done_by_keyboard(visit: Visit, *, scripts: bool) -> None:
    page = visit(NEW, Role.MANAGER, scripts=scripts)
    name = f"Step {scripts}"
    _take_in(page, name, f"+7916111010{int(scripts)}")
    page.locator("#next-step input[name=what]").focus()
    page.keyboard.type("Send the offer")
    page.keyboard.press("Tab")
    page.keyboard.type("in an hour")
    page.keyboard.press("Shift+Tab")
    page.keyboard.press("Enter")
    expect(page.locator("#next-step")).to_contain_text("Send the offer")
    done = page.locator("#next-step form[action$='/finish/'] button")
    done.focus()
    page.keyboard.press("Enter")
    expect(page.locator("#next-step .kin")).to_contain_text("Send the offer")
    expect(page.locator("#next-step input[name=what]")).to_be_visible()


def test_a_double_click_plans_one_step(visit: Visit) -> None:
    page = visit(NEW, Role.MANAGER)
    _take_in(page, "Double Click", "+79161110110")
    page.locator("#next-step input[name=what]").fill("Call twice")
    page.locator("#next-step form[action$='/step/'] button[type=submit]").dblclick()
    expect(page.locator("#next-step form[action$='/finish/']")).to_have_count(1)
    expect(page.locator(".msg.error")).to_have_count(0)


def test_a_rule_is_added_and_archived_from_the_page(visit: Visit) -> None:
    page = visit(ASSIGNMENT, Role.ADMIN)
    page.locator("select[name=method]").select_option("nobody")
    page.locator("form[action$='/new/'] button[type=submit]").click()
    expect(page.locator(".rulelist li")).to_have_count(1)
    expect(page.locator(".preview")).to_contain_text("50")
    page.locator("form[action$='/archive/'] button").click()
    expect(page.locator("details .rulelist")).to_have_count(1)
