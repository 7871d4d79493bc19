"""A board as people without an account see it: sums that tell nobody apart, and nothing to open."""

import re
from collections.abc import Iterator
from datetime import timedelta

import pytest
import time_machine
from django.conf import LazySettings
from django.http import HttpResponse
from django.test import Client

from crm.models import User
from crm.operations.buckets import SharedBuckets
from crm.rules.roles import Role
from insights.models import BoardLink
from insights.operations import board_links, saved_boards
from insights.queries.quality import quality
from insights.queries.saved_boards import slice_of
from insights.rules.slice import GroupBy
from insights.views import shared
from tests.factories.crm import OrganisationSettingsFactory, UserFactory
from tests.factories.funnels import make_rules
from tests.factories.insights_leads import Facts
from tests.factories.leads import MONDAY
from tests.insights.opened import links

NOW = MONDAY + timedelta(weeks=3)
WEEKS = (MONDAY, MONDAY + timedelta(weeks=1))
# of each week: source, target, non-target, undecided
LEADS = (
    (("google", 14, 9, 6), ("vk", 8, 3, 0), ("seo", 9, 2, 0), ("partners", 20, 12, 5)),
    (("google", 12, 7, 5), ("vk", 9, 1, 1), ("seo", 8, 1, 0), ("partners", 18, 9, 5)),
)
QUERY = "funnel=sales&age=none&from=2026-03-02&to=2026-03-15"

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def now(settings: LazySettings, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A day, and a limit of this test's own: Redis would remember what other tests have asked."""
    settings.REDIS_URL = ""
    monkeypatch.setattr(shared, "of_an_address", SharedBuckets(per_second=1 / 5, burst=30))
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def owner(db: None) -> User:
    """Whose leads they are: a name no page for people outside may hold."""
    return UserFactory(name="Serafima Quillfeather", role=Role.MANAGER)


@pytest.fixture
def made(owner: User, executive: User) -> board_links.MadeLink:
    _leads(owner)
    return _link(executive, QUERY)


def _leads(owner: User) -> None:
    facts = Facts(make_rules())
    for week, groups in zip(WEEKS, LEADS, strict=True):
        for source, target, non_target, undecided in groups:
            for number in range(target + non_target + undecided):
                at = week + timedelta(minutes=number)
                lead = facts.lead(at, source=source, owner=owner)
                if number < target:
                    facts.target(lead, at=at + timedelta(hours=1))
                elif number < target + non_target:
                    failed = ("need",) if number % 3 else ("need", "budget")
                    facts.judge(lead, at=at + timedelta(hours=1), failed=failed)
    facts.settle()


def _link(by: User, query: str) -> board_links.MadeLink:
    board = saved_boards.keep(name="For the agency", query=query, is_shared=False, by=by, at=NOW)
    return board_links.make_link(board=board, days=30, note="Agency", by=by, at=NOW)


def _open(token: str, **headers: str) -> HttpResponse:
    return Client().get(f"/shared/{token}/", headers={"accept-language": "en", **headers})


def _cells(response: HttpResponse) -> dict[str, list[str]]:
    """Read the tables: the cells of each line by its name."""
    lines = re.findall(r'<th scope="row">(.*?)</th>(.*?)</tr>', response.content.decode(), re.DOTALL)
    return {
        " ".join(name.split()): [" ".join(cell.split()) for cell in re.findall(r"<td>(.*?)</td>", cells, re.DOTALL)]
        for name, cells in lines
    }


def test_it_opens_without_signing_in_and_says_what_it_shows(made: board_links.MadeLink) -> None:
    response = _open(made.token)
    text = response.content.decode()
    assert response.status_code == 200
    for said in ("For the agency", "no limit", "Sales", "v1 since", "data as of 2026-03-23", "44 of 164"):
        assert said in text


def test_its_numbers_are_those_of_the_board(made: board_links.MadeLink) -> None:
    weekly = quality(slice=slice_of(board=made.link.board, at=NOW), at=NOW, by=GroupBy.WEEK)
    assert [(row.numbers.n, row.numbers.non_target) for row in weekly.rows] == [(88, 26), (76, 18)]
    cells = _cells(_open(made.token))
    assert cells["Week 10, from 2 Mar"][:2] == ["88", "26 · 29.5%"]
    assert cells["Google"] == ["53", "16 · 30.2%"]


def test_what_is_few_is_kept_back_with_another_so_that_nobody_can_subtract(made: board_links.MadeLink) -> None:
    """Non-target of VK are 4, of SEO 3; the sum of all sources is told, and the two hide each other."""
    cells = _cells(_open(made.token))
    assert cells["Vk"] == cells["Seo"] == ["&lt; 5", "&lt; 5"]
    assert cells["Partners"] == ["69", "21 · 30.4%"]


def test_one_line_that_is_few_takes_the_smallest_other_along(owner: User, executive: User) -> None:
    _leads(owner)
    cells = _cells(_open(_link(executive, f"{QUERY}&source=google&source=partners&source=seo").token))
    assert cells["Seo"] == cells["Google"] == ["&lt; 5", "&lt; 5"]
    assert cells["Partners"] == ["69", "21 · 30.4%"]


def test_where_even_the_sum_is_small_nothing_is_told(owner: User, executive: User) -> None:
    _leads(owner)
    response = _open(_link(executive, f"{QUERY}&source=seo").token)
    text = response.content.decode()
    assert response.status_code == 200
    assert all(cell in ("&lt; 5", "…") for cells in _cells(response).values() for cell in cells)
    assert "<svg" not in text.partition("</defs>")[2]
    assert "%" not in text.partition("<main")[2].partition("How to read it")[0]


def test_no_number_on_the_page_is_below_five(made: board_links.MadeLink) -> None:
    for cells in _cells(_open(made.token)).values():
        counts = [int(found[0]) for cell in cells if (found := re.match(r"\d+", cell))]
        assert [count for count in counts if count < 5] == []


def test_nothing_can_be_opened_and_nobody_is_named(made: board_links.MadeLink, owner: User, executive: User) -> None:
    response = _open(made.token)
    assert links(response) == []
    text = response.content.decode()
    for name in (owner.name, "Quillfeather", executive.name, "Agency</", "/leads", "<script"):
        assert name not in text


def test_a_board_of_some_peoples_leads_says_how_many_they_are(owner: User, executive: User) -> None:
    _leads(owner)
    text = _open(_link(executive, f"{QUERY}&owner={owner.pk}").token).content.decode()
    assert "Leads of 1 manager" in text
    assert "Quillfeather" not in text


def test_nothing_of_it_is_kept_found_or_passed_on(made: board_links.MadeLink) -> None:
    for token in (made.token, "rz_nothing"):
        response = _open(token)
        assert "no-store" in response.headers["Cache-Control"]
        assert response.headers["Referrer-Policy"] == "no-referrer"
        assert "noindex" in response.headers["X-Robots-Tag"]
        assert 'content="noindex' in response.content.decode()
        assert not response.cookies


def test_openings_are_counted(made: board_links.MadeLink) -> None:
    for _time in range(2):
        _open(made.token)
    Client().head(f"/shared/{made.token}/")
    link = BoardLink.objects.get()
    assert (link.openings, link.last_opened_at) == (2, NOW)


def test_a_link_that_is_over_says_so_and_a_forged_one_opens_nothing(
    made: board_links.MadeLink, executive: User
) -> None:
    forged = made.token[:-1] + ("a" if made.token[-1] != "a" else "b")
    assert (_open(forged).status_code, "This link opens nothing" in _open(forged).content.decode()) == (404, True)
    with time_machine.travel(NOW + timedelta(days=30), tick=False):
        expired = _open(made.token)
    assert (expired.status_code, "This link is over" in expired.content.decode()) == (410, True)
    board_links.revoke_link(link=made.link, by=executive, at=NOW)
    assert _open(made.token).status_code == 410
    assert BoardLink.objects.get().openings == 0


def test_whoever_asks_too_often_waits(made: board_links.MadeLink) -> None:
    answers = [_open("rz_nothing") for _time in range(31)]
    assert [answer.status_code for answer in answers] == [404] * 30 + [429]
    assert int(answers[-1].headers["Retry-After"]) >= 1
    assert _open(made.token).status_code == 429
    assert Client().get(f"/shared/{made.token}/", REMOTE_ADDR="8.8.8.8").status_code == 200


def test_it_goes_by_the_clock_and_the_words_of_the_reader(made: board_links.MadeLink) -> None:
    OrganisationSettingsFactory(time_zone="Asia/Vladivostok", organisation_name="Vector")
    text = _open(made.token, **{"accept-language": "ru"}).content.decode()
    assert "данные на 23.03.2026 19:00" in text
    assert "Vector" in text


def test_it_is_the_same_to_whoever_has_signed_in(made: board_links.MadeLink, admin: User) -> None:
    client = Client()
    client.force_login(admin)
    response = client.get(f"/shared/{made.token}/", headers={"accept-language": "en"})
    assert links(response) == []
    assert admin.name not in response.content.decode()
