"""Saved boards, as one person may open them: their own, and what others share."""

from collections.abc import Sequence
from datetime import datetime
from urllib.parse import parse_qs
from zoneinfo import ZoneInfo

from django.db.models import Q, QuerySet

from crm.models import User
from crm.queries.organisation import settings_at
from crm.rules.permissions import Permission, is_granted
from crm.rules.start_pages import StartPage, start_page
from insights.models import SavedBoard, StartBoard
from insights.rules.period import civil_day
from insights.rules.slice import PARAMETERS, Slice, parse


def boards_of(*, actor: User) -> Sequence[SavedBoard]:
    """List the boards offered to a person, by name."""
    return list(_offered(actor).select_related("owner"))


def board_of(*, actor: User, pk: int) -> SavedBoard | None:
    """Find a board a person may open; somebody else's private one is not there for anybody."""
    return _offered(actor).select_related("owner").filter(pk=pk).first()


def board_to_change(*, actor: User, pk: int) -> SavedBoard | None:
    """Find a board a person may change, also a deleted one: their own, for an administrator also a shared one."""
    found = SavedBoard.objects.filter(_seen_by(actor), pk=pk).select_related("owner").first()
    return found if found is not None and may_change(board=found, actor=actor) else None


def may_change(*, board: SavedBoard, actor: User) -> bool:
    """Tell whether somebody may rename, share and delete a board: it is theirs, or shared and they administer."""
    if board.owner_id == actor.pk:
        return True
    return board.is_shared and is_granted(actor.role, Permission.ADMINISTER)


def is_open_to(*, board: SavedBoard, person: User) -> bool:
    """Tell whether somebody may look at a board now."""
    is_theirs = board.is_shared or board.owner_id == person.pk
    return board.archived_at is None and is_theirs and is_granted(person.role, Permission.VIEW_BOARD)


def begins_at_the_board(*, person: User) -> bool:
    """Tell whether somebody begins at a board, be it the plain or a saved one."""
    return start_page(chosen=person.start_page, role=person.role) is StartPage.BOARD


def start_board(*, person: User) -> SavedBoard | None:
    """Find the saved board somebody begins with; none if they begin elsewhere, or it is not there for them any more."""
    if not begins_at_the_board(person=person):
        return None
    chosen = StartBoard.objects.filter(person=person).values("board_id")
    return _offered(person).filter(pk__in=chosen).first()


def slice_of(*, board: SavedBoard, at: datetime) -> Slice:
    """Read what a board asks at an instant: a question is kept whole, so no default is needed."""
    query = {name: values for name, values in parse_qs(board.query).items() if name in PARAMETERS}
    zone = ZoneInfo(settings_at(at).time_zone)
    return parse(query, default=Slice(funnel=""), today=civil_day(at, zone), zone=zone)


def weeks_of(*, board: SavedBoard) -> int | None:
    """Tell how many weeks up to now a board is about; nothing if its days are fixed, or it has none."""
    period = parse_qs(board.query).get("period", [""])[0]
    return int(period.removesuffix("w")) if period.endswith("w") else None


def _offered(actor: User) -> QuerySet[SavedBoard]:
    return SavedBoard.objects.filter(_seen_by(actor), archived_at__isnull=True)


def _seen_by(actor: User) -> Q:
    return Q(owner=actor) | Q(is_shared=True)
