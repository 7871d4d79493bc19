"""People and teams: who may sign in, in what role."""

from datetime import datetime

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from crm.models import Team, User
from crm.operations import audit
from crm.rules.errors import DomainError
from crm.rules.permissions import NotAllowed, Permission, is_granted
from crm.rules.roles import Role

THEMES = ("", "light", "dark")


class InvalidPerson(DomainError):
    """A person who could not sign in, or could not be told from another."""


@transaction.atomic
def create_user(
    *, email: str, name: str, role: Role | str, team: Team | None, password: str | None, by: User | None, at: datetime
) -> User:
    """Create a person who can sign in; without a password only after resetting it by mail."""
    _require_administrator(by)
    email = email.strip().lower()
    _require_new_email(email)
    if not name.strip():
        raise InvalidPerson("name_required", _("A person needs a name."), field="name")
    user = User(email=email, name=name.strip(), role=_role(role).value, team=team, created_at=at)
    user.set_password(password)
    user.save(force_insert=True)
    audit.record(
        action="person.create", obj=user, by=by, at=at, changes={"role": user.role, "team": team.pk if team else None}
    )
    return user


@transaction.atomic
def create_team(*, name: str, by: User | None, at: datetime) -> Team:
    """Create a team of salespeople."""
    _require_administrator(by)
    name = " ".join(name.split())
    if not name:
        raise InvalidPerson("name_required", _("A team needs a name."), field="name")
    if Team.objects.filter(name=name).exists():
        raise InvalidPerson("team_exists", _("There is a team of this name."), field="name")
    team = Team.objects.create(name=name)
    audit.record(action="team.create", obj=team, by=by, at=at)
    return team


@transaction.atomic
def change_profile(
    *,
    user: User,
    by: User | None,
    at: datetime,
    name: str | None = None,
    language: str | None = None,
    theme: str | None = None,
) -> User:
    """Change what a person sets for themselves; what is None stays as it is."""
    changed = []
    for field, value, allowed in (
        ("name", name, None),
        ("language", language, ("", *dict(settings.LANGUAGES))),
        ("theme", theme, THEMES),
    ):
        if value is None or value == getattr(user, field):
            continue
        if (allowed is not None and value not in allowed) or (field == "name" and not value.strip()):
            raise InvalidPerson("invalid_choice", _("There is no such choice."), field=field)
        setattr(user, field, value.strip())
        changed.append(field)
    if changed:
        user.save(update_fields=changed)
        audit.record(action="person.change_profile", obj=user, by=by, at=at, changes={"fields": changed})
    return user


@transaction.atomic
def set_password(*, user: User, password: str, by: User | None, at: datetime) -> User:
    """Give a person a new password; every other session of theirs ends."""
    user.set_password(password)
    user.save(update_fields=["password"])
    audit.record(action="person.set_password", obj=user, by=by, at=at)
    return user


def _require_administrator(by: User | None) -> None:
    if by is not None and not is_granted(by.role, Permission.ADMINISTER):
        raise NotAllowed


def _require_new_email(email: str) -> None:
    try:
        validate_email(email)
    except ValidationError as error:
        raise InvalidPerson("invalid_email", _("This is not an e-mail address."), field="email") from error
    if User.objects.filter(email=email).exists():
        raise InvalidPerson("email_taken", _("Somebody signs in with this e-mail already."), field="email")


def _role(role: Role | str) -> Role:
    try:
        return Role(role)
    except ValueError as error:
        raise InvalidPerson("unknown_role", _("There is no such role."), field="role") from error
