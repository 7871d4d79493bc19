"""A real Chromium before a served company. Whatever it complains about on a page fails the test that opened it.

Tests here never ask the database: while Playwright's loop runs in this thread, Django would take another connection.
What they need to know is read before the browser starts.
"""

import shutil
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from io import StringIO
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.core.management import call_command
from django.db import connection
from django.test.utils import setup_databases, teardown_databases
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, Response, sync_playwright
from pytest_django import DjangoDbBlocker
from pytest_django.live_server_helper import LiveServer

from crm.rules.roles import Role
from tests.browser.company import Look, Person, people
from tests.browser.seats import Seat, seats

HEIGHT = {True: 844, False: 900}  # of a phone's screen, of a desk's
NAMES = ("chromium", "chromium-browser", "google-chrome")
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-dev-shm-usage"]
ON_VIOLATION = """document.addEventListener("securitypolicyviolation", (event) =>
    console.error(`Policy: ${event.violatedDirective} ${event.blockedURI} ${event.sample}`));"""

Sit = Callable[..., Page]
Visit = Callable[..., Page]
Barriers = Callable[..., str]


@dataclass(frozen=True, slots=True)
class Site:
    """Where the company is served, and who works there."""

    url: str
    people: Mapping[Role, Person]
    seats: Mapping[str, Seat]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark everything here: whoever runs the quick suite needs no browser."""
    here = Path(__file__).parent
    for item in items:
        if here in item.path.parents:
            item.add_marker(pytest.mark.browser)


@pytest.fixture(autouse=True)
def cheap_passwords() -> None:
    """Keep the real hasher: the company's passwords are hashed once for all tests."""


@pytest.fixture(scope="session")
def site(
    django_test_environment: None, django_db_blocker: DjangoDbBlocker, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Site]:
    """A company seeded and served once: tests read it, and one that writes leaves alone what others look at."""
    if connection.vendor == "sqlite":  # in memory all threads of the server would share one connection
        connection.settings_dict["TEST"]["NAME"] = str(tmp_path_factory.mktemp("site") / "site.sqlite3")
    with django_db_blocker.unblock():
        databases = setup_databases(verbosity=0, interactive=False)
        call_command("demo", leads=500, language="ru", stdout=StringIO(), stderr=StringIO())
        known, seated = people(), seats()
        server = LiveServer("127.0.0.1")
        yield Site(server.url, known, seated)
        server.stop()
        teardown_databases(databases, verbosity=0)


@pytest.fixture(scope="session")
def chromium(site: Site) -> Iterator[Browser]:
    """One browser for all tests."""
    program = next(filter(None, map(shutil.which, NAMES)), None)
    if program is None:
        pytest.skip("no Chromium on this machine")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture
def provoked() -> list[str]:
    """Words of the complaints a test brings about itself: a request it cuts off, a refusal it asks for."""
    return []


@pytest.fixture
def visit(chromium: Browser, site: Site, provoked: list[str]) -> Iterator[Visit]:
    """Open a page as somebody: `visit(BOARD, Role.HEAD, look)`; a path as a stranger: `visit("/login/")`."""
    contexts: list[BrowserContext] = []
    complaints: list[str] = []

    def open_page(name: str, role: Role | None = None, look: Look | None = None, *, scripts: bool = True) -> Page:
        context = chromium.new_context(java_script_enabled=scripts, base_url=site.url, **_seen_as(look or Look()))
        contexts.append(context)
        if role:
            context.add_cookies([{"name": "sessionid", "value": site.people[role].session, "url": site.url}])
        context.add_init_script(ON_VIOLATION)
        page = context.new_page()
        _listen(page, complaints)
        page.goto(site.people[role].paths.get(name, name) if role else name)
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert [one for one in complaints if not any(word in one for word in provoked)] == []


@pytest.fixture
def sit(chromium: Browser, site: Site) -> Iterator[Sit]:
    """Open the queue of a seat, in a browser of its own; network and session may fail here as they please."""
    contexts: list[BrowserContext] = []

    def open_queue(seat: str, path: str = "/queue/", *, scripts: bool = True) -> Page:
        context = chromium.new_context(
            base_url=site.url, java_script_enabled=scripts, locale="en-GB", viewport={"width": 1440, "height": 900}
        )
        contexts.append(context)
        context.add_cookies([{"name": "sessionid", "value": site.seats[seat].session, "url": site.url}])
        page = context.new_page()
        page.goto(path)
        return page

    yield open_queue
    for context in contexts:
        context.close()


@pytest.fixture(scope="session")
def axe() -> Axe:
    return Axe()


@pytest.fixture
def barriers(axe: Axe) -> Barriers:
    """Report what would keep people out of a page: axe's serious and critical findings.

    All of axe's rules, or those named: reading its script and asking every rule is what a look at a page costs most.
    """

    def report(page: Page, *rules: str) -> str:
        if page.evaluate("() => !window.axe"):
            page.evaluate(axe.axe_script)
        only = {"runOnly": {"type": "rule", "values": rules}} if rules else {}
        found = page.evaluate("(options) => axe.run(options)", {"resultTypes": ["violations"], **only})["violations"]
        grave = [finding for finding in found if finding["impact"] in ("serious", "critical")]
        return "\n".join(f"{finding['id']}: {node['html'][:200]}" for finding in grave for node in finding["nodes"])

    return report


def _seen_as(look: Look) -> dict[str, object]:
    return {
        "locale": {"en": "en-GB", "ru": "ru-RU"}[look.language],
        "color_scheme": look.theme,
        "viewport": {"width": look.width, "height": HEIGHT[look.is_phone]},
    }


def _listen(page: Page, complaints: list[str]) -> None:
    def on_console(message: ConsoleMessage) -> None:
        if message.type in ("error", "warning"):
            complaints.append(f"{page.url}: {message.text}")

    def on_response(response: Response) -> None:
        if response.status >= 400:
            complaints.append(f"{page.url}: {response.status} {response.url}")

    page.on("console", on_console)
    page.on("pageerror", lambda error: complaints.append(f"{page.url}: {error}"))
    page.on("response", on_response)
