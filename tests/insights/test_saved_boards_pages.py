"""Saved boards in hands: kept from the board, opened, listed, begun with; and as strangers and colleagues meet them."""

from collections.abc import Callable, Iterator
from datetime import date, timedelta

import pytest
import time_machine
from django.http import HttpResponse
from django.test import Client

from crm.models import User
from crm.rules.formats import day_range
from crm.rules.roles import Role
from insights.models import SavedBoard
from insights.operations import saved_boards
from tests.factories.crm import PASSWORD
from tests.factories.funnels import make_rules
from tests.factories.leads import MONDAY, make_lead

NOW = MONDAY + timedelta(days=2)
BOARDS, SAVE = "/boards/", "/boards/save/"

pytestmark = pytest.mark.django_db
ClientOf = Callable[[User], Client]


@pytest.fixture(autouse=True)
def world(db: None) -> Iterator[None]:
    """A Wednesday, and a lead of the Monday before."""
    with time_machine.travel(NOW, tick=False):
        make_lead(make_rules(), at=MONDAY)
        yield


def _keep(by: User, *, name: str = "Weekly", is_shared: bool = False, query: str = "") -> SavedBoard:
    told = query or "funnel=sales&age=7&period=12w"
    return saved_boards.keep(name=name, query=told, is_shared=is_shared, by=by, at=NOW)


def _text(response: HttpResponse) -> str:
    return response.content.decode()


def test_the_usual_period_is_kept_without_days_and_goes_with_time(manager: User, client_of: ClientOf) -> None:
    client = client_of(manager)
    page = client.get("/")
    query = page.context["saved"].query
    assert "Goes with time: always the last 12 weeks" in _text(page)
    answer = client.post(SAVE, {"name": "Weekly", "query": query, "is_moving": "on"})
    board = SavedBoard.objects.get()
    assert (board.query, board.owner, board.is_shared) == ("funnel=sales&age=7&period=12w", manager, False)
    assert answer.headers["Location"] == f"/?{board.query}"
    with time_machine.travel(NOW + timedelta(weeks=3), tick=False):
        shown = client_of(manager).get(f"/boards/{board.pk}/", follow=True)
        assert shown.context["asked"].slice.to_on.isoformat() == "2026-03-29"
        assert shown.context["saved"].current == "Weekly"


def test_days_and_weeks_not_to_be_moved_stay(manager: User, client_of: ClientOf) -> None:
    client = client_of(manager)
    page = client.get("/", {"from": "2026-02-02", "to": "2026-03-01", "source": "google", "conversion": "cumulative"})
    assert "It stays at these days" in _text(page)
    client.post(SAVE, {"name": "February", "query": page.context["saved"].query, "is_moving": "on"})
    client.post(SAVE, {"name": "Fixed", "query": client.get("/").context["saved"].query})
    february, fixed = SavedBoard.objects.order_by("pk")
    assert february.query == "funnel=sales&age=7&from=2026-02-02&to=2026-03-01&source=google&conversion=cumulative"
    assert "from=2025-12-15&to=2026-03-08" in fixed.query
    shown = client.get(f"/boards/{february.pk}/", follow=True)
    assert shown.context["saved"].current == "February"
    listed = _text(client.get(BOARDS))
    assert f"these days: {day_range(date(2026, 2, 2), date(2026, 3, 1))}" in listed
    assert "Source: google" in listed


@pytest.mark.parametrize("query", ["funnel=sales&sauce=google", "funnel=sales&source=nowhere", "age=soon", ""])
def test_a_question_that_is_not_understood_is_not_kept(query: str, manager: User, client_of: ClientOf) -> None:
    answer = client_of(manager).post(SAVE, {"name": "Weekly", "query": query})
    assert answer.status_code == 400
    assert not SavedBoard.objects.exists()


def test_a_refused_name_is_told_beside_it(manager: User, client_of: ClientOf) -> None:
    board = _keep(manager)
    _keep(manager, name="Other")
    client = client_of(manager)
    answer = client.post(SAVE, {"name": "Weekly", "query": "funnel=sales&age=28"})
    assert (answer.status_code, "There is a board of this name already." in _text(answer)) == (400, True)
    answer = client.post(f"/boards/{board.pk}/change/", {"name": "Other"})
    assert (answer.status_code, "There is a board of this name already." in _text(answer)) == (400, True)


