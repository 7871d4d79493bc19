"""Take an empty installation into use: its first administrator, and what is left out on the way."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from crm.models import Team, User
from crm.operations import agreements, audit, invitations, people
from crm.queries.people import teams_in_use
from crm.rules.errors import DomainError
from crm.rules.permissions import NotAllowed, Permission, is_granted
from crm.rules.roles import IN_TEAMS, Role
from crm.rules.setup_code import is_setup_code
from leads.models import FirstRun
from leads.rules.first_run import MAY_BE_SKIPPED, Step


class SomebodyIsHere(DomainError):
    """Making a first administrator of an installation that has people."""

    def __init__(self) -> None:
        super().__init__("somebody_is_here", _("This installation has its people already: sign in."))


class CodeIsWrong(DomainError):
    """A code that is not this installation's."""

    def __init__(self) -> None:
        message = _("This is not the code of this installation. “manage.py setup_link” prints it.")
        super().__init__("setup_code_wrong", message, "code")


class StepIsNeeded(DomainError):
    """Leaving out what no lead can be judged without."""

    def __init__(self) -> None:
        super().__init__("step_needed", _("This step cannot be left out."))


class ColleagueRefused(DomainError):
    """A colleague who could not be let in; `row` says which of them."""

    def __init__(self, refusal: DomainError, *, row: int) -> None:
        super().__init__(refusal.code, refusal.message, refusal.field)
        self.row = row


@dataclass(frozen=True, slots=True)
class Colleague:
    """Somebody to be let in."""

    name: str
    email: str
    role: str


@transaction.atomic
def begin(*, code: str, key: str, name: str, email: str, password: str, at: datetime) -> User:
    """Make the first administrator; `key` is the installation's secret, of which the code is derived.

    Of several who try at the same instant one succeeds: from then on the code opens nothing.
    """
    agreements.hold()
    if User.objects.exists():
        raise SomebodyIsHere
    if not is_setup_code(told=code, key=key):
        raise CodeIsWrong
    person = people.create_user(email=email, name=name, role=Role.ADMIN, team=None, password=password, by=None, at=at)
    FirstRun.objects.create(began_at=at)
    audit.record(action="start.begin", obj=person, by=None, at=at)
    return person


@transaction.atomic
def invite(*, colleagues: Sequence[Colleague], by: User, at: datetime, origin: str = "") -> None:
    """Let several colleagues in, all or nobody; those this very act has let in before stay as they are.

    Salespeople and their head are one team until somebody says otherwise: a head sees the leads of a team. With the
    site's origin each gets a letter with a link.
    """
    agreements.hold()
    new = [told for told in colleagues if not _is_invited(told)]
    team = _first_team(by=by, at=at) if any(told.role in IN_TEAMS for told in new) else None
    for row, told in enumerate(colleagues):
        try:
            if told in new:
                place = team if told.role in IN_TEAMS else None
                invitations.invite(
                    email=told.email, name=told.name, role=told.role, team=place, by=by, at=at, origin=origin
                )
        except DomainError as refusal:
            raise ColleagueRefused(refusal, row=row) from refusal


def _first_team(*, by: User, at: datetime) -> Team | None:
    """Find the only team there is, or make the first; of several nobody can tell which is meant."""
    teams = list(teams_in_use()[:2])
    if not teams:
        return people.create_team(name=gettext("Sales team"), by=by, at=at)
    return teams[0] if len(teams) == 1 else None


def _is_invited(told: Colleague) -> bool:
    known = User.objects.filter(email=told.email.strip().lower(), last_login__isnull=True)
    return known.filter(name=told.name.strip(), role=told.role).exists()


@transaction.atomic
def skip(*, step: str, by: User, at: datetime) -> None:
    """Leave a step out; it can still be done."""
    _require_administrator(by)
    if step not in MAY_BE_SKIPPED:
        raise StepIsNeeded
    begun = _begun(at)
    if step not in begun.skipped:
        begun.skipped = [*begun.skipped, Step(step).value]
        begun.save(update_fields=["skipped"])
        audit.record(action="start.skip", obj=begun, by=by, at=at, changes={"step": step})


@transaction.atomic
def dismiss(*, by: User, at: datetime) -> None:
    """Put the reminder away; the steps stay where they are."""
    _require_administrator(by)
    begun = _begun(at)
    if begun.dismissed_at is None:
        begun.dismissed_at, begun.dismissed_by = at, by
        begun.save(update_fields=["dismissed_at", "dismissed_by"])
        audit.record(action="start.dismiss", obj=begun, by=by, at=at)


def _begun(at: datetime) -> FirstRun:
    agreements.hold()
    return FirstRun.objects.first() or FirstRun.objects.create(began_at=at)


def _require_administrator(by: User) -> None:
    if not is_granted(by.role, Permission.ADMINISTER):
        raise NotAllowed
