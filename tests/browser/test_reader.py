"""A page is in the reader's language and fits the reader's paper."""

import pytest
from playwright.sync_api import Page, expect

from crm.rules.roles import Role
from tests.browser.company import BOARD, PAGES, PROFILE, Look
from tests.browser.conftest import Visit

OVERFLOW = "() => document.scrollingElement.scrollWidth - innerWidth"
BACKGROUND = "() => getComputedStyle(document.body).backgroundColor"
A4 = 794  # pixels of its width at 96 to the inch


def _choose(page: Page, *, language: str, theme: str) -> None:
    page.goto("/profile/")
    page.locator("select[name=language]").select_option(language)
    page.locator("select[name=theme]").select_option(theme)
    page.locator("form:has(select[name=theme]) button[type=submit]").click()
    page.goto("/")


@pytest.mark.parametrize("language", ["en", "ru"])
def test_the_browsers_language_decides_for_who_has_chosen_none(language: str, visit: Visit) -> None:
    page = visit(BOARD, Role.EXECUTIVE, Look(language))
    expect(page.locator("html")).to_have_attribute("lang", language)


def test_the_persons_choice_wins_over_the_browsers_language_and_light(visit: Visit) -> None:
    page = visit(PROFILE, Role.EXECUTIVE, Look("en", "light"))
    light = page.evaluate(BACKGROUND)
    try:
        _choose(page, language="ru", theme="dark")
        expect(page.locator("html")).to_have_attribute("lang", "ru")
        assert page.evaluate(BACKGROUND) != light
    finally:
        _choose(page, language="", theme="")
    expect(page.locator("html")).to_have_attribute("lang", "en")
    assert page.evaluate(BACKGROUND) == light


@pytest.mark.parametrize("name", PAGES[Role.HEAD])
def test_a_printed_page_is_not_wider_than_paper(name: str, visit: Visit) -> None:
    page = visit(name, Role.HEAD, Look("ru", width=A4))
    page.emulate_media(media="print")
    assert page.evaluate(OVERFLOW) <= 0
