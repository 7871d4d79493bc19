"""Leads are moved between stages by mouse, by keys and by a menu; what the server does not know is not shown."""

import re
from itertools import count

import pytest
from playwright.sync_api import Locator, Page, Route, expect

from crm.rules.roles import Role
from tests.browser.company import KANBAN, NEW, Look
from tests.browser.conftest import Barriers, Visit

SAID = "#kanban-said"
OVERFLOW = "() => document.documentElement.scrollWidth - document.documentElement.clientWidth"
numbers = count(1)


def lane(page: Page, stage: str) -> Locator:
    return page.locator(f".lane[data-stage={stage}]")


def newcomer(visit: Visit, role: Role = Role.HEAD) -> tuple[Page, str]:
    """Take in a lead that no other test looks at; return the board, narrowed to its source, and its code."""
    name = f"Kanban {next(numbers)}"
    page = visit(NEW, role)
    page.get_by_label("Name").first.fill(name)
    page.get_by_label("Source").first.fill(name)
    page.locator("main form").get_by_role("button").last.click()
    page.wait_for_url(re.compile(r"/leads/ld_"))
    code = page.url.rstrip("/").rpartition("/")[2]
    page.goto("/kanban/")
    option = page.locator("select[name=source] option", has_text=name)
    page.goto(f"/kanban/?source={option.get_attribute('value')}")
    expect(page.locator(f".ticket[data-code={code}]")).to_be_visible()
    return page, code


def stages(page: Page) -> list[str]:
    return [one.get_attribute("data-stage") or "" for one in page.locator(".lane[data-stage]").all()]


def test_a_lead_is_dragged_to_the_next_stage_and_stays_there(visit: Visit) -> None:
    page, code = newcomer(visit)
    _first, second, *_rest = stages(page)
    page.locator(f".ticket[data-code={code}]").drag_to(lane(page, second))
    expect(page.locator(SAID)).to_contain_text("moved")
    page.reload()
    expect(lane(page, second).locator(".ticket")).to_have_count(1)


def test_the_keyboard_alone_picks_up_carries_leaves_and_drops(visit: Visit) -> None:
    page, code = newcomer(visit)
    first, _second, third, *_rest = stages(page)
    ticket = page.locator(f".ticket[data-code={code}]")
    ticket.focus()
    page.keyboard.press("Space")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Escape")
    expect(lane(page, first).locator(".ticket")).to_have_count(1)
    for key in ("Space", "ArrowRight", "ArrowRight", "Space"):
        page.keyboard.press(key)
    expect(page.locator(SAID)).to_contain_text("moved")
    expect(lane(page, third).locator(".ticket")).to_have_count(1)
    expect(ticket).to_be_focused()


def test_dropping_on_lost_asks_for_a_reason_of_this_stage_and_takes_no_other_answer(
    visit: Visit, provoked: list[str]
) -> None:
    provoked += ["422"]
    page, code = newcomer(visit)
    page.locator(f".ticket[data-code={code}]").drag_to(page.locator("[data-end=lose].lane"))
    dialog = page.locator("dialog[open]")
    expect(dialog.get_by_role("heading").first).to_contain_text("Why is it lost")
    with page.expect_response("**/lose/") as refused:
        dialog.get_by_role("button", name="Lost").click()
    assert refused.value.status == 422
    expect(dialog.get_by_role("alert")).to_be_visible()
    dialog.locator("label:not(:has(small)) input").first.check()
    dialog.get_by_role("button", name="Lost").dblclick()
    expect(page.locator(SAID)).to_contain_text("lost")
    expect(page.locator(f".ticket[data-code={code}]")).to_have_count(0)
    page.goto(f"/leads/{code}/")
    expect(page.locator("body")).to_contain_text("Lost")


def test_a_move_the_network_has_swallowed_puts_the_lead_back_and_can_be_made_again(
    visit: Visit, provoked: list[str]
) -> None:
    provoked += ["ERR_FAILED"]
    page, code = newcomer(visit)
    first, second, *_rest = stages(page)
    page.route("**/move/", lambda route: route.abort())
    page.locator(f".ticket[data-code={code}]").drag_to(lane(page, second))
    expect(page.locator(SAID)).to_contain_text("connection is lost")
    expect(lane(page, first).locator(".ticket")).to_have_count(1)
    page.unroute("**/move/")
    page.locator(f".ticket[data-code={code}]").drag_to(lane(page, second))
    expect(page.locator(SAID)).to_contain_text("moved")
    expect(lane(page, second).locator(".ticket")).to_have_count(1)


def test_an_answer_that_was_lost_on_its_way_moves_nothing_twice(visit: Visit, provoked: list[str]) -> None:
    provoked += ["ERR_FAILED", "422"]
    page, code = newcomer(visit)
    _first, second, *_rest = stages(page)

    def swallow(route: Route) -> None:
        route.fetch()
        route.abort()

    page.route("**/move/", swallow)
    page.locator(f".ticket[data-code={code}]").drag_to(lane(page, second))
    expect(page.locator(SAID)).to_contain_text("connection is lost")
    page.unroute("**/move/")
    page.locator(f".ticket[data-code={code}]").drag_to(lane(page, second))
    expect(page.locator(SAID)).to_contain_text("has changed since")
    expect(lane(page, second).locator(".ticket")).to_have_count(1)


