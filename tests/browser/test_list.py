"""The list of leads as people work with it: filters by keyboard, filters kept, many lost at once, a file taken."""

import re
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from crm.rules.roles import Role
from tests.browser.company import LIST, LOOKS, NEW, Look
from tests.browser.conftest import Barriers, Visit


def _take_in(page: Page, *names: str) -> None:
    for name in names:
        page.goto("/leads/new/")
        page.locator("input[name=name]").fill(name)
        page.locator("main button[type=submit]").click()
        expect(page.get_by_role("heading", name=name)).to_be_visible()


@pytest.mark.parametrize("look", LOOKS, ids=str)
def test_the_list_keeps_nobody_out(look: Look, visit: Visit, barriers: Barriers) -> None:
    page = visit(LIST, Role.HEAD, look)
    page.goto("/leads/?verdict=undecided&period=year")
    page.locator(".morefilters > summary").click()
    assert barriers(page) == ""
    assert page.evaluate("document.documentElement.scrollWidth") <= look.width


@pytest.mark.parametrize("look", [Look(), Look(theme="dark", width=390)], ids=str)
def test_the_pages_of_many_leads_keep_nobody_out(look: Look, visit: Visit, barriers: Barriers) -> None:
    page = visit(LIST, Role.ADMIN, look)
    for act in ("judge", "lose", "assign", "move"):
        page.goto("/leads/")
        page.locator("input[name=lead]").nth(0).check()
        page.locator(f".bulkbar button[value={act}]").click()
        page.locator("button[value=preview]").wait_for()
        if act == "move":
            page.locator("button[value=preview]").click()
            result = page.locator(".bulklist td.text").first
            result.wait_for()
            assert result.evaluate("(cell) => cell.getBoundingClientRect().right") <= look.width  # not cut off
        assert barriers(page) == "", act
        assert page.evaluate("document.documentElement.scrollWidth") <= look.width


def test_filters_are_set_by_keyboard_and_taken_back(visit: Visit) -> None:
    page = visit(LIST, Role.ADMIN)
    page.locator(".morefilters > summary").focus()
    page.keyboard.press("Enter")
    page.locator("#filter_verdict").focus()
    page.keyboard.press("N")
    expect(page).to_have_url(re.compile("verdict=non_target|verdict=undecided"))
    chip = page.locator(".asked .chip")
    expect(chip).to_have_count(1)
    page.go_back()
    expect(page.locator(".asked .chip")).to_have_count(0)
    page.go_forward()
    expect(chip).to_have_count(1)
    chip.focus()
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile(r"/leads/$"))


def test_a_filter_is_kept_and_deleted(visit: Visit) -> None:
    page = visit(LIST, Role.EXECUTIVE)
    page.goto("/leads/?verdict=target")
    page.locator(".savedbar summary").click()
    page.locator("#saving_name").fill("Good ones")
    page.keyboard.press("Enter")
    expect(page.locator(".savedbar .chip.on")).to_contain_text("Good ones")
    page.get_by_role("link", name="My filters").click()
    page.get_by_role("button", name="Delete Good ones").click()
    page.get_by_role("button", name="Bring back").click()
    expect(page.locator(".savedfilter .name")).to_have_text("Good ones")


@pytest.mark.parametrize("look", [Look(), Look(width=390)], ids=str)
def test_why_a_list_was_not_made_is_the_first_thing_to_see(look: Look, visit: Visit, provoked: list[str]) -> None:
    provoked += ["400"]
    page = visit(LIST, Role.HEAD, look)
    page.goto("/leads/?source=nowhere&outcome=open")
    expect(page.get_by_role("alert")).to_be_in_viewport(ratio=1)
    expect(page.get_by_role("alert")).to_contain_text("nowhere")


def test_leads_are_counted_in_place(visit: Visit) -> None:
    page = visit(LIST, Role.EXECUTIVE)
    page.get_by_role("link", name="Count them").click()
    expect(page.locator("#counted")).to_contain_text(re.compile(r"\d+ leads"))


@pytest.mark.parametrize("scripts", [True, False], ids=["with scripts", "without scripts"])
def test_many_are_lost_after_a_look_and_only_once(visit: Visit, *, scripts: bool) -> None:
    page = visit(NEW, Role.MANAGER, scripts=scripts)
    mark = "Bulk" if scripts else "Plain"
    names = [f"{mark}zzz One", f"{mark}zzz Two"]
    _take_in(page, *names)
    page.goto(f"/leads/?q={mark}zzz")
    expect(page.locator("input[name=lead]")).to_have_count(2)
    for box in page.locator("input[name=lead]").all():
        box.check()
    page.locator(".bulkbar button[value=lose]").click()
    page.locator(".reasons label:not(:has(small))").first.click()
    page.locator("button[value=preview]").click()
    expect(page.locator("#preview .bulksum .yes")).to_contain_text("2")
    page.locator("button[value=do]").dblclick()
    expect(page.locator("#results .bulksum .yes")).to_contain_text("2")
    page.goto(f"/leads/?q={mark}zzz&outcome=lost")
    expect(page.locator("input[name=lead]")).to_have_count(2)


def _look(page: Page, query: str, act: str) -> None:
    page.goto(f"/leads/?{query}")
    for box in page.locator("input[name=lead]").all():
        box.check()
    page.locator(f".bulkbar button[value={act}]").click()


def test_one_goes_back_and_forward_through_an_act_upon_many(visit: Visit) -> None:
    page = visit(NEW, Role.MANAGER)
    _take_in(page, "Backzzz One", "Backzzz Two")
    _look(page, "q=Backzzz", "move")
    page.locator("#bulk_to").select_option(index=1)
    page.locator("button[value=preview]").click()
    page.locator("button[value=do]").click()
    expect(page.locator("#results .bulksum .yes")).to_contain_text("2")
    page.go_back()
    page.locator("button[value=do]").click()
    expect(page.locator("#results .bulksum .yes")).to_contain_text("2")  # the same request, and what it did
    page.go_back()
    page.locator("#bulk_to").select_option(index=2)
    page.locator("button[value=preview]").click()
    page.locator("button[value=do]").click()
    expect(page.locator("#results .bulksum .yes")).to_contain_text("2")  # another one, and it was done
    stage = page.locator("#results td").first.inner_text()
    page.get_by_role("link", name="Back to the list").click()
    expect(page).to_have_url(re.compile(r"q=Backzzz"))
    expect(page.locator(".stage-cell")).to_have_text([stage, stage])


def test_what_was_changed_after_a_look_is_looked_at_again(visit: Visit) -> None:
    page = visit(NEW, Role.MANAGER)
    _take_in(page, "Lookzzz One")
    _look(page, "q=Lookzzz", "lose")
    reasons = page.locator(".reasons label:not(:has(small))")
    reasons.nth(0).click()
    page.locator("button[value=preview]").click()
    expect(page.locator("button[value=do]")).to_be_in_viewport()
    reasons.nth(1).click()
    expect(page.locator("button[value=do]")).to_be_hidden()
    expect(page.locator("[data-changed]")).to_be_visible()
    page.locator("button[value=preview]").click()
    page.locator("button[value=do]").click()
    expect(page.locator("#results .bulksum .yes")).to_contain_text("1")


def test_a_file_is_taken(visit: Visit, tmp_path: Path) -> None:
    page = visit(LIST, Role.HEAD)
    page.locator("summary", has_text="Export").click()
    with page.expect_download() as taken:
        page.get_by_role("link", name="CSV").click()
    file = tmp_path / taken.value.suggested_filename
    taken.value.save_as(file)
    assert file.read_text(encoding="utf-8-sig").startswith("Lead,")
