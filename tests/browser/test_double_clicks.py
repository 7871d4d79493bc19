"""Whatever button of whatever page is pressed twice in a hurry, one request goes out.

The requests are stopped on their way, so that every button can be pressed and nothing is changed. What a press does is
told by the tests of each page; that the same act told twice is one, by those of the operations.
"""

import pytest
from playwright.sync_api import Page, Request, Route

from crm.rules.roles import Role
from tests.browser.company import KANBAN, PAGES, QUEUE
from tests.browser.conftest import Visit

SENT_BY_SCRIPTS = (QUEUE, KANBAN)  # they have double clicks of their own in their tests
BUTTONS = "form[method=post] button:not([type=button]):not(:disabled), form[method=post] input[type=submit]"
PRESS_TWICE = """(button) => {
    button.form.noValidate = true;
    button.click();
    button.click();
}"""
AS_IF_COME_BACK = "() => window.dispatchEvent(new PageTransitionEvent('pageshow', {persisted: true}))"


@pytest.mark.parametrize("name", [name for name in PAGES[Role.ADMIN] if name not in SENT_BY_SCRIPTS])
def test_two_presses_of_any_button_send_one_request(name: str, visit: Visit) -> None:
    page = visit(name, Role.ADMIN)
    page.on("dialog", lambda dialog: dialog.accept())
    sent = stop_what_is_sent(page)
    buttons = page.locator(BUTTONS)
    count = buttons.count()
    assert count, "a page without a single act: even the way out is a button"
    for number in range(count):
        button = buttons.nth(number)
        told = str(button.evaluate("(one) => `${one.form.getAttribute('action')} ${one.textContent.trim()}`"))
        before = len(sent)
        with page.expect_request(lambda request: request.method == "POST"):
            button.evaluate(PRESS_TWICE)
        page.wait_for_timeout(40)  # long enough for a second one
        assert [request.url for request in sent[before:]] == [sent[before].url], told
        page.evaluate(AS_IF_COME_BACK)


def stop_what_is_sent(page: Page) -> list[Request]:
    """Answer every form with "stay where you are" before it reaches the server; list what was sent."""
    sent: list[Request] = []

    def stop(route: Route) -> None:
        if route.request.method != "POST":
            route.continue_()
            return
        sent.append(route.request)
        route.fulfill(status=204)

    page.route("**/*", stop)
    return sent
