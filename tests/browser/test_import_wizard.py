"""A spreadsheet walked in by mouse, by keyboard and without scripts; nothing is lost and nothing happens twice."""

import re
from pathlib import Path
from uuid import uuid4

import pytest
from playwright.sync_api import Locator, Page, expect

from crm.rules.roles import Role
from tests.browser.company import IMPORTS, LOOKS, UPLOAD, Look
from tests.browser.conftest import Barriers, Visit

OVERFLOW = "() => document.documentElement.scrollWidth - document.documentElement.clientWidth"
SOON = 30_000


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """A file nobody has brought before: some hundred rows of people of its own, one of them broken."""
    mark = uuid4().hex[:8]
    rows = [f"Zoe {mark} {number};{mark}-{number}@example.com;02.03.2026;;dull" for number in range(620)]
    rows[3] = rows[3].replace("02.03.2026", "some day")
    path = tmp_path / f"{mark}.csv"
    path.write_text("\n".join(["Name;E-mail;Created;Phone;Tag", *rows]), encoding="utf-8")
    return path


def _upload(page: Page, file: Path) -> None:
    page.locator("input[type=file]").set_input_files(str(file))
    page.locator("main button.primary").click()
    expect(page).to_have_url(re.compile("/file/$"))


def _explain(page: Page) -> None:
    page.locator("button[name=go]").click()
    expect(page).to_have_url(re.compile("/columns/$"))
    page.locator("main button.primary").click()
    expect(page).to_have_url(re.compile("/values/$"))
    page.locator("input[name=rest_is_ignored]").check()
    page.locator("main button.primary").click()
    expect(page).to_have_url(re.compile("/check/$"))


def _start(page: Page) -> Locator:
    button = page.locator("form[action$='/start/'] button")
    expect(button).to_be_visible(timeout=SOON)
    return button


def _expect_report(page: Page) -> None:
    expect(page.locator("dl.outcome dd").first).to_have_text("619", timeout=SOON)
    expect(page.locator("dl.outcome .bad dd")).to_have_text("1")


@pytest.mark.parametrize("look", [Look(), Look(width=390)], ids=str)
def test_a_file_is_walked_in_by_mouse(look: Look, file: Path, visit: Visit, barriers: Barriers) -> None:
    page = visit(UPLOAD, Role.HEAD, look)
    _upload(page, file)
    assert barriers(page) == ""
    _explain(page)
    _start(page).click()
    expect(page.locator("progress")).to_be_visible()
    _expect_report(page)
    assert barriers(page) == ""
    with page.expect_download() as download:
        page.locator("a[href$='/failed-rows/']").click()
    assert "some day" in download.value.path().read_text(encoding="utf-8")
    page.locator("a[href$='/undo/']").click()
    page.locator("main button.danger").click()
    expect(page.get_by_role("heading", name="This import was undone")).to_be_visible(timeout=SOON)


def _press_to(page: Page, target: Locator) -> None:
    """Walk by the tabulator until something has the focus."""
    for _press in range(80):
        if target.evaluate("element => element === document.activeElement"):
            return
        page.keyboard.press("Tab")
    raise AssertionError("the keyboard does not reach it")


def test_a_file_is_walked_in_by_keyboard(file: Path, visit: Visit) -> None:
    page = visit(UPLOAD, Role.HEAD)
    field = page.locator("input[type=file]")
    _press_to(page, field)
    field.set_input_files(str(file))
    for button in ("main button.primary", "button[name=go]", "main button.primary"):
        _press_to(page, page.locator(button))
        with page.expect_navigation():
            page.keyboard.press("Enter")
    _press_to(page, page.locator("select[name^=tag_0_means]"))
    page.keyboard.press("T")
    expect(page.locator("select[name^=tag_0_means]")).to_have_value("target")
    _press_to(page, page.locator("main button.primary"))
    with page.expect_navigation():
        page.keyboard.press("Enter")
    start = _start(page)
    _press_to(page, start)
    page.keyboard.press("Enter")
    _expect_report(page)


def test_a_file_is_walked_in_without_scripts(file: Path, visit: Visit) -> None:
    page = visit(UPLOAD, Role.HEAD, scripts=False)
    _upload(page, file)
    _explain(page)
    for _click in range(2):
        page.locator("#progress button").click()
    _start(page).click()
    for _click in range(2):
        page.locator("#progress button").click()
    _expect_report(page)


def test_a_double_click_starts_once(file: Path, visit: Visit) -> None:
    page = visit(UPLOAD, Role.HEAD)
    _upload(page, file)
    _explain(page)
    _start(page).dblclick()
    _expect_report(page)
    page.goto(page.url.split("/import/")[0] + "/import/")
    expect(page.locator("tbody tr", has_text=file.name)).to_have_count(1)


def test_back_forward_and_reload_lose_nothing(file: Path, visit: Visit) -> None:
    page = visit(UPLOAD, Role.HEAD)
    _upload(page, file)
    page.locator("button[name=go]").click()
    page.locator("select[name=column_0]").select_option("company")
    page.locator("main button.primary").click()
    expect(page).to_have_url(re.compile("/values/$"))
    page.go_back()
    expect(page.locator("select[name=column_0]")).to_have_value("company")
    page.reload()
    expect(page.locator("select[name=column_0]")).to_have_value("company")
    page.go_forward()
    expect(page.locator("input[name=rest_is_ignored]")).to_be_visible()


def test_what_was_said_outlives_a_session(file: Path, visit: Visit) -> None:
    page = visit(UPLOAD, Role.HEAD)
    _upload(page, file)
    page.locator("button[name=go]").click()
    address = page.url
    session = next(cookie for cookie in page.context.cookies() if cookie["name"] == "sessionid")
    page.context.clear_cookies(name="sessionid")
    page.goto(address)
    expect(page).to_have_url(re.compile("/login/"))
    page.context.add_cookies([session])
    page.goto(address)
    expect(page.locator("select[name=column_0]")).to_have_value("name")


def test_the_run_goes_on_after_the_page_was_left(file: Path, visit: Visit) -> None:
    page = visit(UPLOAD, Role.HEAD)
    _upload(page, file)
    _explain(page)
    _start(page).click()
    expect(page.locator("progress")).to_be_visible()
    address = page.url
    page.goto("/import/")
    page.goto(address)
    _expect_report(page)


def test_a_file_is_dropped_where_it_is_chosen(visit: Visit) -> None:
    page = visit(UPLOAD, Role.HEAD)
    page.locator("[data-drop]").evaluate(
        """place => {
            const data = new DataTransfer();
            data.items.add(new File(["Name\\nZoe"], "dropped.csv", { type: "text/csv" }));
            place.dispatchEvent(new DragEvent("drop", { bubbles: true, cancelable: true, dataTransfer: data }));
        }"""
    )
    assert page.locator("input[type=file]").evaluate("input => input.files[0].name") == "dropped.csv"


@pytest.mark.parametrize("look", LOOKS, ids=str)
def test_every_step_is_whole_in_every_look(look: Look, file: Path, visit: Visit, barriers: Barriers) -> None:
    page = visit(UPLOAD, Role.HEAD, look)
    _upload(page, file)
    addresses = [page.url.replace("/file/", f"/{step}/") for step in ("file", "columns", "values", "check")]
    _explain(page)
    _start(page)
    for address in (*addresses, IMPORTS):
        page.goto(address if address.startswith("http") else "/import/")
        assert page.evaluate(OVERFLOW) <= 0, f"{address} scrolls sideways"
        assert barriers(page) == "", address
