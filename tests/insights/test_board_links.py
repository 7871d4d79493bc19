"""Links for people outside: told once, ended by themselves or by whom they concern, open while their maker may."""

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from django.test import Client

from crm.models import AuditEvent, User
from crm.operations import people
from crm.rules.permissions import NotAllowed
from crm.rules.roles import Role
from insights.models import BoardLink, SavedBoard
from insights.operations import board_links, saved_boards
from insights.operations.board_links import NoSuchTerm
from insights.queries.board_links import LinkState, link_named, links_of, state_of

pytestmark = pytest.mark.django_db
SHARERS = (Role.ADMIN, Role.HEAD, Role.MARKETER, Role.EXECUTIVE)
LINKS = "/boards/links/"


@pytest.fixture
def board(executive: User, at: datetime) -> SavedBoard:
    return saved_boards.keep(name="Shown", query="funnel=sales&age=7&period=12w", is_shared=True, by=executive, at=at)


def make(board: SavedBoard, by: User, at: datetime, *, days: int = 30, note: str = "Agency") -> board_links.MadeLink:
    return board_links.make_link(board=board, days=days, note=note, by=by, at=at)


def test_only_a_digest_of_the_token_is_kept(board: SavedBoard, executive: User, at: datetime) -> None:
    made = make(board, executive, at)
    stored = BoardLink.objects.values().get()
    secret = made.token.rpartition("_")[2]
    assert secret not in str(stored)
    assert secret not in str(list(AuditEvent.objects.values()))
    assert link_named(token=made.token) == made.link


def test_a_token_with_another_secret_or_none_opens_nothing(board: SavedBoard, executive: User, at: datetime) -> None:
    made, other = make(board, executive, at), make(board, executive, at)
    mixed = made.token[:12] + other.token[12:]
    for token in (mixed, made.token[:-1], made.token.upper(), made.link.token_id, "nonsense"):
        assert link_named(token=token) is None


@pytest.mark.parametrize("days", [7, 30, 90])
def test_a_link_ends_by_itself(days: int, board: SavedBoard, executive: User, at: datetime) -> None:
    link = make(board, executive, at, days=days).link
    assert state_of(link=link, at=at + timedelta(days=days, seconds=-1)) is LinkState.OPEN
    assert state_of(link=link, at=at + timedelta(days=days)) is LinkState.EXPIRED


@pytest.mark.parametrize("days", [0, 1, 365, -7])
def test_no_other_term_is_taken(days: int, board: SavedBoard, executive: User, at: datetime) -> None:
    with pytest.raises(NoSuchTerm):
        make(board, executive, at, days=days)


@pytest.mark.parametrize("role", Role)
def test_a_link_is_made_by_whoever_may_share_what_they_see(
    role: Role, board: SavedBoard, users: dict[Role, User], at: datetime
) -> None:
    if role in SHARERS:
        assert make(board, users[role], at).link.created_by == users[role]
    else:
        with pytest.raises(NotAllowed):
            make(board, users[role], at)


def test_a_private_board_is_shown_outside_by_its_owner_only(
    board: SavedBoard, executive: User, marketer: User, at: datetime
) -> None:
    saved_boards.change(board=board, name="Shown", is_shared=False, by=executive, at=at)
    make(board, executive, at)
    with pytest.raises(NotAllowed):
        make(board, marketer, at)


def test_the_maker_the_owner_and_an_administrator_take_a_link_back(
    board: SavedBoard, users: dict[Role, User], at: datetime
) -> None:
    for role in (Role.MARKETER, Role.EXECUTIVE, Role.ADMIN):
        link = make(board, users[Role.MARKETER], at).link
        with pytest.raises(NotAllowed):
            board_links.revoke_link(link=link, by=users[Role.HEAD], at=at)
        for _twice in range(2):
            link = board_links.revoke_link(link=link, by=users[role], at=at)
        assert (state_of(link=link, at=at), link.revoked_by) == (LinkState.REVOKED, users[role])
        acts = AuditEvent.objects.filter(object_type="insights.boardlink", object_id=str(link.pk))
        assert list(acts.values_list("action", flat=True)) == ["board.make_link", "board.revoke_link"]


@pytest.mark.parametrize("end", ["deleted", "private", "switched off", "another role"])
def test_a_link_opens_only_while_its_maker_could_make_it(
    end: str, board: SavedBoard, users: dict[Role, User], at: datetime
) -> None:
    maker, admin, owner = users[Role.MARKETER], users[Role.ADMIN], users[Role.EXECUTIVE]
    link = make(board, maker, at).link
    match end:
        case "deleted":
            saved_boards.archive(board=board, by=owner, at=at)
        case "private":
            saved_boards.change(board=board, name="Shown", is_shared=False, by=owner, at=at)
        case "switched off":
            people.switch_off(user=maker, by=admin, at=at)
        case "another role":
            told = {"name": maker.name, "email": maker.email, "role": Role.MANAGER, "team": None}
            people.change_person(user=maker, by=admin, at=at, **told)
    link = BoardLink.objects.select_related("board", "created_by").get(pk=link.pk)
    assert state_of(link=link, at=at) is LinkState.CLOSED


def test_each_sees_the_links_that_concern_them(board: SavedBoard, users: dict[Role, User], at: datetime) -> None:
    link = make(board, users[Role.MARKETER], at).link
    seen = {role for role in Role if [line.link for line in links_of(actor=users[role], at=at)] == [link]}
    assert seen == {Role.ADMIN, Role.EXECUTIVE, Role.MARKETER}


# --- The page -------------------------------------------------------------------------------------------------------
def test_the_page_tells_the_link_once_and_lists_it(
    board: SavedBoard, marketer: User, client_of: Callable[[User], Client]
) -> None:
    client = client_of(marketer)
    answer = client.post(LINKS, {"board": board.pk, "days": "7", "note": "  The   agency "})
    url = answer.context["url"]
    assert url.startswith("http://testserver/shared/rz_")
    assert "no-store" in answer.headers["Cache-Control"]
    listed = client.get(LINKS).content.decode()
    assert "The agency" in listed
    assert url.rpartition("_")[2] not in listed
    link = BoardLink.objects.get()
    client.post(f"/boards/links/{link.pk}/revoke/")
    assert "taken back" in client.get(LINKS).content.decode()


@pytest.mark.parametrize("told", [{"days": "8"}, {"board": "0"}, {"board": "nonsense"}, {}])
def test_a_form_that_is_not_understood_makes_no_link(
    told: dict[str, str], board: SavedBoard, marketer: User, client_of: Callable[[User], Client]
) -> None:
    asked = {"board": str(board.pk), "days": "7", **told} if told else {"note": "x"}
    assert client_of(marketer).post(LINKS, asked).status_code == 400
    assert not BoardLink.objects.exists()


def test_a_manager_is_not_offered_links(manager: User, client_of: Callable[[User], Client]) -> None:
    assert client_of(manager).get(LINKS).status_code == 403
    assert LINKS not in client_of(manager).get("/boards/").content.decode()