def test_the_menu_offers_ones_own_and_what_colleagues_share(manager: User, head: User, client_of: ClientOf) -> None:
    _keep(head, name="Private of the head")
    _keep(head, name="Shared by the head", is_shared=True)
    _keep(manager, name="Mine")
    for page in (client_of(manager).get("/"), client_of(manager).get(BOARDS)):
        text = _text(page)
        assert "Shared by the head" in text
        assert "Mine" in text
        assert "Private of the head" not in text


@pytest.mark.parametrize("role", [Role.ADMIN, Role.MANAGER])
def test_a_colleague_and_an_administrator_meet_no_private_board(
    role: Role, users: dict[Role, User], head: User, client_of: ClientOf
) -> None:
    board, client = _keep(head), client_of(users[role])
    assert client.get(f"/boards/{board.pk}/").status_code == 404
    for act in ("change", "archive", "restore", "begin", "letter", "letter/stop"):
        told = {"name": "Mine", "weekday": "1", "hour": "9"}
        assert client.post(f"/boards/{board.pk}/{act}/", told).status_code == 404
    board.refresh_from_db()
    assert (board.name, board.archived_at) == ("Weekly", None)


def test_a_colleague_opens_a_shared_board_but_does_not_change_it(
    manager: User, head: User, client_of: ClientOf
) -> None:
    board, client = _keep(head, is_shared=True), client_of(manager)
    assert client.get(f"/boards/{board.pk}/", follow=True).status_code == 200
    assert f"/boards/{board.pk}/change/" not in _text(client.get(BOARDS))
    for act in ("change", "archive", "restore"):
        assert client.post(f"/boards/{board.pk}/{act}/", {"name": "Mine"}).status_code == 404


def test_an_administrator_renames_and_deletes_what_is_shared(admin: User, head: User, client_of: ClientOf) -> None:
    board, client = _keep(head, is_shared=True), client_of(admin)
    client.post(f"/boards/{board.pk}/change/", {"name": "Ours", "is_shared": "on"})
    client.post(f"/boards/{board.pk}/archive/")
    board.refresh_from_db()
    assert (board.name, board.archived_at) == ("Ours", NOW)
    assert f"/boards/{board.pk}/restore/" in _text(client.get(f"{BOARDS}?deleted={board.pk}"))
    client.post(f"/boards/{board.pk}/restore/")
    board.refresh_from_db()
    assert board.archived_at is None


def test_a_stranger_is_asked_to_sign_in(client: Client, head: User) -> None:
    board = _keep(head, is_shared=True)
    for path in (BOARDS, f"/boards/{board.pk}/", "/boards/links/"):
        assert client.get(path).headers["Location"].startswith("/login/?next=")


# --- Where one begins -----------------------------------------------------------------------------------------------
def _signs_in(person: User) -> HttpResponse:
    return Client().post("/login/", {"username": person.email, "password": PASSWORD}, follow=True)


@pytest.mark.parametrize("role", [Role.MANAGER, Role.EXECUTIVE])
def test_after_signing_in_and_at_the_first_page_one_lands_on_the_chosen_board(
    role: Role, users: dict[Role, User], client_of: ClientOf
) -> None:
    person = users[role]
    board = _keep(person, query="funnel=sales&age=28&period=4w")
    client_of(person).post(f"/boards/{board.pk}/begin/")
    for page in (_signs_in(person), client_of(person).get("/", follow=True)):
        assert page.context["saved"].current == "Weekly"
        assert page.context["asked"].slice.age == 28
    plain = client_of(person).get(page.context["saved"].plain_url)
    assert plain.context["asked"].slice.age == 7


def test_a_board_that_is_gone_leaves_one_at_the_plain_board(manager: User, head: User, client_of: ClientOf) -> None:
    board = _keep(head, is_shared=True, query="funnel=sales&age=28&period=4w")
    client_of(manager).post(f"/boards/{board.pk}/begin/")
    saved_boards.archive(board=board, by=head, at=NOW)
    page = _signs_in(manager)
    assert page.redirect_chain[-1][0] == "/"
    assert page.context["asked"].slice.age == 7


def test_the_plain_board_may_be_begun_with(manager: User, client_of: ClientOf) -> None:
    client_of(manager).post(f"/boards/{_keep(manager).pk}/begin/")
    client_of(manager).post("/boards/begin/")
    assert _signs_in(manager).redirect_chain[-1][0] == "/"
