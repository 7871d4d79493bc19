"""Every page of every role in both languages, in every light and width; one load serves the four looks of a language.

A page costs its load and what axe asks of it. All of axe's rules are asked once a load, then only those that light and
width can change. Turning the light and the width of an open page is also what a reader's machine does to it.
"""

from typing import Literal

import pytest
from playwright.sync_api import Page

from crm.rules.roles import Role
from tests.browser.company import PAGES, Look
from tests.browser.conftest import HEIGHT, Barriers, Site, Visit

LANGUAGES = ("en", "ru")
OVERFLOW = "() => document.documentElement.scrollWidth - document.documentElement.clientWidth"
OF_THE_LIGHT = ("color-contrast", "link-in-text-block")
OF_THE_WIDTH = (*OF_THE_LIGHT, "target-size")
# In this order one thing at a time is turned: a page is loaded in the first, and read by all rules.
TURNS: tuple[tuple[Literal["light", "dark"], int, tuple[str, ...]], ...] = (
    ("light", 1440, ()),
    ("dark", 1440, OF_THE_LIGHT),
    ("dark", 390, OF_THE_WIDTH),
    ("light", 390, OF_THE_LIGHT),
)

# Words that stick out of their own box, and things to press that lie beyond the screen where nothing scrolls.
CUT = r"""() => {
    const scrolls = (element) => /auto|scroll|hidden/.test(getComputedStyle(element).overflowX);
    const isShown = (element) => element.checkVisibility({ visibilityProperty: true }); // not within closed details
    const cut = [];
    for (const element of document.querySelectorAll("header *, main *")) {
        if (element.closest("svg, .visually-hidden") || !isShown(element)) continue;
        const said = `${element.localName} “${element.textContent.trim().slice(0, 60)}”`;
        const speaks = [...element.childNodes].some((node) => node.nodeType === 3 && node.data.trim());
        const isBox = getComputedStyle(element).display !== "inline" && element.clientWidth > 2;
        if (speaks && isBox && !/auto|scroll/.test(getComputedStyle(element).overflowX)
            && element.scrollWidth > element.clientWidth + 1) cut.push(`cut: ${said}`);
        if (!element.matches("a, button, input, select, summary")) continue;
        let within = element.parentElement;
        while (within && !scrolls(within)) within = within.parentElement;
        if (!within && element.getBoundingClientRect().right > innerWidth + 1) cut.push(`beyond the screen: ${said}`);
    }
    return cut;
}"""

# Words of one chart written over each other.
OVERWRITTEN = """() => [...document.querySelectorAll("svg.chart")].flatMap((chart) => {
    const words = [...chart.querySelectorAll("text")]
        .map((text) => ({ said: text.textContent.trim(), box: text.getBoundingClientRect() }))
        .filter(({ said, box }) => said && box.width);
    const isOver = (one, two) => Math.min(one.right, two.right) - Math.max(one.left, two.left) > 2
        && Math.min(one.bottom, two.bottom) - Math.max(one.top, two.top) > Math.min(one.height, two.height) / 2;
    return words.flatMap((one, at) => words.slice(at + 1)
        .filter((two) => isOver(one.box, two.box)).map((two) => `overwritten: ${one.said} / ${two.said}`));
})"""


def _complaints(page: Page, barriers: Barriers) -> list[str]:
    """Turn an open page through the looks and say what is wrong with it in each."""
    wrong: list[str] = []
    for theme, width, rules in TURNS:
        look = Look(page.locator("html").get_attribute("lang") or "", theme, width)
        page.emulate_media(color_scheme=theme)
        page.set_viewport_size({"width": width, "height": HEIGHT[look.is_phone]})
        found = [*page.evaluate(CUT), *page.evaluate(OVERWRITTEN), *barriers(page, *rules).splitlines()]
        if page.evaluate(OVERFLOW) > 0:
            found.append("scrolls sideways")
        wrong += [f"{page.url} {look}: {complaint}" for complaint in found]
    return wrong


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("role", Role)
def test_a_roles_pages_are_whole_in_every_look(
    role: Role, language: str, visit: Visit, site: Site, barriers: Barriers
) -> None:
    first, *others = PAGES[role]
    page = visit(first, role, Look(language))
    assert page.locator("html").get_attribute("lang") == language
    wrong = _complaints(page, barriers)
    for name in others:
        page.set_viewport_size({"width": 1440, "height": HEIGHT[False]})
        page.emulate_media(color_scheme="light")
        page.goto(site.people[role].paths[name])
        wrong += _complaints(page, barriers)
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("path", ["/login/", "/password/reset/"])
def test_a_stranger_reads_the_way_in(path: str, language: str, visit: Visit, barriers: Barriers) -> None:
    page = visit(path, None, Look(language))
    assert page.locator("html").get_attribute("lang") == language
    assert _complaints(page, barriers) == []
