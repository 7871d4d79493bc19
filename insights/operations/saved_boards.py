"""Keep questions to the board under a name, offer them to colleagues, begin with one."""

from datetime import datetime

from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from crm.models import User
from crm.operations import audit, people
from crm.operations.rights import require
from crm.rules.errors import DomainError
from crm.rules.permissions import NotAllowed, Permission
from crm.rules.start_pages import StartPage
from insights.models import SavedBoard, StartBoard
from insights.models.saved import LONGEST_QUESTION
from insights.queries.saved_boards import is_open_to, may_change


class BoardNeedsAName(DomainError):
    """A board nobody could tell from the others."""

    def __init__(self) -> None:
        super().__init__("name_required", _("Give the board a name."), "name")


class BoardNameIsTaken(DomainError):
    """Two boards of one person under one name."""

    def __init__(self) -> None:
        super().__init__("name_taken", _("There is a board of this name already."), "name")


class BoardAsksTooMuch(DomainError):
    """A question longer than any address of the board should be."""

    def __init__(self) -> None:
        super().__init__("asks_too_much", _("So many filters cannot be kept: choose fewer."), "query")


@transaction.atomic
def keep(*, name: str, query: str, is_shared: bool, by: User, at: datetime) -> SavedBoard:
    """Keep a question; the same one kept twice under one name is one board."""
    require(by=by, permission=Permission.VIEW_BOARD)
    name = _tidy(name)
    if len(query) > LONGEST_QUESTION:
        raise BoardAsksTooMuch
    known = _held(by).filter(name=name).first()
    if known is not None:
        if (known.query, known.is_shared) == (query, is_shared):
            return known
        raise BoardNameIsTaken
    saved = SavedBoard.objects.create(name=name, query=query, owner=by, is_shared=is_shared, created_at=at)
    audit.record(action="board.save", obj=saved, by=by, at=at, changes={"is_shared": is_shared})
    return saved


@transaction.atomic
def change(*, board: SavedBoard, name: str, is_shared: bool, by: User, at: datetime) -> SavedBoard:
    """Give a board another name, share it, or keep it to its owner again."""
    board = _to_change(board, by)
    name = _tidy(name)
    if _held(board.owner).filter(name=name).exclude(pk=board.pk).exists():
        raise BoardNameIsTaken
    if (board.name, board.is_shared) != (name, is_shared):
        board.name, board.is_shared = name, is_shared
        board.save(update_fields=["name", "is_shared"])
        audit.record(action="board.change", obj=board, by=by, at=at, changes={"is_shared": is_shared})
    return board


@transaction.atomic
def archive(*, board: SavedBoard, by: User, at: datetime) -> SavedBoard:
    """Delete a board, with a way back; meanwhile its letters stop and its links open nothing."""
    board = _to_change(board, by)
    if board.archived_at is None:
        board.archived_at = at
        board.save(update_fields=["archived_at"])
        audit.record(action="board.archive", obj=board, by=by, at=at)
    return board


@transaction.atomic
def restore(*, board: SavedBoard, by: User, at: datetime) -> SavedBoard:
    """Bring a deleted board back, unless another one has taken its name."""
    board = _to_change(board, by)
    if board.archived_at is None:
        return board
    if _held(board.owner).filter(name=board.name).exists():
        raise BoardNameIsTaken
    board.archived_at = None
    board.save(update_fields=["archived_at"])
    audit.record(action="board.restore", obj=board, by=by, at=at)
    return board


@transaction.atomic
def begin_with(*, board: SavedBoard | None, by: User, at: datetime) -> None:
    """Let somebody begin with a saved board, or with the plain one."""
    if board is None:
        StartBoard.objects.filter(person=by).delete()
    else:
        StartBoard.objects.update_or_create(person=by, defaults={"board": opened(board=board, by=by)})
    people.change_profile(user=by, start_page=StartPage.BOARD, by=by, at=at)
    told = board or ("insights.savedboard", "")
    audit.record(action="board.begin", obj=told, by=by, at=at)


def opened(*, board: SavedBoard, by: User) -> SavedBoard:
    """Read a board anew; refuse whoever may not look at it any more."""
    found = SavedBoard.objects.get(pk=board.pk)
    if not is_open_to(board=found, person=by):
        raise NotAllowed
    return found


def _to_change(board: SavedBoard, by: User) -> SavedBoard:
    """Read a board anew while nobody else changes it; refuse whoever may not."""
    held = SavedBoard.objects.select_for_update(no_key=True).get(pk=board.pk)
    if not may_change(board=held, actor=by):
        raise NotAllowed
    return held


def _held(person: User) -> QuerySet[SavedBoard]:
    """Select a person's boards in use, while no other request of theirs names one."""
    User.objects.select_for_update(no_key=True).get(pk=person.pk)
    return SavedBoard.objects.filter(owner=person, archived_at__isnull=True)


def _tidy(name: str) -> str:
    name = " ".join(name.split())
    if not name:
        raise BoardNeedsAName
    return name
