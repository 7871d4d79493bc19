"""People and teams: who may sign in, in what role."""

from datetime import datetime

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from crm.models import Invitation, Team, User
from crm.operations import agreements, audit
from crm.rules.errors import DomainError
from crm.rules.permissions import NotAllowed, Permission, is_granted
from crm.rules.roles import Role
from crm.rules.start_pages import StartPage

THEMES = ("", "light", "dark")


class InvalidPerson(DomainError):
    """A person who could not sign in, or could not be told from another."""


@transaction.atomic
def create_user(
    *, email: str, name: str, role: Role | str, team: Team | None, password: str | None, by: User | None, at: datetime
) -> User:
    """Create a person who can sign in; without a password only after resetting it by mail."""
    _require_administrator(by)
    agreements.hold()  # of two who invite one person at one moment the second is told
    email = email.strip().lower()
    _require_new_email(email)
    if not name.strip():
        raise InvalidPerson("name_required", _("A person needs a name."), field="name")
    _require_team_in_use(team)
    user = User(email=email, name=name.strip(), role=_role(role).value, team=team, created_at=at)
    user.set_password(password)
    user.save(force_insert=True)
    agreements.record(
        action="person.create", obj=user, by=by, at=at, changes={"role": user.role, "team": team.pk if team else None}
    )
    return user


@transaction.atomic
def create_team(*, name: str, by: User | None, at: datetime) -> Team:
    """Create a team of salespeople."""
    _require_administrator(by)
    team = Team.objects.create(name=_team_name(name))
    audit.record(action="team.create", obj=team, by=by, at=at)
    return team


@transaction.atomic
def rename_team(*, team: Team, name: str, by: User, at: datetime) -> Team:
    """Give a team another name."""
    _require_administrator(by)
    name = _team_name(name, but=team)
    if name != team.name:
        team.name = name
        team.save(update_fields=["name"])
        agreements.record(action="team.rename", obj=team, by=by, at=at)
    return team


@transaction.atomic
def archive_team(*, team: Team, by: User, at: datetime) -> Team:
    """Put a team out of use once nobody is in it."""
    _require_administrator(by)
    agreements.hold()
    if team.people.filter(is_active=True).exists():
        raise InvalidPerson("team_has_people", _("Somebody is still in this team: move them to another one first."))
    if team.archived_at is None:
        team.archived_at = at
        team.save(update_fields=["archived_at"])
        agreements.record(action="team.archive", obj=team, by=by, at=at)
    return team


@transaction.atomic
def restore_team(*, team: Team, by: User, at: datetime) -> Team:
    """Take a team into use again, so that people may be put into it."""
    _require_administrator(by)
    agreements.hold()
    if team.archived_at is not None:
        team.archived_at = None
        team.save(update_fields=["archived_at"])
        agreements.record(action="team.restore", obj=team, by=by, at=at)
    return team


@transaction.atomic
def change_person(
    *, user: User, name: str, email: str, role: Role | str, team: Team | None, by: User, at: datetime
) -> User:
    """Change who somebody is here: name, address, role and team. The last administrator stays one.

    A link that was sent to another address works no more.
    """
    _require_administrator(by)
    user = _hold(user)
    email = email.strip().lower()
    if email != user.email:
        _require_new_email(email)
    if not name.strip():
        raise InvalidPerson("name_required", _("A person needs a name."), field="name")
    if team is not None and team.pk != user.team_id:
        _require_team_in_use(team)
    if user.role == Role.ADMIN and _role(role) != Role.ADMIN:
        _require_another_administrator(user, field="role")
    told = {"name": name.strip(), "email": email, "role": _role(role).value, "team_id": team.pk if team else None}
    changed = [field for field, value in told.items() if getattr(user, field) != value]
    if changed:
        before = {field: getattr(user, field) for field in ("role", "team_id")}
        for field in changed:
            setattr(user, field, told[field])
        user.save(update_fields=[field.removesuffix("_id") for field in changed])
        if "email" in changed:  # the letter may have reached a stranger
            take_back_invitations(user=user, at=at)
        seen = {field: [before[field], told[field]] for field in before if field in changed}
        agreements.record(action="person.change", obj=user, by=by, at=at, changes={"fields": changed, **seen})
    return user


