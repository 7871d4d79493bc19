"""Every page in every language, light and width; every role's pages without a complaint."""

import pytest

from crm.rules.roles import Role
from tests.browser.company import LOOKS, PAGES, Look
from tests.browser.conftest import Barriers, Visit

OVERFLOW = "() => document.documentElement.scrollWidth - document.documentElement.clientWidth"


@pytest.mark.parametrize("look", LOOKS, ids=str)
@pytest.mark.parametrize("name", PAGES[Role.ADMIN])
def test_a_page_is_whole_in_every_look(name: str, look: Look, visit: Visit, barriers: Barriers) -> None:
    page = visit(name, Role.ADMIN, look)
    assert page.locator("html").get_attribute("lang") == look.language
    assert page.evaluate(OVERFLOW) <= 0, "scrolls sideways"
    assert barriers(page) == ""


@pytest.mark.parametrize("look", LOOKS, ids=str)
@pytest.mark.parametrize("path", ["/login/", "/password/reset/"])
def test_a_stranger_reads_the_way_in(path: str, look: Look, visit: Visit, barriers: Barriers) -> None:
    page = visit(path, None, look)
    assert page.locator("html").get_attribute("lang") == look.language
    assert page.evaluate(OVERFLOW) <= 0, "scrolls sideways"
    assert barriers(page) == ""


@pytest.mark.parametrize("role", [role for role in Role if role is not Role.ADMIN])
def test_a_role_opens_its_pages_without_a_complaint(role: Role, visit: Visit, barriers: Barriers) -> None:
    for name in PAGES[role]:
        page = visit(name, role, Look("ru", "dark", 390))
        assert page.evaluate(OVERFLOW) <= 0, f"{name} scrolls sideways"
        assert barriers(page) == "", name
