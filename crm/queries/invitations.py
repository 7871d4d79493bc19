"""Invitations, as their links and their holders are looked up."""

from dataclasses import dataclass
from datetime import datetime

from django.conf import settings
from django.db.models import QuerySet

from crm.models import Invitation, User
from crm.rules.invitations import invitation_token, number_of


@dataclass(frozen=True, slots=True)
class Letter:
    """Whom an invitation is for, and the token of its link."""

    user: User
    token: str


def letter_of(*, invitation: int, at: datetime) -> Letter | None:
    """Read what the letter of an invitation needs, as long as it stands."""
    stands = {"accepted_at": None, "revoked_at": None, "expires_at__gt": at}
    known = Invitation.objects.filter(pk=invitation, **stands).select_related("user").first()
    return Letter(known.user, invitation_token(number=known.number, key=settings.SECRET_KEY)) if known else None


def standing(*, token: str, at: datetime, among: QuerySet[Invitation] | None = None) -> Invitation | None:
    """Find the invitation of a link while it stands: not used, not replaced, not too old, and its person works here."""
    number = number_of(token=token, key=settings.SECRET_KEY)
    if number is None:
        return None
    known = Invitation.objects.all() if among is None else among
    stands = {"accepted_at": None, "revoked_at": None, "expires_at__gt": at, "user__is_active": True}
    return known.select_related("user").filter(number=number, **stands).first()


def standing_token(*, user: User, at: datetime) -> str:
    """Tell the token of somebody's link while it stands; empty when there is none."""
    known = user.invitations.filter(accepted_at=None, revoked_at=None, expires_at__gt=at).first()
    return invitation_token(number=known.number, key=settings.SECRET_KEY) if known else ""


def letters_go_out() -> bool:
    """Tell whether a letter reaches anybody: where no mail is set up, it is only written into the server's log."""
    return not settings.EMAIL_BACKEND.endswith(("console.EmailBackend", "dummy.EmailBackend"))
