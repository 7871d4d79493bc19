"""A manager's whole thread with one lead: taken in, judged off target, lost with a reason, opened again."""

import pytest
from playwright.sync_api import Page, expect

from crm.rules.roles import Role
from tests.browser.company import NEW, Look
from tests.browser.conftest import Visit


def _take_in(page: Page, phone: str) -> None:
    page.locator("input[name=name]").fill("Zoe Test")
    page.locator("input[name=phone]").fill(phone)
    page.locator("main button[type=submit]").click()


def _judge_off_target(page: Page) -> None:
    judging = page.locator("#judging")
    judging.locator(".crit").last.locator("label.bad").click()
    judging.locator("button[type=submit]").click()


def _lose(page: Page) -> None:
    page.locator("#losing > summary").click()
    page.locator("#losing .reasons label:not(:has(small))").first.click()
    page.locator("#losing button[type=submit]").click()


def _open_again(page: Page) -> None:
    again = page.locator("#moves details.act", has=page.locator("form[action$='/reopen/']"))
    again.locator("summary").click()
    again.locator("button[type=submit]").click()


@pytest.mark.parametrize(
    ("phone", "look", "scripts"),
    [
        ("+79161110001", Look(), True),
        ("+79161110002", Look(width=390), True),
        ("+79161110003", Look(), False),
    ],
    ids=["at a desk", "on a phone", "without scripts"],
)
def test_a_lead_is_walked_from_arrival_to_loss_and_back(phone: str, look: Look, visit: Visit, *, scripts: bool) -> None:
    page = visit(NEW, Role.MANAGER, look, scripts=scripts)
    _take_in(page, phone)
    expect(page.get_by_role("heading", name="Zoe Test")).to_be_visible()
    _judge_off_target(page)
    expect(page.locator("#judging .verdict")).to_contain_text("Non-target")
    _lose(page)
    expect(page.locator("#moves .tag")).to_contain_text("Lost")
    _open_again(page)
    expect(page.locator("#moves .tag")).to_have_count(0)
    expect(page.locator("#losing")).to_have_count(1)
