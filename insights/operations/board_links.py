"""Show a board to people without an account: by a link that is told once, ends by itself and can be taken back."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from django.db import transaction
from django.db.models import F
from django.utils.translation import gettext_lazy as _

from crm.models import User
from crm.operations import audit
from crm.operations.rights import require
from crm.rules.errors import DomainError
from crm.rules.permissions import NotAllowed, Permission
from crm.rules.tokens import digest_of, new_token
from insights.models import BoardLink, SavedBoard
from insights.operations.saved_boards import opened
from insights.queries.board_links import may_revoke

LASTS: Final = (7, 30, 90)
"""For how many days a link may open."""


class NoSuchTerm(DomainError):
    """A link for a time that is not offered, such as for ever."""

    def __init__(self) -> None:
        super().__init__("no_such_term", _("A link opens for 7, 30 or 90 days."), "days")


@dataclass(frozen=True, slots=True)
class MadeLink:
    """A new link, and the token to be copied now."""

    link: BoardLink
    token: str


@transaction.atomic
def make_link(*, board: SavedBoard, days: int, note: str, by: User, at: datetime) -> MadeLink:
    """Make a link to a board; its token is kept nowhere and cannot be told again."""
    require(by=by, permission=Permission.SHARE_BOARD)
    board = opened(board=board, by=by)
    if days not in LASTS:
        raise NoSuchTerm
    token = new_token()
    link = BoardLink.objects.create(
        board=board,
        token_id=token.token_id,
        digest=digest_of(token=token.text),
        note=" ".join(note.split()),
        created_at=at,
        created_by=by,
        expires_at=at + timedelta(days=days),
    )
    audit.record(action="board.make_link", obj=link, by=by, at=at, changes={"board": board.pk, "days": days})
    return MadeLink(link, token.text)


@transaction.atomic
def revoke_link(*, link: BoardLink, by: User, at: datetime) -> BoardLink:
    """Take a link back: whoever opens it next is told so."""
    link = BoardLink.objects.select_for_update(of=("self",)).select_related("board").get(pk=link.pk)
    if not may_revoke(link=link, actor=by):
        raise NotAllowed
    if link.revoked_at is None:
        link.revoked_at, link.revoked_by = at, by
        link.save(update_fields=["revoked_at", "revoked_by"])
        audit.record(action="board.revoke_link", obj=link, by=by, at=at, changes={"board": link.board_id})
    return link


def note_opening(*, link: BoardLink, at: datetime) -> None:
    """Count that a link was opened, and remember when."""
    BoardLink.objects.filter(pk=link.pk).update(openings=F("openings") + 1, last_opened_at=at)
