"""A stage with more leads than are shown of it at once: they are reached, moved and not lost out of sight."""

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.conftest import Site, Visit
from tests.browser.seats import CROWD
from tests.browser.test_kanban import SAID, carry_to_lost, lane, stages

SHOWN = 25


@pytest.fixture
def crowd(visit: Visit, site: Site) -> Page:
    """The board of somebody with many new leads and no others."""
    return crowded(visit, site)


def crowded(visit: Visit, site: Site, *, scripts: bool = True) -> Page:
    page = visit("/login/", scripts=scripts)
    page.context.add_cookies([{"name": "sessionid", "value": site.seats[CROWD].session, "url": site.url}])
    page.goto("/kanban/")
    return page


def tickets(page: Page, number: int = 0) -> Locator:
    return lane(page, stages(page)[number]).locator(".ticket")


def unfold(page: Page) -> None:
    page.locator("[data-more]").first.dblclick()
    expect(tickets(page).nth(SHOWN)).to_be_focused()


def test_more_are_shown_once_and_the_keyboard_goes_on_with_them(crowd: Page) -> None:
    expect(tickets(crowd)).to_have_count(SHOWN)
    unfold(crowd)
    expect(tickets(crowd)).to_have_count(2 * SHOWN)
    codes = [one.get_attribute("data-code") for one in tickets(crowd).all()]
    assert len(set(codes)) == 2 * SHOWN
    crowd.keyboard.press("ArrowDown")
    expect(tickets(crowd).nth(SHOWN + 1)).to_be_focused()


def test_a_move_leaves_the_stage_unfolded_and_where_it_was_scrolled_to(crowd: Page) -> None:
    unfold(crowd)
    first = lane(crowd, stages(crowd)[0]).locator("ul")
    moved = tickets(crowd).nth(SHOWN)
    code, far = moved.get_attribute("data-code"), first.evaluate("(list) => list.scrollTop")
    assert far > 0
    for key in ("Space", "ArrowRight", "Space"):
        crowd.keyboard.press(key)
    expect(crowd.locator(SAID)).to_contain_text("moved")
    expect(lane(crowd, stages(crowd)[1]).locator(f".ticket[data-code={code}]")).to_be_focused()
    assert tickets(crowd).count() >= 2 * SHOWN - 1
    assert abs(first.evaluate("(list) => list.scrollTop") - far) < 40


def test_a_lead_moved_to_a_crowded_stage_is_seen_there(crowd: Page) -> None:
    moved = tickets(crowd).first
    code = moved.get_attribute("data-code")
    ticket = crowd.locator(f".ticket[data-code={code}]")
    moved.focus()
    for key, number in (("ArrowRight", 1), ("ArrowLeft", 0)):  # away and back: there it has waited least by now
        for press in ("Space", key, "Space"):
            crowd.keyboard.press(press)
        here = lane(crowd, stages(crowd)[number])
        expect(here.locator(f".ticket[data-code={code}]")).to_be_focused()
        expect(crowd.locator(SAID)).to_contain_text("moved")
    expect(tickets(crowd).first).to_have_attribute("data-code", str(code))
    expect(ticket).to_have_count(1)


def test_after_a_loss_the_keyboard_goes_on_with_the_next_lead(crowd: Page) -> None:
    lost = tickets(crowd).nth(3)
    code, next_one = lost.get_attribute("data-code"), str(tickets(crowd).nth(4).get_attribute("data-code"))
    lost.focus()
    carry_to_lost(crowd).locator("label:not(:has(small)) input").first.check()
    crowd.keyboard.press("Enter")
    expect(crowd.locator(SAID)).to_contain_text("lost")
    expect(crowd.locator(f".ticket[data-code={code}]")).to_have_count(0)
    expect(crowd.locator(f".ticket[data-code={next_one}]")).to_be_focused()


def test_without_scripts_a_crowded_stage_goes_on_within_the_page(visit: Visit, site: Site) -> None:
    page = crowded(visit, site, scripts=False)
    first, seen = stages(page)[0], tickets(page).first.get_attribute("data-code")
    page.locator("[data-more]").first.click()
    expect(page.locator("h1")).to_be_visible()
    expect(lane(page, first).locator(".ticket").first).to_be_visible()
    expect(page.locator(f".ticket[data-code={seen}]")).to_have_count(0)
