"""From an empty database to the first judged lead: with scripts and without, by keyboard alone, on a phone."""

import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from django.conf import settings
from playwright.sync_api import Browser, Page, expect

from tests.browser.company import LOOKS, Look
from tests.browser.conftest import ON_VIOLATION, Barriers, _listen, _seen_as

OVERFLOW = "() => document.documentElement.scrollWidth - document.documentElement.clientWidth"
PASSWORD = "a-long-enough-secret"
THREE_MINUTES = 180
PATIENCE_SECONDS = 30


@dataclass(frozen=True, slots=True)
class Installation:
    """A server with an empty database of its own, and the address its command prints."""

    url: str
    link: str


Open = Callable[..., Page]


def _environment(database: Path) -> dict[str, str]:
    return {
        **os.environ,
        "DATABASE_URL": f"sqlite:///{database}",
        "REDIS_URL": "",
        "SECRET_KEY": "only-for-this-test-0123456789-abcdefghijklmnopqrstuvwxyz",
        "DEBUG": "false",
        "ALLOW_SQLITE_IN_PRODUCTION": "true",
        "ALLOW_PLAIN_HTTP": "true",
        "ALLOWED_HOSTS": "127.0.0.1",
    }


def _manage(database: Path, *command: str) -> str:
    done = subprocess.run(
        [sys.executable, "manage.py", *command],
        cwd=settings.BASE_DIR,
        env=_environment(database),
        check=True,
        capture_output=True,
        text=True,
    )
    return done.stdout


