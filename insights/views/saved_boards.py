"""Boards under a name: the list of them, what one may do with each, and the one a person begins with."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from http import HTTPStatus

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from crm.models import User
from crm.rules.errors import DomainError
from crm.rules.permissions import Permission, is_granted
from crm.views.guards import actor, domain_errors_to_form, require
from insights.forms import BoardForm, LetterForm, SaveBoardForm
from insights.models import BoardSubscription, SavedBoard
from insights.operations import saved_boards as operations
from insights.queries.choices import choices
from insights.queries.letters import letters_of
from insights.queries.saved_boards import (
    begins_at_the_board,
    board_of,
    board_to_change,
    boards_of,
    may_change,
    slice_of,
    start_board,
    weeks_of,
)
from insights.rules.words import age_words, period_words
from insights.views.questions import filter_words
from insights.views.saved_menu import moving_words, opened_url, plain_url

LONGEST_NUMBER = 18  # digits
USUAL_HOUR = {"weekday": 1, "hour": 9}


@dataclass(frozen=True, slots=True)
class BoardLine:
    """A board of the list: what it asks in words, whether its days go with time, and what may be done with it."""

    board: SavedBoard
    url: str
    period: str
    words: Sequence[str]
    is_own: bool
    is_start: bool
    form: BoardForm | None
    letter: BoardSubscription | None
    letter_form: LetterForm


@require_safe
@require(Permission.VIEW_BOARD)
def boards(request: HttpRequest) -> HttpResponse:
    """List the boards offered to the person."""
    return _page(request)


@require_safe
@require(Permission.VIEW_BOARD)
def open_board(request: HttpRequest, pk: int) -> HttpResponse:
    """Show a saved board, as it is asked today."""
    return redirect(opened_url(_offered(request, pk)))


@require_POST
@require(Permission.VIEW_BOARD)
def save(request: HttpRequest) -> HttpResponse:
    """Keep the question a board was asked."""
    now, form = timezone.now(), SaveBoardForm(request.POST)
    if form.is_valid():
        with domain_errors_to_form(form):
            told = form.cleaned_data
            query = form.kept(at=now)
            kept = operations.keep(
                name=told["name"], query=query, is_shared=told["is_shared"], by=actor(request), at=now
            )
            messages.success(request, _("The board “%(name)s” is saved.") % {"name": kept.name})
            return redirect(opened_url(kept))
    return _page(request, saving=form)


@require_POST
@require(Permission.VIEW_BOARD)
def change(request: HttpRequest, pk: int) -> HttpResponse:
    """Rename a board, share it or take it back."""
    board, form = _to_change(request, pk), BoardForm(request.POST, auto_id=f"board_{pk}_%s")
    if form.is_valid():
        with domain_errors_to_form(form):
            operations.change(board=board, by=actor(request), at=timezone.now(), **form.cleaned_data)
            messages.success(request, _("The board is changed."))
            return redirect("insights:boards")
    return _page(request, changing=(board, form))


@require_POST
@require(Permission.VIEW_BOARD)
def archive(request: HttpRequest, pk: int) -> HttpResponse:
    """Delete a board, with a way back."""
    board = operations.archive(board=_to_change(request, pk), by=actor(request), at=timezone.now())
    messages.success(request, _("The board “%(name)s” is deleted.") % {"name": board.name})
    return redirect(f"{reverse('insights:boards')}?deleted={pk}")


@require_POST
@require(Permission.VIEW_BOARD)
def restore(request: HttpRequest, pk: int) -> HttpResponse:
    """Bring a deleted board back."""
    board = _to_change(request, pk)
    try:
        operations.restore(board=board, by=actor(request), at=timezone.now())
        messages.success(request, _("The board is back."))
    except DomainError as refusal:
        messages.error(request, str(refusal))
    return redirect("insights:boards")


@require_POST
@require(Permission.VIEW_BOARD)
def begin(request: HttpRequest, pk: int) -> HttpResponse:
    """Begin with a saved board from now on."""
    return _begin(request, _offered(request, pk))


@require_POST
@require(Permission.VIEW_BOARD)
def begin_plain(request: HttpRequest) -> HttpResponse:
    """Begin with the plain board from now on."""
    return _begin(request, None)


def _begin(request: HttpRequest, board: SavedBoard | None) -> HttpResponse:
    operations.begin_with(board=board, by=actor(request), at=timezone.now())
    name = board.name if board else _("All leads")
    messages.success(request, _("You begin with “%(name)s” from now on.") % {"name": name})
    return redirect("insights:boards")


def _offered(request: HttpRequest, pk: int) -> SavedBoard:
    board = board_of(actor=actor(request), pk=pk)
    if board is None:
        raise Http404
    return board


def _to_change(request: HttpRequest, pk: int) -> SavedBoard:
    board = board_to_change(actor=actor(request), pk=pk)
    if board is None:
        raise Http404
    return board


def _page(
    request: HttpRequest,
    *,
    saving: SaveBoardForm | None = None,
    changing: tuple[SavedBoard, BoardForm] | None = None,
) -> HttpResponse:
    person, at = actor(request), timezone.now()
    lines = _lines(person, changing, at)
    deleted = request.GET.get("deleted", "")
    undo = (
        board_to_change(actor=person, pk=int(deleted))
        if deleted.isascii() and deleted.isdecimal() and len(deleted) <= LONGEST_NUMBER
        else None
    )
    context = {
        "own": [line for line in lines if line.is_own],
        "shared": [line for line in lines if not line.is_own],
        "plain_url": plain_url(),
        "is_plain_start": begins_at_the_board(person=person) and not any(line.is_start for line in lines),
        "saving": saving,
        "undo": undo if undo and undo.archived_at else None,
        "may_share": is_granted(person.role, Permission.SHARE_BOARD),
    }
    status = HTTPStatus.BAD_REQUEST if saving or changing else HTTPStatus.OK
    return render(request, "board/boards.html", context, status=status)


def _lines(person: User, changing: tuple[SavedBoard, BoardForm] | None, at: datetime) -> list[BoardLine]:
    begins_with, letters, known = start_board(person=person), letters_of(person=person), choices()

    def form(board: SavedBoard) -> BoardForm | None:
        if changing and changing[0].pk == board.pk:
            return changing[1]
        told = {"name": board.name, "is_shared": board.is_shared}
        return (
            BoardForm(initial=told, auto_id=f"board_{board.pk}_%s") if may_change(board=board, actor=person) else None
        )

    def line(board: SavedBoard) -> BoardLine:
        slice, weeks, letter = slice_of(board=board, at=at), weeks_of(board=board), letters.get(board.pk)
        asked_for = {"weekday": letter.weekday, "hour": letter.hour} if letter else USUAL_HOUR
        return BoardLine(
            board=board,
            url=opened_url(board),
            period=moving_words(weeks) if weeks else _("these days: %(days)s") % {"days": period_words(slice)},
            words=[_("age %(age)s") % {"age": age_words(slice.age)}, *filter_words(slice, known)],
            is_own=board.owner_id == person.pk,
            is_start=begins_with == board,
            form=form(board),
            letter=letter,
            letter_form=LetterForm(initial=asked_for, auto_id=f"letter_{board.pk}_%s"),
        )

    return [line(board) for board in boards_of(actor=person)]
