"""A queue left open holds its lead, and says that nobody stands behind that."""

from crm.rules.roles import Role
from tests.browser.company import QUEUE
from tests.browser.conftest import Visit


def test_an_open_lead_is_held_without_keeping_the_session_alive(visit: Visit) -> None:
    page = visit(QUEUE, Role.MANAGER)
    page.clock.install()
    page.reload()
    with page.expect_request("**/hold/") as held:
        page.clock.fast_forward("02:01")
    assert held.value.headers["x-unattended"] == "1"
