"""Whatever button of whatever page is pressed twice in a hurry, one request goes out.

The requests are stopped on their way, so that every button can be pressed and nothing is changed. What a press does is
told by the tests of each page; that the same act told twice is one, by those of the operations.
"""

import pytest
from playwright.sync_api import Page, Route

from crm.rules.roles import Role
from tests.browser.company import KANBAN, PAGES, QUEUE
from tests.browser.conftest import Visit

SENT_BY_SCRIPTS = (QUEUE, KANBAN)  # they have double clicks of their own in their tests
BUTTONS = "form[method=post] button:not([type=button]):not(:disabled), form[method=post] input[type=submit]"
PRESS_TWICE = """(button) => {
    button.form.noValidate = true;
    button.click();
    setTimeout(() => button.click(), 60);  // the first is on its way by then
}"""
AS_IF_ANSWERED = "(button) => button.form.dispatchEvent(new CustomEvent('htmx:afterRequest', {bubbles: true}))"


@pytest.mark.parametrize("name", [name for name in PAGES[Role.ADMIN] if name not in SENT_BY_SCRIPTS])
def test_two_presses_of_any_button_send_one_request(name: str, visit: Visit) -> None:
    page = visit(name, Role.ADMIN)
    page.on("dialog", lambda dialog: dialog.accept())
    held = hold_what_is_sent(page)
    buttons = page.locator(BUTTONS)
    count = buttons.count()
    assert count, "a page without a single act: even the way out is a button"
    for number in range(count):
        button = buttons.nth(number)
        told = str(button.evaluate("(one) => `${one.form.getAttribute('action')} ${one.textContent.trim()}`"))
        with page.expect_request(lambda request: request.method == "POST"):
            button.evaluate(PRESS_TWICE)
        page.wait_for_timeout(120)  # long enough for a second request
        assert len(held) == 1, told
        held.pop().fulfill(status=204)
        button.evaluate(AS_IF_ANSWERED)


def hold_what_is_sent(page: Page) -> list[Route]:
    """Let no form reach the server, and list those on their way: with 204 they leave the page as it is."""
    held: list[Route] = []
    page.route("**/*", lambda route: held.append(route) if route.request.method == "POST" else route.continue_())
    return held