@transaction.atomic
def switch_off(*, user: User, by: User, at: datetime) -> User:
    """Let somebody in no more, from this moment on; what they did stays told under their name."""
    _require_administrator(by)
    user = _hold(user)
    if user == by:
        raise InvalidPerson("not_oneself", _("You cannot switch yourself off: ask another administrator."))
    if user.role == Role.ADMIN:
        _require_another_administrator(user)
    return _set_active(user, is_active=False, by=by, at=at)


@transaction.atomic
def switch_on(*, user: User, by: User, at: datetime) -> User:
    """Let somebody in again."""
    _require_administrator(by)
    return _set_active(_hold(user), is_active=True, by=by, at=at)


@transaction.atomic
def change_profile(
    *,
    user: User,
    by: User | None,
    at: datetime,
    name: str | None = None,
    language: str | None = None,
    theme: str | None = None,
    start_page: str | None = None,
) -> User:
    """Change what a person sets for themselves; what is None stays as it is."""
    changed = []
    for field, value, allowed in (
        ("name", name, None),
        ("language", language, ("", *dict(settings.LANGUAGES))),
        ("theme", theme, THEMES),
        ("start_page", start_page, ("", *StartPage)),
    ):
        if value is None or value == getattr(user, field):
            continue
        if (allowed is not None and value not in allowed) or (field == "name" and not value.strip()):
            raise InvalidPerson("invalid_choice", _("There is no such choice."), field=field)
        setattr(user, field, value.strip())
        changed.append(field)
    if changed:
        user.save(update_fields=changed)
        record = agreements.record if "name" in changed else audit.record  # names of people are remembered
        record(action="person.change_profile", obj=user, by=by, at=at, changes={"fields": changed})
    return user


@transaction.atomic
def set_password(*, user: User, password: str, by: User | None, at: datetime) -> User:
    """Give a person a new password; every other session of theirs ends, and a link they were invited by with them."""
    user.set_password(password)
    user.save(update_fields=["password"])
    take_back_invitations(user=user, at=at)
    audit.record(action="person.set_password", obj=user, by=by, at=at)
    return user


def take_back_invitations(*, user: User, at: datetime) -> None:
    """Let the links somebody was sent open nothing any more."""
    Invitation.objects.filter(user=user, accepted_at=None, revoked_at=None).update(revoked_at=at)


def _hold(user: User) -> User:
    """Read somebody anew while nobody else changes what is agreed on: of two last administrators one stays."""
    agreements.hold()
    return User.objects.get(pk=user.pk)


def _team_name(name: str, *, but: Team | None = None) -> str:
    """Tidy a name and refuse one that is taken; held, so that of two who give it at one moment one is told."""
    agreements.hold()
    name = " ".join(name.split())
    if not name:
        raise InvalidPerson("name_required", _("A team needs a name."), field="name")
    taken = Team.objects.filter(name=name).first()
    if taken is None or taken == but:
        return name
    if taken.archived_at is not None:
        raise InvalidPerson(
            "team_archived", _("A team of this name is out of use: restore it, or choose another name."), field="name"
        )
    raise InvalidPerson("team_exists", _("There is a team of this name."), field="name")


def _set_active(user: User, *, is_active: bool, by: User, at: datetime) -> User:
    if user.is_active != is_active:
        user.is_active = is_active
        user.save(update_fields=["is_active"])
        action = "person.switch_on" if is_active else "person.switch_off"
        agreements.record(action=action, obj=user, by=by, at=at)
    return user


def _require_another_administrator(user: User, *, field: str | None = None) -> None:
    others = User.objects.filter(role=Role.ADMIN, is_active=True).exclude(pk=user.pk)
    if not others.exists():
        message = _("This is the last administrator: make somebody else one first.")
        raise InvalidPerson("last_administrator", message, field=field)


def _require_team_in_use(team: Team | None) -> None:
    if team is not None and Team.objects.filter(pk=team.pk, archived_at__isnull=False).exists():
        raise InvalidPerson("team_archived", _("This team was put out of use: choose another one."), field="team")


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
