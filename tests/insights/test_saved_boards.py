"""Boards are kept, shared, deleted and begun with by whom they concern, and by nobody else."""

from datetime import datetime

import pytest

from crm.models import AuditEvent, User
from crm.operations import people
from crm.rules.permissions import NotAllowed
from crm.rules.roles import Role
from crm.rules.start_pages import StartPage
from insights.models import SavedBoard
from insights.operations import saved_boards
from insights.operations.saved_boards import BoardAsksTooMuch, BoardNameIsTaken, BoardNeedsAName
from insights.queries.saved_boards import board_of, board_to_change, boards_of, start_board

pytestmark = pytest.mark.django_db
QUERY = "funnel=sales&age=7&period=12w"


def keep(by: User, at: datetime, *, name: str = "Weekly", is_shared: bool = False) -> SavedBoard:
    return saved_boards.keep(name=name, query=QUERY, is_shared=is_shared, by=by, at=at)


def _acts(board: SavedBoard) -> list[str]:
    told = AuditEvent.objects.filter(object_type="insights.savedboard", object_id=str(board.pk))
    return list(told.values_list("action", flat=True))


@pytest.mark.parametrize("role", Role)
def test_everybody_who_sees_the_board_may_keep_it(role: Role, users: dict[Role, User], at: datetime) -> None:
    board = keep(users[role], at, name="  The   weekly one ")
    assert (board.name, board.query, board.owner) == ("The weekly one", QUERY, users[role])
    assert boards_of(actor=users[role]) == [board]
    assert _acts(board) == ["board.save"]


def test_the_same_kept_twice_is_one_and_a_name_is_taken_once(manager: User, head: User, at: datetime) -> None:
    board = keep(manager, at)
    assert keep(manager, at) == board
    with pytest.raises(BoardNameIsTaken):
        keep(manager, at, is_shared=True)
    with pytest.raises(BoardNeedsAName):
        keep(manager, at, name="  ")
    assert keep(head, at).pk != board.pk


def test_a_question_too_long_for_an_address_is_refused(manager: User, at: datetime) -> None:
    query = f"{QUERY}&{'&'.join(f'source=s{number}' for number in range(300))}"
    with pytest.raises(BoardAsksTooMuch):
        saved_boards.keep(name="All of them", query=query, is_shared=False, by=manager, at=at)


def test_a_private_board_is_nobody_elses_and_a_shared_one_everybodys(users: dict[Role, User], at: datetime) -> None:
    owner = users[Role.MANAGER]
    private, shared = keep(owner, at), keep(owner, at, name="Shared", is_shared=True)
    for role in set(Role) - {Role.MANAGER}:
        assert board_of(actor=users[role], pk=private.pk) is None
        assert boards_of(actor=users[role]) == [shared]


def test_only_the_owner_and_an_administrator_change_a_shared_board(users: dict[Role, User], at: datetime) -> None:
    board = keep(users[Role.MARKETER], at, is_shared=True)
    for role in (Role.HEAD, Role.MANAGER, Role.EXECUTIVE):
        assert board_to_change(actor=users[role], pk=board.pk) is None
        told = {"board": board, "by": users[role], "at": at}
        for act in (saved_boards.archive, saved_boards.restore):
            with pytest.raises(NotAllowed):
                act(**told)
        with pytest.raises(NotAllowed):
            saved_boards.change(name="Mine now", is_shared=True, **told)
    saved_boards.change(board=board, name="Ours", is_shared=True, by=users[Role.ADMIN], at=at)
    saved_boards.archive(board=board, by=users[Role.MARKETER], at=at)
    board.refresh_from_db()
    assert (board.name, board.archived_at) == ("Ours", at)
    assert _acts(board) == ["board.save", "board.change", "board.archive"]


def test_an_administrator_leaves_private_boards_alone(admin: User, manager: User, at: datetime) -> None:
    board = keep(manager, at)
    assert board_to_change(actor=admin, pk=board.pk) is None
    with pytest.raises(NotAllowed):
        saved_boards.archive(board=board, by=admin, at=at)


def test_a_deleted_board_comes_back_unless_its_name_was_taken(manager: User, at: datetime) -> None:
    board = keep(manager, at)
    saved_boards.archive(board=board, by=manager, at=at)
    assert boards_of(actor=manager) == []
    saved_boards.restore(board=board, by=manager, at=at)
    assert boards_of(actor=manager) == [board]
    saved_boards.archive(board=board, by=manager, at=at)
    keep(manager, at)
    with pytest.raises(BoardNameIsTaken):
        saved_boards.restore(board=board, by=manager, at=at)


def test_nothing_is_told_of_a_change_that_changes_nothing(manager: User, at: datetime) -> None:
    board = keep(manager, at)
    saved_boards.change(board=board, name="Weekly", is_shared=False, by=manager, at=at)
    assert _acts(board) == ["board.save"]


# --- Where one begins -----------------------------------------------------------------------------------------------
def test_whoever_chooses_a_board_begins_with_it_until_another_is_chosen(manager: User, at: datetime) -> None:
    one, other = keep(manager, at), keep(manager, at, name="Other")
    for board in (one, other):
        saved_boards.begin_with(board=board, by=manager, at=at)
        assert start_board(person=manager) == board
        assert manager.start_page == StartPage.BOARD  # a manager began at their day
    saved_boards.begin_with(board=None, by=manager, at=at)
    assert start_board(person=manager) is None
    assert manager.start_page == StartPage.BOARD


def test_somebody_elses_private_board_cannot_be_begun_with(manager: User, head: User, at: datetime) -> None:
    with pytest.raises(NotAllowed):
        saved_boards.begin_with(board=keep(head, at), by=manager, at=at)


def test_a_board_that_is_deleted_or_shared_no_more_is_begun_with_no_more(
    manager: User, head: User, at: datetime
) -> None:
    board = keep(head, at, is_shared=True)
    for person in (manager, head):
        saved_boards.begin_with(board=board, by=person, at=at)
    saved_boards.change(board=board, name="Weekly", is_shared=False, by=head, at=at)
    assert (start_board(person=manager), start_board(person=head)) == (None, board)
    saved_boards.archive(board=board, by=head, at=at)
    assert start_board(person=head) is None
    saved_boards.restore(board=board, by=head, at=at)
    assert start_board(person=head) == board


def test_another_start_page_chosen_in_the_profile_wins(manager: User, at: datetime) -> None:
    saved_boards.begin_with(board=keep(manager, at), by=manager, at=at)
    people.change_profile(user=manager, start_page=StartPage.LEADS, by=manager, at=at)
    assert start_board(person=manager) is None
