"""Three people with a question of their own: each gets from the board to the answer, and back."""

import re

import pytest
from playwright.sync_api import Locator, Page, expect

from crm.rules.roles import Role
from tests.browser.company import BOARD, Look
from tests.browser.conftest import Visit

BOARDS_WIDTH = "document.documentElement.scrollWidth <= window.innerWidth"


def _digits(words: str) -> int:
    """Read a count however its thousands are parted."""
    return int(re.sub(r"\D", "", words))


def _listed(page: Page) -> int:
    return _digits(page.locator("h1 b").inner_text())


def _four_weeks(page: Page) -> None:
    """Look at the last month, as somebody does who compares it with the one before."""
    picker = page.locator(".question details.pick").first
    picker.locator("summary").click()
    picker.get_by_role("link", name="4 weeks").click()
    page.wait_for_url(re.compile("from="))


def _worst(page: Page) -> Locator:
    """Find the source whose quality took most from the whole: the greatest number in the last column."""
    rows = page.locator("#mix tbody tr")
    told = [row.locator("td").last.inner_text() for row in rows.all()[:-1]]
    rates = [float(re.sub(r"[^\d.+−-]", "", words).replace("−", "-") or 0) for words in told]
    return rows.nth(rates.index(max(rates)))


def test_a_marketer_learns_in_three_clicks_why_a_source_got_worse(visit: Visit) -> None:
    page = visit(BOARD, Role.MARKETER)
    _four_weeks(page)
    steps = page.locator("section[aria-labelledby=p4] svg.chart:visible a[href*='#mix']")
    assert "mix" in (steps.first.get_attribute("aria-label") or "").lower()
    steps.last.click()  # first click: what the change is made of, by mix and by quality
    expect(page.locator("#mix")).to_be_in_viewport()
    row = _worst(page)
    name = row.locator("th").inner_text()
    row.locator("th a").click()  # second click: this source alone, its criteria against the month before
    expect(page.locator(".chips summary").first).to_contain_text(name)
    expect(page.locator("h1")).to_contain_text("In what exactly are they non-target?")
    expect(page.locator("section[aria-labelledby=p3] thead")).to_contain_text("vs 4 weeks before")
    compared = page.locator("section[aria-labelledby=p3] tbody tr td:last-child", has=page.locator("a")).first
    before, now = compared.locator("a").all()
    assert (before.get_attribute("aria-label") or "").startswith("before: ")
    told = _digits((now.get_attribute("aria-label") or "").partition(" of ")[0])
    now.click()  # third click: the leads that say so
    assert _listed(page) == told
    expect(page.locator(".facts")).to_contain_text(name)


def test_a_salesperson_finds_the_own_leads_that_wait_and_judges_one(visit: Visit) -> None:
    page = visit(BOARD, Role.MANAGER)
    page.locator("a[href*='in_time=']").first.click()
    everybodys = _listed(page)
    own = page.locator(".ask a", has_text="Yours among them")
    mine = _digits(own.inner_text())
    assert 0 < mine <= everybodys
    own.click()
    assert _listed(page) == mine
    expect(page.get_by_text("not yours to open")).to_have_count(0)
    page.locator("table.leadlist tbody th a").first.click()
    judging = page.locator("#judging form")
    expect(judging).to_be_visible()
    for answer in judging.locator("input[type=radio][value=met]").all():
        answer.check(force=True)
    judging.locator("button[type=submit]").first.click()
    expect(page.locator("#judging")).to_contain_text("In force")


@pytest.mark.parametrize("language", ["en", "ru"])
def test_an_executive_reads_the_headline_on_a_phone_and_looks_behind_it(language: str, visit: Visit) -> None:
    page = visit(BOARD, Role.EXECUTIVE, Look(language, width=390))
    headline = page.locator(".lead .take").inner_text()
    assert re.search(r"\d", headline)
    overdue = page.locator(".mirror dt > a")
    told = re.match(r"[\d\s,\u202f]+", overdue.inner_text())
    assert told
    overdue.click()
    assert _listed(page) == _digits(told[0])
    assert page.evaluate(BOARDS_WIDTH)
    page.locator(".ask p a").last.click()
    expect(page.locator(".lead .take")).to_have_text(headline)
    assert page.evaluate(BOARDS_WIDTH)
