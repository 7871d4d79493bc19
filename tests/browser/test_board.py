"""The board in hands: a number opens its leads, the keyboard walks, pickers work with and without scripts."""

import re

import pytest
from playwright.sync_api import Page, expect

from crm.rules.roles import Role
from tests.browser.company import BOARD, Look
from tests.browser.conftest import Visit

SMALLEST_TEXT = 11.5
WIDTHS = [390, 600, 660, 760, 900, 1240, 1360, 1440]
SMALL_TEXTS = """(smallest) => [...document.querySelectorAll("svg.chart text")]
    .filter((text) => text.getClientRects().length)
    .map((text) => [text.textContent, parseFloat(getComputedStyle(text).fontSize) * text.getScreenCTM().a])
    .filter(([, size]) => size < smallest - 0.05)"""
OVERLAPS = """() => [...document.querySelectorAll("svg.chart")].filter((chart) => chart.getClientRects().length)
    .flatMap((chart) => {
        const texts = [...chart.querySelectorAll("text")];
        const boxes = texts.map((text) => [text.textContent, text.getBoundingClientRect()]);
        return boxes.flatMap(([a, one], index) => boxes.slice(index + 1)
            .filter(([, two]) => one.left < two.right - 1 && two.left < one.right - 1
                && one.top < two.bottom - 4 && two.top < one.bottom - 4)
            .map(([b]) => `${a} × ${b}`));
    })"""


def _digits(words: str) -> int:
    """Read a count however its thousands are parted."""
    return int(re.sub(r"\D", "", words))


def _shown_mark(page: Page, index: int = 0) -> str:
    marks = page.locator(".lead svg.chart:visible a")
    return marks.nth(index).get_attribute("aria-label") or ""


@pytest.mark.parametrize("width", WIDTHS)
def test_words_of_charts_are_never_too_small_to_read(width: int, visit: Visit) -> None:
    page = visit(BOARD, Role.HEAD, Look(width=width))
    assert page.evaluate(SMALL_TEXTS, SMALLEST_TEXT) == []


@pytest.mark.parametrize("language", ["en", "ru"])
@pytest.mark.parametrize("width", WIDTHS)
def test_words_of_charts_do_not_lie_on_each_other(width: int, language: str, visit: Visit) -> None:
    page = visit(BOARD, Role.HEAD, Look(language, width=width))
    assert page.evaluate(OVERLAPS) == []


def test_every_count_of_the_headline_opens_as_many_leads(visit: Visit) -> None:
    page = visit(BOARD, Role.MARKETER)
    page.locator(".lead summary").click()
    counted = page.locator(".lead table.numbers a")
    for told, url in [(link.inner_text(), link.get_attribute("href")) for link in counted.all()]:
        page.goto(url or "")
        assert _digits(page.locator("h1 b").inner_text()) == _digits(told)


def test_a_mark_of_a_chart_opens_its_leads(visit: Visit) -> None:
    page = visit(BOARD, Role.MARKETER)
    told = _shown_mark(page)
    page.locator(".lead svg.chart:visible a").first.click()
    count = page.locator("h1 b").inner_text()
    assert f" {count} " in told


def test_tab_enters_a_chart_once_and_arrows_walk_its_marks(visit: Visit) -> None:
    page = visit(BOARD, Role.HEAD)
    marks = page.locator(".lead svg.chart:visible a")
    assert page.locator('.lead svg.chart:visible a[tabindex="0"]').count() == 1
    marks.first.focus()
    page.keyboard.press("ArrowRight")
    expect(marks.nth(1)).to_be_focused()
    page.keyboard.press("End")
    expect(marks.last).to_be_focused()
    page.keyboard.press("Tab")
    assert page.evaluate("() => document.activeElement.closest('svg.chart')") is None


def test_a_picker_closes_on_escape_and_gives_the_focus_back(visit: Visit) -> None:
    page = visit(BOARD, Role.HEAD)
    picker = page.locator(".question details.pick").first
    picker.locator("summary").click()
    expect(picker).to_have_attribute("open", "")
    page.keyboard.press("Escape")
    expect(picker).not_to_have_attribute("open", "")
    expect(picker.locator("summary")).to_be_focused()


@pytest.mark.parametrize("scripts", [True, False], ids=["with scripts", "without scripts"])
def test_a_filter_narrows_the_board_and_stays_in_the_address(*, scripts: bool, visit: Visit) -> None:
    page = visit(BOARD, Role.HEAD, scripts=scripts)
    chip = page.locator(".chips details.pick").first
    chip.locator("summary").click()
    chip.locator("input[type=checkbox]").first.check()
    chip.locator("button[type=submit]").click()
    page.wait_for_url(re.compile(r"[?&]source="))
    assert page.locator("section[aria-labelledby=p4] table").first.locator("tbody tr").count() == 1


@pytest.mark.parametrize("scripts", [True, False], ids=["with scripts", "without scripts"])
def test_sources_are_read_by_another_visit_and_no_total_changes(*, scripts: bool, visit: Visit) -> None:
    page = visit(BOARD, Role.MARKETER, scripts=scripts)
    headline, rows = page.locator(".lead .take"), page.locator("section[aria-labelledby=p4] table").first.locator("tr")
    told, usual = headline.inner_text(), rows.all_text_contents()
    picker = page.locator(".question details.pick", has_text="by the last non-direct visit")
    picker.locator("summary").click()
    picker.get_by_role("link", name="by the first visit").click()
    page.wait_for_url(re.compile("attribution=first_touch"))
    expect(headline).to_have_text(told)
    assert rows.all_text_contents() != usual


def test_the_headline_is_on_the_first_screen_of_a_phone(visit: Visit) -> None:
    page = visit(BOARD, Role.EXECUTIVE, Look("ru", width=390))
    bar = page.locator(".lead svg.chart:visible").bounding_box()
    assert bar is not None
    assert bar["y"] < 600


def test_paper_gets_the_numbers_without_the_controls(visit: Visit) -> None:
    page = visit(BOARD, Role.HEAD, Look(theme="dark"))
    page.emulate_media(media="print")
    expect(page.locator("header.top")).to_be_hidden()
    expect(page.locator(".lead svg.chart:visible")).to_be_visible()
    assert page.evaluate("() => getComputedStyle(document.body).backgroundColor") in (
        "rgb(255, 255, 255)",
        "rgba(0, 0, 0, 0)",
    )


def test_a_panel_on_paper_has_its_question_and_no_control(visit: Visit) -> None:
    page = visit(BOARD, Role.HEAD, Look("en", theme="dark"))
    page.goto(page.locator("section[aria-labelledby=p5] h2 a").get_attribute("href") or "")
    page.emulate_media(media="print")
    expect(page.locator(".question")).to_contain_text("Leads that came")
    expect(page.locator(".on-paper")).to_contain_text("data as of")
    for control in (".switch", ".files", ".chips", ".help", "main > .bar"):
        assert page.locator(f"{control}:visible").count() == 0, control
    ink = page.locator(".question").evaluate("it => getComputedStyle(it.querySelector('b')).color")
    link = page.locator(".numbers td a").first
    assert link.evaluate("it => getComputedStyle(it).textDecorationLine") == "none"
    assert link.evaluate("it => getComputedStyle(it).color") == ink
