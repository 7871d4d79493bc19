"""Links for people outside, as they are listed and as one of them opens."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from django.db.models import Q

from crm.models import User
from crm.rules.permissions import Permission, is_granted
from crm.rules.tokens import is_token, token_id_of
from insights.models import BoardLink
from insights.queries.saved_boards import is_open_to


class LinkState(StrEnum):
    """Whether a link opens anything; CLOSED is one whose maker, or whose board, is not there for it any more."""

    OPEN = "open"
    EXPIRED = "expired"
    REVOKED = "revoked"
    CLOSED = "closed"


@dataclass(frozen=True, slots=True)
class LinkLine:
    """A link of the list."""

    link: BoardLink
    state: LinkState

    @property
    def is_open(self) -> bool:
        """Whether it still opens the board."""
        return self.state is LinkState.OPEN


def links_of(*, actor: User, at: datetime) -> Sequence[LinkLine]:
    """List the links a person made, those to boards of theirs, and for an administrator all; the newest first."""
    links = BoardLink.objects.select_related("board__owner", "created_by", "revoked_by")
    if not is_granted(actor.role, Permission.ADMINISTER):
        links = links.filter(Q(created_by=actor) | Q(board__owner=actor))
    return [LinkLine(link, state_of(link=link, at=at)) for link in links]


def link_to_revoke(*, actor: User, pk: int) -> BoardLink | None:
    """Find a link a person may take back."""
    link = BoardLink.objects.select_related("board").filter(pk=pk).first()
    return link if link is not None and may_revoke(link=link, actor=actor) else None


def may_revoke(*, link: BoardLink, actor: User) -> bool:
    """Tell whether somebody may take a link back: its maker, the owner of its board, an administrator."""
    return actor.pk in (link.created_by_id, link.board.owner_id) or is_granted(actor.role, Permission.ADMINISTER)


def link_named(*, token: str) -> BoardLink | None:
    """Find the link of a token, whether or not it still opens; nothing for one that was never ours."""
    token_id = token_id_of(token=token)
    link = BoardLink.objects.select_related("board", "created_by").filter(token_id=token_id).first()
    return link if link is not None and is_token(token=token, digest=link.digest) else None


def state_of(*, link: BoardLink, at: datetime) -> LinkState:
    """Tell whether a link opens at an instant. It does only while its maker could make it again."""
    if link.revoked_at is not None:
        return LinkState.REVOKED
    if link.expires_at <= at:
        return LinkState.EXPIRED
    maker = link.created_by
    may_share = maker.is_active and is_granted(maker.role, Permission.SHARE_BOARD)
    return LinkState.OPEN if may_share and is_open_to(board=link.board, person=maker) else LinkState.CLOSED