def test_whoever_comes_second_is_told_and_sees_where_the_lead_is(visit: Visit, provoked: list[str]) -> None:
    provoked += ["422"]
    page, code = newcomer(visit)
    _first, second, third, *_rest = stages(page)
    other = visit(KANBAN, Role.ADMIN)
    other.goto(page.url)
    page.locator(f".ticket[data-code={code}]").drag_to(lane(page, second))
    expect(page.locator(SAID)).to_contain_text("moved")
    other.locator(f".ticket[data-code={code}]").drag_to(lane(other, third))
    expect(other.locator(SAID)).to_contain_text("has changed since")
    expect(lane(other, second).locator(".ticket")).to_have_count(1)


def test_on_a_phone_a_menu_moves_it(visit: Visit, barriers: Barriers) -> None:
    _page, code = newcomer(visit)
    page = visit(KANBAN, Role.HEAD, Look("en", "dark", 390))
    page.goto(_page.url)
    page.locator(f".ticket[data-code={code}] .mover").click()
    assert barriers(page) == ""
    _first, second, *_rest = stages(page)
    page.locator(f"dialog[open] [data-to={second}]").click()
    expect(page.locator(SAID)).to_contain_text("moved")
    assert page.evaluate(OVERFLOW) <= 0
    page.go_back()
    page.go_forward()
    expect(lane(page, second).locator(".ticket")).to_have_count(1)


@pytest.mark.parametrize("scripts", [True, False])
def test_every_card_leads_to_its_lead_with_and_without_scripts(scripts: bool, visit: Visit) -> None:
    page = visit(KANBAN, Role.HEAD, scripts=scripts)
    link = page.locator(".ticket > a").first
    href = link.get_attribute("href")
    link.click()
    page.wait_for_url(f"**{href}")


def carry_to_lost(page: Page) -> Locator:
    """Carry what has the focus past the last stage to where leads are lost, by keys alone; return the dialog."""
    page.keyboard.press("Space")
    for _lane in range(len(stages(page)) + 2):
        page.keyboard.press("ArrowRight")
    page.keyboard.press("Space")
    return page.locator("dialog[open]")


def test_the_keyboard_alone_loses_a_lead_or_thinks_better_of_it(visit: Visit) -> None:
    page, code = newcomer(visit)
    ticket = page.locator(f".ticket[data-code={code}]")
    ticket.focus()
    dialog = carry_to_lost(page)
    page.keyboard.press("Space")
    page.keyboard.press("Escape")
    expect(page.locator(SAID)).to_have_text("Left where it was.")
    expect(ticket).to_be_focused()
    carry_to_lost(page)
    expect(dialog.locator("input").first).to_be_checked()  # what was ticked for this lead is not lost
    page.keyboard.press("Enter")
    expect(page.locator(SAID)).to_contain_text("lost")
    expect(ticket).to_have_count(0)


def test_a_lead_changed_meanwhile_can_be_lost_from_the_dialog_that_was_open(visit: Visit, provoked: list[str]) -> None:
    provoked += ["422"]
    page, code = newcomer(visit)
    _first, second, *_rest = stages(page)
    page.locator(f".ticket[data-code={code}]").focus()
    dialog = carry_to_lost(page)
    dialog.locator("label:not(:has(small)) input").first.check()
    other = visit(KANBAN, Role.ADMIN)
    other.goto(page.url)
    for stage in (second, stages(page)[0]):  # there and back: the same stage, and another version
        other.locator(f".ticket[data-code={code}] .mover").focus()
        other.keyboard.press("Enter")
        other.locator(f"dialog[open] [data-to={stage}]").click()
        expect(lane(other, stage).locator(".ticket")).to_have_count(1)
        expect(other.locator(SAID)).to_contain_text("moved")
    dialog.get_by_role("button", name="Lost").click()
    expect(dialog.get_by_role("alert")).to_contain_text("has changed since")
    dialog.get_by_role("button", name="Lost").click()
    expect(page.locator(SAID)).to_contain_text("lost")


def test_a_lead_moved_on_meanwhile_closes_the_dialog_of_its_old_stage(visit: Visit, provoked: list[str]) -> None:
    provoked += ["422"]
    page, code = newcomer(visit)
    _first, second, *_rest = stages(page)
    page.locator(f".ticket[data-code={code}]").focus()
    dialog = carry_to_lost(page)
    dialog.locator("label:not(:has(small)) input").first.check()
    other = visit(KANBAN, Role.ADMIN)
    other.goto(page.url)
    other.locator(f".ticket[data-code={code}]").drag_to(lane(other, second))
    expect(other.locator(SAID)).to_contain_text("moved")
    dialog.get_by_role("button", name="Lost").click()
    expect(page.locator(SAID)).to_contain_text("has changed since")
    expect(dialog).to_have_count(0)
    expect(lane(page, second).locator(".ticket")).to_have_count(1)


@pytest.mark.parametrize(("status", "words"), [(404, "not yours to move any more"), (500, "the server could not")])
def test_why_it_was_not_moved_is_told_as_it_is(status: int, words: str, visit: Visit, provoked: list[str]) -> None:
    provoked += [str(status)]
    page, code = newcomer(visit)
    first, second, *_rest = stages(page)
    page.route("**/move/", lambda route: route.fulfill(status=status, content_type="text/html", body="<p>No</p>"))
    page.locator(f".ticket[data-code={code}]").drag_to(lane(page, second))
    expect(page.locator(SAID)).to_contain_text(words)
    expect(lane(page, first).locator(".ticket")).to_have_count(1)
