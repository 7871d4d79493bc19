"""Every page of every role, in every language, light and width, without a complaint."""

import pytest

from crm.rules.roles import Role
from tests.browser.company import LOOKS, PAGES, Look
from tests.browser.conftest import Barriers, Visit

OVERFLOW = "() => document.documentElement.scrollWidth - document.documentElement.clientWidth"
OPENED = [(role, name) for role in Role for name in PAGES[role]]
SEEN_AGAIN = ("color-contrast", "link-in-text-block", "target-size")  # what the light and the width have a say in


@pytest.mark.parametrize("width", [1440, 390])
@pytest.mark.parametrize("language", ["en", "ru"])
@pytest.mark.parametrize(("role", "name"), OPENED)
def test_a_page_is_whole_in_every_look(
    role: Role, name: str, language: str, width: int, visit: Visit, barriers: Barriers
) -> None:
    page = visit(name, role, Look(language, "light", width))
    assert page.locator("html").get_attribute("lang") == language
    assert page.evaluate(OVERFLOW) <= 0, "scrolls sideways"
    assert barriers(page) == ""
    page.emulate_media(color_scheme="dark")
    assert page.evaluate(OVERFLOW) <= 0, "scrolls sideways in the dark"
    assert barriers(page, SEEN_AGAIN) == "", "in the dark"


@pytest.mark.parametrize("look", LOOKS, ids=str)
@pytest.mark.parametrize("path", ["/login/", "/password/reset/"])
def test_a_stranger_reads_the_way_in(path: str, look: Look, visit: Visit, barriers: Barriers) -> None:
    page = visit(path, None, look)
    assert page.locator("html").get_attribute("lang") == look.language
    assert page.evaluate(OVERFLOW) <= 0, "scrolls sideways"
    assert barriers(page) == ""
