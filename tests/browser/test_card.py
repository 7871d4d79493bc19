"""The card of a lead in a browser: nobody is kept out, and no press is taken twice."""

import re
from itertools import count

import pytest
from playwright.sync_api import Page, expect

from crm.rules.roles import Role
from tests.browser.company import CARD, LOOKS, NEW, Look
from tests.browser.conftest import Barriers, Visit

_numbers = count(1)


def _lead(visit: Visit, role: Role = Role.HEAD) -> Page:
    page = visit(NEW, role)
    number = next(_numbers)
    page.locator("input[name=name]").fill(f"Card {number}")
    page.locator("input[name=phone]").fill(f"+7916222{number:04}")
    page.locator("main button[type=submit]").click()
    expect(page.get_by_role("heading", name=f"Card {number}")).to_be_visible()
    return page


def _show(page: Page, kind: str) -> None:
    page.locator(f"#history .chip[href*='show={kind}']").click()


@pytest.mark.parametrize("look", LOOKS, ids=str)
def test_the_card_keeps_nobody_out(look: Look, visit: Visit, barriers: Barriers) -> None:
    page = visit(CARD, Role.HEAD, look)
    page.locator("#details > summary").click()
    assert barriers(page) == ""
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")


def test_a_double_click_on_any_button_leaves_one_fact(visit: Visit) -> None:
    page = _lead(visit)
    page.locator("#touches button[type=submit]").dblclick()
    expect(page.locator("#history .touch")).to_have_count(1)
    page.locator("#judging .crit").first.locator("input[value=met]").check()
    page.locator("#judging button[type=submit]").dblclick()
    expect(page.locator("#history .assessment")).to_have_count(1)
    page.locator(".path button").first.dblclick()
    expect(page.locator("#history .transition")).to_have_count(2)
    page.locator("#details > summary").click()
    page.locator("#details input[name=company]").fill("Twice Ltd")
    page.locator("#details button[type=submit]").dblclick()
    expect(page.locator("#history .edit")).to_have_count(1)
    page.locator("#moves summary", has_text="Won").click()
    page.locator("#moves form[action$='/win/'] button").dblclick()
    expect(page.locator("#history .transition")).to_have_count(3)
    page.locator("#moves summary", has_text="Open again").click()
    page.locator("#moves form[action$='/reopen/'] button").dblclick()
    expect(page.locator("#history .transition")).to_have_count(4)
    expect(page.locator(".msg.error")).to_have_count(0)


def test_of_two_who_edit_the_second_is_told_and_loses_nothing(visit: Visit) -> None:
    first = _lead(visit)
    second = visit(first.url, Role.ADMIN)
    for page, name in ((first, "First Name"), (second, "Second Name")):
        page.locator("#details > summary").click()
        page.locator("#details input[name=name]").fill(name)
    first.locator("#details button[type=submit]").click()
    expect(first.get_by_role("heading", name="First Name")).to_be_visible()
    second.locator("#details button[type=submit]").click()
    expect(second.locator(".meanwhile")).to_contain_text("First Name")
    expect(second.locator("#details input[name=name]")).to_have_value("Second Name")
    second.locator("#details button[type=submit]").click()
    expect(second.get_by_role("heading", name="Second Name")).to_be_visible()


def test_going_back_finds_a_form_that_logs_another_attempt(visit: Visit) -> None:
    page = _lead(visit)
    page.locator("#touches button[type=submit]").click()
    expect(page.locator("#history .touch")).to_have_count(1)
    _show(page, "touches")
    expect(page).to_have_url(re.compile("show=touches"))
    page.go_back()
    page.locator("#touches button[type=submit]").click()
    expect(page.locator("#history .touch")).to_have_count(2)
    page.go_back()
    page.go_forward()
    expect(page.locator("#history .touch")).to_have_count(2)


@pytest.mark.parametrize("scripts", [True, False], ids=["with scripts", "without scripts"])
def test_details_are_edited_by_keyboard(visit: Visit, *, scripts: bool) -> None:
    lead = _lead(visit)
    page = visit(lead.url, Role.HEAD, scripts=scripts)
    page.locator("#details > summary").focus()
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    page.keyboard.press("Control+A")
    page.keyboard.type(f"Typed {scripts}")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name=f"Typed {scripts}")).to_be_visible()
