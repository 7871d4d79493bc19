"""What lies over the queue's page, in every language, light and width."""

import pytest
from playwright.sync_api import expect

from crm.rules.roles import Role
from tests.browser.company import LOOKS, QUEUE, Look
from tests.browser.conftest import Barriers, Visit

OVERFLOW = "() => document.documentElement.scrollWidth - document.documentElement.clientWidth"


@pytest.mark.parametrize("look", LOOKS, ids=str)
@pytest.mark.parametrize("key", ["c", "l", "?"])
def test_a_dialog_is_whole_in_every_look(key: str, look: Look, visit: Visit, barriers: Barriers) -> None:
    page = visit(QUEUE, Role.ADMIN, look)
    page.keyboard.press(key)
    expect(page.locator("dialog:modal")).to_have_count(1)
    assert page.evaluate(OVERFLOW) <= 0, "scrolls sideways"
    assert barriers(page) == ""
    page.keyboard.press("Escape")
    expect(page.locator("dialog:modal")).to_have_count(0)
