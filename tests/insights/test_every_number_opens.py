"""Every number of the board and of each panel's page, however it is laid out and whoever looks, opens to its leads.

One small company and one walk: the pages share most of their links, and each distinct one is followed once.
"""

from collections.abc import Callable, Iterable, Iterator
from urllib.parse import urlencode

import pytest
import time_machine
from django.http import HttpResponse
from django.test import Client

from crm.models import User
from crm.rules.permissions import GRANTS, Permission, is_granted
from crm.rules.roles import Role
from insights.views.pages import PAGES
from tests.factories.crm import OrganisationSettingsFactory
from tests.factories.leads import MONDAY
from tests.insights.opened import links_to, listed
from tests.insights.small_company import NOW, make_company

BOARD, LEADS = "/", "/board/leads/"
# The last two of four weeks, ripe at two days, with two weeks before them to be compared with.
ASKED = {"from": "2026-03-09", "to": "2026-03-22", "age": "2"}
LOOKERS = [role for role in Role if is_granted(role, Permission.VIEW_BOARD)]
PANELS = [(page.code, by.value if by else "") for page in PAGES.values() for by in page.groups]
WAYS = [
    f"{BOARD}?{urlencode(ASKED)}",
    f"{BOARD}?{urlencode({**ASKED, 'conversion': 'cumulative'})}",
    f"{BOARD}?period=all&age=none",
    *(f"/board/{code}/?{urlencode({**ASKED, 'group_by': by})}" for code, by in PANELS),
]
OFTEN = 20  # every role follows one link in so many; each of the others is followed by one of them

pytestmark = pytest.mark.django_db


@pytest.fixture
def now() -> Iterator[None]:
    with time_machine.travel(NOW, tick=False):
        yield


def _get(client: Client, path: str) -> HttpResponse:
    response: HttpResponse = client.get(path, headers={"accept-language": "en"})
    return response


def _promised(client: Client, ways: Iterable[str]) -> dict[str, set[tuple[str, int]]]:
    """Read which addresses of leads each page has, and which counts it promises there."""
    found: dict[str, set[tuple[str, int]]] = {}
    for way in ways:
        page = _get(client, way)
        assert page.status_code == 200, way
        found[way] = {(link.href, link.count) for link in links_to(page, LEADS)}
        assert found[way], f"{way} has no number that opens"
    return found


def test_every_number_opens_to_exactly_its_leads_for_every_role(now: None, client_of: Callable[[User], Client]) -> None:
    company = make_company(leads=18)
    OrganisationSettingsFactory(
        valid_from_at=MONDAY, minimum_sample_to_show=2, minimum_sample_to_rank=3, age_a1_days=2, age_a2_days=4
    )
    clients = {role: client_of(company.people[role]) for role in LOOKERS}
    told = _promised(clients[Role.ADMIN], WAYS)
    for turn, role in enumerate(LOOKERS):
        ways = {WAYS[0], *WAYS[turn :: len(LOOKERS)]}
        assert _promised(clients[role], ways) == {way: told[way] for way in ways}, f"{role} is shown other numbers"
    promised = sorted(set.union(*told.values()))
    assert len(promised) > 400
    assert len({href for href, _count in promised}) == len(promised), "one address promises two counts"
    for number, (href, count) in enumerate(promised):
        asking = LOOKERS if number % OFTEN == 0 else [LOOKERS[number % len(LOOKERS)]]
        for role in asking:
            assert listed(_get(clients[role], href)) == count, (role, href)


def test_who_may_not_open_a_number_is_told_so_kindly(
    client_of: Callable[[User], Client], monkeypatch: pytest.MonkeyPatch
) -> None:
    """No role is without that right today; the board then stays, and the list says why it does not open."""
    company = make_company(leads=3)
    rights = {right: far for right, far in GRANTS[Role.MARKETER].items() if right is not Permission.DRILL_DOWN}
    monkeypatch.setitem(GRANTS, Role.MARKETER, rights)  # type: ignore[arg-type]
    client = client_of(company.people[Role.MARKETER])
    assert _get(client, BOARD).status_code == 200
    refused = _get(client, f"{LEADS}?period=all")
    assert refused.status_code == 403
    shown = refused.content.decode()
    assert "role does not" in shown
    assert [secret for secret in company.secrets if secret in shown] == []
