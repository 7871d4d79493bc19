"""No word of a panel is cut or lies on another, on the board and on each panel's page, from a small phone to a wall.

A page is loaded once in each language, and turned through widths and lights as a reader's machine turns it.
"""

from typing import Literal

import pytest

from crm.rules.roles import Role
from insights.views.pages import PAGES
from tests.browser.company import BOARD, Look
from tests.browser.conftest import HEIGHT, Barriers, Visit
from tests.browser.test_every_page import CUT, OVERFLOW, OVERWRITTEN

LIGHTS: tuple[Literal["light", "dark"], ...] = ("light", "dark")
WIDTHS = (320, 390, 768, 1024, 1440, 2560)
LAID_OUT = {"sources": ("?group_by=source", "?group_by=campaign", "?group_by=owner")}
WAYS = [BOARD, *(f"/board/{code}/{way}" for code in PAGES for way in LAID_OUT.get(code, ("",)))]

# Words of a drawing that stick out of it: where it ends they are cut.
CLIPPED = """() => [...document.querySelectorAll("svg.chart")].flatMap((chart) => {
    const edge = chart.getBoundingClientRect();
    return [...chart.querySelectorAll("text")]
        .map((text) => ({ said: text.textContent.trim(), box: text.getBoundingClientRect() }))
        .filter(({ said, box }) => said && box.width)
        .filter(({ box }) => box.left < edge.left - 1 || box.right > edge.right + 1
            || box.top < edge.top - 2 || box.bottom > edge.bottom + 2)
        .map(({ said }) => `clipped: ${said}`);
})"""


@pytest.mark.parametrize("language", ["en", "ru"])
@pytest.mark.parametrize("way", WAYS)
def test_every_word_of_a_panel_stands_free_at_every_width(
    way: str, language: str, visit: Visit, barriers: Barriers
) -> None:
    page = visit(way, Role.MARKETER, Look(language))
    wrong = []
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": HEIGHT[width < 640]})
        found = [told for script in (CUT, OVERWRITTEN, CLIPPED) for told in page.evaluate(script)]
        if page.evaluate(OVERFLOW) > 0:
            found.append("scrolls sideways")
        wrong += [f"{width}: {told}" for told in found]
    for light in LIGHTS:
        page.emulate_media(color_scheme=light)
        wrong += [f"{light}: {told}" for told in barriers(page).splitlines()]
    assert not wrong, "\n".join(wrong)
