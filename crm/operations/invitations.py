"""Let people in: they are sent a link by which they set their own password."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.utils import translation
from django.utils.translation import gettext_lazy as _

from crm.models import Invitation, Team, User
from crm.operations import audit, jobs, people
from crm.queries.invitations import standing
from crm.rules.errors import DomainError
from crm.rules.invitations import invitation_token
from crm.rules.permissions import NotAllowed, Permission, is_granted
from crm.rules.roles import Role

HOLDS_FOR = timedelta(days=7)
JOB = "invitations.send"


class InvitationIsOver(DomainError):
    """A link that was used, replaced, taken back or has expired, or that is none of ours."""

    def __init__(self) -> None:
        message = _("This link has been used or is too old. Ask whoever invited you for a new one.")
        super().__init__("invitation_is_over", message)


class HasComeAlready(DomainError):
    """Inviting somebody who signs in already."""

    def __init__(self) -> None:
        super().__init__("has_come_already", _("This person signs in already: no invitation is needed."))


class IsSwitchedOff(DomainError):
    """Inviting somebody who is let in no more."""

    def __init__(self) -> None:
        super().__init__("is_switched_off", _("This person is switched off: switch them on first."))


@dataclass(frozen=True, slots=True)
class Invited:
    """Somebody who is let in, and the token of the link."""

    user: User
    token: str


@transaction.atomic
def invite(
    *, email: str, name: str, role: Role | str, team: Team | None, by: User | None, at: datetime, origin: str = ""
) -> Invited:
    """Make a person who sets their own password; with the site's origin a letter with the link is sent."""
    user = people.create_user(email=email, name=name, role=role, team=team, password=None, by=by, at=at)
    return _invited(user, by=by, at=at, origin=origin)


@transaction.atomic
def invite_again(*, user: User, by: User, at: datetime, origin: str = "") -> Invited:
    """Send a new link to somebody who has not come yet; the old one stops working."""
    _require_administrator(by)
    user = User.objects.select_for_update(no_key=True).get(pk=user.pk)  # sent by two at once, one link stands
    if not user.is_active:
        raise IsSwitchedOff
    if user.has_usable_password():
        raise HasComeAlready
    people.take_back_invitations(user=user, at=at)
    return _invited(user, by=by, at=at, origin=origin)


@transaction.atomic
def accept(*, token: str, password: str, at: datetime) -> User:
    """Set the first password by the link; it works once."""
    held = Invitation.objects.select_for_update(of=("self",))
    invitation = standing(token=token, at=at, among=held)
    if invitation is None:
        raise InvitationIsOver
    invitation.accepted_at = at
    invitation.save(update_fields=["accepted_at"])
    audit.record(action="person.accept_invitation", obj=invitation.user, by=invitation.user, at=at)
    return people.set_password(user=invitation.user, password=password, by=invitation.user, at=at)


def _invited(user: User, *, by: User | None, at: datetime, origin: str) -> Invited:
    made = Invitation.objects.create(user=user, created_at=at, created_by=by, expires_at=at + HOLDS_FOR)
    audit.record(action="person.invite", obj=user, by=by, at=at)
    if origin:
        language = translation.get_language() or settings.LANGUAGE_CODE
        jobs.enqueue(name=JOB, at=at, invitation=made.pk, origin=origin, language=language)
    return Invited(user, invitation_token(number=made.number, key=settings.SECRET_KEY))


def _require_administrator(by: User) -> None:
    if not is_granted(by.role, Permission.ADMINISTER):
        raise NotAllowed
