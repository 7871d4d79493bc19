"""What is agreed on is drafted, compared, signed by two people and published; and every page of it can be read."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect

from crm.rules.roles import Role
from tests.browser.company import AGREED, DRAFT, LOOKS, REASONS, RULES, Look
from tests.browser.conftest import Barriers, Visit


def fits(page: Page) -> bool:
    return bool(page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"))


def make_draft(page: Page, note: str) -> str:
    """Write a draft that asks one criterion less; return the path of its page."""
    page.locator(".lines input[type=checkbox]").nth(1).uncheck()
    page.locator("#id_note").fill(note)
    page.locator("form .btn.primary").last.click()
    page.wait_for_url("**/rules/drafts/*/")
    return page.url


@pytest.fixture
def one_of_its_own(visit: Visit) -> Iterator[str]:
    """A funnel nobody else looks at, with rules in force and without leads; afterwards it is out of the others' way."""
    path = "/rules/funnels/manufacturer/"
    page = visit("/rules/presets/manufacturer/", Role.HEAD)
    page.on("dialog", lambda dialog: dialog.accept())
    if page.locator("form .btn.primary").count():
        page.locator("form .btn.primary").click()
    else:
        page.goto(path)
        page.locator(f"form[action='{path}restore/'] button").click()
    page.wait_for_url(f"**{path}")
    yield path
    page.goto(path)
    page.locator(f"form[action='{path}archive/'] button").click()
    expect(page.locator(f"form[action='{path}restore/'] button")).to_be_visible()


@pytest.mark.parametrize("look", LOOKS, ids=str)
def test_a_draft_is_read_by_everybody(visit: Visit, barriers: Barriers, look: Look, one_of_its_own: str) -> None:
    page = visit(f"{one_of_its_own}drafts/new/", Role.HEAD, look)
    make_draft(page, f"For {look}")
    expect(page.locator("#effect p").first).not_to_have_text("")
    page.locator(".beside summary").click()
    assert barriers(page) == ""
    assert fits(page)
    page.goto(f"{page.url}edit/")
    assert barriers(page) == ""
    assert fits(page)
    page.goto(f"{one_of_its_own}criteria/new/")
    assert barriers(page) == ""
    assert fits(page)


def test_from_a_draft_to_what_is_in_force(visit: Visit, one_of_its_own: str) -> None:
    heads = visit(f"{one_of_its_own}drafts/new/", Role.HEAD)
    first = heads.locator(".lines li").first.locator(".tick").inner_text()
    heads.locator(".lines li").first.locator("button[data-to=down]").focus()
    heads.keyboard.press("Enter")
    expect(heads.locator(".lines li").nth(1)).to_contain_text(first)
    expect(heads.locator(".lines li").nth(1).locator("button[data-to=down]")).to_be_focused()
    heads.locator("#id_note").focus()
    heads.keyboard.type("Asked in another order")
    save = heads.locator("form .btn.primary").last
    save.focus()
    heads.keyboard.press("Enter")
    heads.wait_for_url("**/rules/drafts/*/")
    address = heads.url
    expect(heads.locator(".changes")).to_contain_text(first)

    marketers = visit(address, Role.MARKETER)
    marketers.locator(".signing .btn.primary").dblclick()
    expect(marketers.locator(".signing li").first).to_contain_text("✓")
    expect(marketers.locator(".signing .btn.primary")).to_have_count(0)

    heads.reload()
    heads.locator(".signing .btn.primary").dblclick()
    expect(heads.locator(".signing time")).to_have_count(2)
    heads.on("dialog", lambda dialog: dialog.accept())
    heads.locator("form[action$='publish/'] .btn.primary").dblclick()
    heads.wait_for_url("**/history/**")
    expect(heads.locator(".agreement").first).to_contain_text("Asked in another order")
    expect(heads.locator(".agreement").first.locator(".tag.target")).to_be_visible()

    heads.go_back()
    heads.reload()
    expect(heads).to_have_url(heads.url)
    expect(heads.locator(".agreement, .rulework").first).to_be_visible()
    heads.go_forward()
    expect(heads.locator("main")).to_be_visible()


def test_a_draft_without_scripts(visit: Visit, one_of_its_own: str) -> None:
    page = visit(f"{one_of_its_own}drafts/new/", Role.HEAD, scripts=False)
    places = page.locator(".lines input[type=number]")
    places.nth(0).fill("2")
    places.nth(1).fill("1")
    page.locator("#id_note").fill("By numbers")
    page.locator("form .btn.primary").last.click()
    assert "/rules/drafts/" in page.url
    page.locator("#effect a").click()
    assert "/effect/" in page.url
    expect(page.locator("main h1")).to_be_visible()


def test_a_cell_of_the_effect_opens_as_many_leads(visit: Visit) -> None:
    page = visit(DRAFT, Role.HEAD)
    make_draft(page, "To count")
    cell = page.locator(".whatif .moved a").first
    expect(cell).to_be_visible()
    count = cell.inner_text()
    cell.click()
    page.wait_for_url("**/effect/leads/**")
    expect(page.locator(".ask .pick")).to_have_text(count)


def test_a_criterions_form_shows_what_its_answer_uses(visit: Visit, one_of_its_own: str) -> None:
    page = visit(f"{one_of_its_own}criteria/new/", Role.MARKETER)
    expect(page.locator("#id_threshold")).to_be_hidden()
    page.locator("#id_answer_type").select_option("number")
    expect(page.locator("#id_threshold")).to_be_visible()
    expect(page.locator("#id_rule_kind")).to_be_hidden()
    page.locator("#id_judged_by").select_option("rule")
    page.locator("#id_rule_kind").select_option("region_in_list")
    expect(page.locator("#id_rule_values")).to_be_visible()
    expect(page.locator("#id_rule_field")).to_be_hidden()


def test_stages_change_places_by_keyboard(visit: Visit, one_of_its_own: str) -> None:
    page = visit(f"{one_of_its_own}stages/new/", Role.HEAD)
    page.locator("#id_name").fill("Between")
    page.locator("#id_milestone").select_option("OFFER")
    page.locator("form .btn.primary").last.click()
    page.wait_for_url(f"**{one_of_its_own}*")
    row = page.locator(".stages > li", has_text="Between")
    before = page.locator(".stages > li").all_inner_texts().index(row.inner_text())
    row.locator("button[value=up]").focus()
    with page.expect_navigation():
        page.keyboard.press("Enter")
    row = page.locator(".stages > li", has_text="Between")
    assert page.locator(".stages > li").all_inner_texts().index(row.inner_text()) == before - 1


@pytest.mark.parametrize("name", [RULES, AGREED, DRAFT, REASONS])
def test_a_phone_shows_it_whole(visit: Visit, name: str) -> None:
    assert fits(visit(name, Role.MARKETER, Look(width=390)))
