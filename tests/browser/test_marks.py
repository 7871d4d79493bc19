"""Every mark of every chart takes a pointer: nothing drawn over it is in the way."""

import pytest

from crm.rules.roles import Role
from tests.browser.company import BOARD, Look
from tests.browser.conftest import Visit

SIDES = 2  # pixels of a mark that must stand free to be hit
COVERED = """(sides) => {
    const covered = [];
    for (const mark of document.querySelectorAll("svg.chart a")) {
        const shape = mark.querySelector("rect, circle, path, text");
        if (!shape || !shape.getClientRects().length) continue;
        shape.scrollIntoView({ block: "center" });
        const box = shape.getBoundingClientRect();
        if (box.width <= 2 * sides || box.height <= 2 * sides) continue;
        const y = box.top + box.height / 2;
        const hits = [box.left + sides, box.left + box.width / 2, box.right - sides]
            .map((x) => document.elementFromPoint(x, y)?.closest("a"));
        const twin = hits[2]?.querySelector("rect")?.getBoundingClientRect();
        const isTwin = twin && Math.abs(twin.left - box.left) < 1 && twin.right > box.right - 2 * sides;
        if (!hits.includes(mark) && !isTwin) covered.push(mark.getAttribute("aria-label"));
    }
    return covered;
}"""


@pytest.mark.parametrize("width", [390, 1440])
def test_a_pointer_reaches_every_mark_or_its_twin_of_the_same_leads(width: int, visit: Visit) -> None:
    page = visit(BOARD, Role.MARKETER, Look(width=width))
    assert page.locator("svg.chart:visible a").count() > 30
    assert page.evaluate(COVERED, SIDES) == []


def test_a_week_that_is_not_ripe_yet_opens_too(visit: Visit) -> None:
    page = visit(BOARD, Role.MARKETER)
    bar = page.locator("svg.chart.wide rect.young").last.bounding_box()
    assert bar is not None
    page.mouse.click(bar["x"] + bar["width"] / 2, bar["y"] + bar["height"] / 2)
    page.wait_for_url("**/board/leads/?*in_week=*")