@pytest.fixture(scope="module")
def tables(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An empty database, migrated once and copied for each test."""
    database = tmp_path_factory.mktemp("empty") / "empty.sqlite3"
    _manage(database, "migrate", "--verbosity", "0")
    return database


@pytest.fixture
def installation(tables: Path, tmp_path: Path) -> Iterator[Installation]:
    database = tmp_path / "new.sqlite3"
    shutil.copy(tables, database)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    url = f"http://127.0.0.1:{port}"
    printed = _manage(database, "setup_link", "--url", url)
    server = subprocess.Popen(
        [sys.executable, "manage.py", "runserver", f"127.0.0.1:{port}", "--noreload"],
        cwd=settings.BASE_DIR,
        env=_environment(database),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        _wait_for(url)
        yield Installation(url, printed.strip().splitlines()[-1].strip())
    finally:
        server.terminate()
        server.wait()


def _wait_for(url: str) -> None:
    until = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < until:
        try:
            urllib.request.urlopen(f"{url}/livez", timeout=1).close()
            return
        except (urllib.error.URLError, ConnectionError):
            time.sleep(0.1)
    raise TimeoutError(url)


@pytest.fixture
def open_new(chromium: Browser, installation: Installation) -> Iterator[Open]:
    """Open a page of the new installation."""
    complaints: list[str] = []
    contexts = []

    def open_page(address: str, look: Look | None = None, *, scripts: bool = True) -> Page:
        seen = _seen_as(look or Look())
        context = chromium.new_context(
            java_script_enabled=scripts, base_url=installation.url, timezone_id="Asia/Yekaterinburg", **seen
        )
        contexts.append(context)
        context.add_init_script(ON_VIOLATION)
        page = context.new_page()
        _listen(page, complaints)
        page.goto(address)
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert complaints == []


def _next(page: Page) -> None:
    page.locator("main .form-actions button.primary").click()


def _make_administrator(page: Page) -> None:
    page.locator("[name=name]").fill("Oscar First")
    page.locator("[name=email]").fill("oscar@example.com")
    page.locator("[name=password]").fill(PASSWORD)
    _next(page)
    expect(page.locator("[name=organisation_name]")).to_be_visible()


def _set_up(page: Page) -> None:
    page.locator("[name=organisation_name]").fill("Vector")
    _next(page)
    page.locator("input[value=b2b-services]").check()
    _next(page)
    page.locator("[name=form-0-name]").fill("Paul Eagle")
    page.locator("[name=form-0-email]").fill("paul@example.com")
    page.locator("[name=form-1-name]").fill("Anna Market")
    page.locator("[name=form-1-email]").fill("anna@example.com")
    page.locator("[name=form-1-role]").select_option("marketer")
    _next(page)
    page.locator("[name=name]").fill("Site")
    _next(page)


def _judge_first_lead(page: Page) -> None:
    page.locator(".ways a").first.click()
    page.locator("main input[name=name]").fill("Zoe First")
    page.locator("main input[name=phone]").fill("+7 916 111-00-01")
    page.locator("main button[type=submit]").first.click()
    expect(page.get_by_role("heading", name="Zoe First")).to_be_visible()
    page.locator("#judging .crit").last.locator("label.bad").click()
    page.locator("#judging button[type=submit]").click()
    expect(page.locator("#judging .verdict")).to_be_visible()


@pytest.mark.parametrize(
    ("look", "scripts"), [(Look(), True), (Look(width=390), True), (Look(), False)], ids=["desk", "phone", "no scripts"]
)
def test_the_first_lead_is_judged_in_three_minutes(
    look: Look, installation: Installation, open_new: Open, *, scripts: bool
) -> None:
    page = open_new("/", look, scripts=scripts)
    expect(page.get_by_role("heading", name="Welcome")).to_be_visible()
    began = time.monotonic()
    page.goto(installation.link)
    _make_administrator(page)
    if scripts:
        expect(page.locator("[name=time_zone]")).to_have_value("Asia/Yekaterinburg")
    _set_up(page)
    _judge_first_lead(page)
    assert time.monotonic() - began < THREE_MINUTES
    page.goto("/start/lead/")
    expect(page.get_by_role("heading", name="The first lead is judged")).to_be_visible()
    page.goto("/")
    page.locator("form[action='/start/dismiss/'] button").click()
    expect(page.locator("form[action='/start/dismiss/']")).to_have_count(0)


def _tab_to(page: Page, selector: str) -> None:
    for _ in range(80):
        page.keyboard.press("Tab")
        if page.evaluate(f"document.activeElement.matches({selector!r})"):
            return
    raise AssertionError(f"Tab does not reach {selector}")


def _type(page: Page, selector: str, text: str) -> None:
    _tab_to(page, selector)
    page.keyboard.type(text)


def _enter(page: Page, path: str) -> None:
    page.keyboard.press("Enter")
    page.wait_for_url(lambda url: path in url)


def test_the_keyboard_is_enough(installation: Installation, open_new: Open) -> None:
    page = open_new(installation.link)
    _type(page, "[name=name]", "Oscar First")
    _type(page, "[name=email]", "oscar@example.com")
    _type(page, "[name=password]", PASSWORD)
    _enter(page, "/start/company/")
    _type(page, "[name=organisation_name]", "Vector")
    _enter(page, "/start/rules/")
    _tab_to(page, "[name=code]")
    page.keyboard.press("Space")
    _enter(page, "/start/people/")
    _tab_to(page, "form.skipping button")
    _enter(page, "/start/source/")
    _type(page, "[name=name]", "Site")
    _enter(page, "/start/lead/")
    _tab_to(page, ".ways a")
    _enter(page, "/leads/new/")
    _type(page, "main [name=name]", "Zoe First")
    _enter(page, "/leads/ld_")
    expect(page.get_by_role("heading", name="Zoe First")).to_be_visible()


def test_back_reload_and_a_double_click_change_nothing(installation: Installation, open_new: Open) -> None:
    page = open_new(installation.link)
    _make_administrator(page)
    page.go_back()
    page.wait_for_load_state()
    page.goto(installation.link)  # the link opens nothing any more: it leads on
    expect(page).to_have_url(f"{installation.url}/start/company/")
    page.locator("[name=organisation_name]").fill("Vector")
    page.locator("main .form-actions button.primary").dblclick()
    expect(page).to_have_url(f"{installation.url}/start/rules/")
    page.locator("input[value=b2b-services]").check()
    page.locator("main .form-actions button.primary").dblclick()
    expect(page).to_have_url(f"{installation.url}/start/people/")
    page.go_back()
    page.reload()
    expect(page.get_by_role("heading", name="The rules are in force")).to_be_visible()
    page.go_forward()
    expect(page.locator("[name=form-0-email]")).to_be_visible()


def test_a_stranger_without_the_code_makes_nobody(installation: Installation, open_new: Open) -> None:
    page = open_new("/start/?code=aaaa-bbbb")
    page.locator("[name=name]").fill("Mallory")
    page.locator("[name=email]").fill("mallory@example.com")
    page.locator("[name=password]").fill(PASSWORD)
    _next(page)
    expect(page.locator(".field.invalid [name=code]")).to_be_visible()
    assert page.locator("[name=email]").input_value() == "mallory@example.com"
    page.goto("/")
    expect(page.get_by_role("heading", name="Welcome")).to_be_visible()


@pytest.mark.parametrize("look", LOOKS, ids=str)
def test_every_step_is_whole_in_every_look(
    look: Look, installation: Installation, open_new: Open, barriers: Barriers
) -> None:
    page = open_new(installation.link, look)

    def check(step: str) -> None:
        assert page.locator("html").get_attribute("lang") == look.language
        assert page.evaluate(OVERFLOW) <= 0, f"{step} scrolls sideways"
        assert barriers(page) == "", step
        if shots := os.environ.get("SHOTS"):
            page.screenshot(path=f"{shots}/start-{step}-{look}.png", full_page=True)

    check("welcome")
    _make_administrator(page)
    check("company")
    page.locator("[name=organisation_name]").fill("Vector")
    _next(page)
    page.locator("input[value=b2b-services]").check()
    check("rules")
    _next(page)
    check("people")
    page.locator("form.skipping button").click()
    check("source")
    page.locator("[name=name]").fill("Site")
    _next(page)
    check("lead")
    page.goto("/")
    check("board")
