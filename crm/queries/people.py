"""The people of the company."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from django.db.models import Exists, OuterRef, QuerySet
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from crm.models import Invitation, Team, User
from crm.rules.permissions import Permission, is_granted
from crm.rules.roles import IN_TEAMS, ROLE_LABELS, Role


class PersonState(StrEnum):
    """Whether somebody signs in."""

    ACTIVE = "active"
    INVITED = "invited"
    OFF = "off"


STATE_LABELS = {
    PersonState.ACTIVE: _("signs in"),
    PersonState.INVITED: _("invited, has not come yet"),
    PersonState.OFF: pgettext_lazy("a person", "switched off"),
}


@dataclass(frozen=True, slots=True)
class PersonLine:
    """One person of the list."""

    person: User
    role: str
    state: PersonState
    has_standing_invitation: bool

    @property
    def works_on_leads(self) -> bool:
        """Whether leads may be given to somebody of this role."""
        return is_granted(self.person.role, Permission.EDIT_LEAD)

    @property
    def lacks_a_team(self) -> bool:
        """Whether somebody works here whose leads, or whose people's leads, are out of sight for want of a team."""
        return self.state is not PersonState.OFF and self.person.role in IN_TEAMS and self.person.team is None

    @property
    def is_head(self) -> bool:
        """Whether this person leads a team."""
        return self.person.role == Role.HEAD

    @property
    def state_label(self) -> str:
        """The state in words."""
        return str(STATE_LABELS[self.state])


def is_nobody_here() -> bool:
    """Tell whether there is no person at all yet."""
    return not User.objects.exists()


def lines(*, at: datetime) -> list[PersonLine]:
    """List everybody: those who work here first, by name."""
    standing = Invitation.objects.filter(user=OuterRef("pk"), accepted_at=None, revoked_at=None, expires_at__gt=at)
    people = User.objects.select_related("team").annotate(is_invited=Exists(standing))
    return [_line(person, is_invited=person.is_invited) for person in people.order_by("-is_active", "name", "id")]


def line(*, person: User, at: datetime) -> PersonLine:
    """Read one person as the list does."""
    is_invited = person.invitations.filter(accepted_at=None, revoked_at=None, expires_at__gt=at).exists()
    return _line(person, is_invited=is_invited)


def person_by_id(*, pk: int) -> User | None:
    """Find somebody by number, with their team."""
    return User.objects.select_related("team").filter(pk=pk).first()


def names_with(*, permission: Permission) -> list[str]:
    """Name the people who work here and have a permission."""
    roles = [role for role in Role if is_granted(role, permission)]
    return list(
        User.objects.filter(is_active=True, role__in=roles).order_by("name", "id").values_list("name", flat=True)
    )


def team_by_id(*, pk: int) -> Team | None:
    """Find a team in use by number."""
    return teams_in_use().filter(pk=pk).first()


def teams_in_use() -> QuerySet[Team]:
    """List the teams that people may be put into."""
    return Team.objects.filter(archived_at=None).order_by("name")


def teams_out_of_use() -> QuerySet[Team]:
    """List the teams that were put out of use."""
    return Team.objects.filter(archived_at__isnull=False).order_by("name")


def _line(person: User, *, is_invited: bool) -> PersonLine:
    state = PersonState.ACTIVE if person.has_usable_password() else PersonState.INVITED
    return PersonLine(
        person=person,
        role=str(ROLE_LABELS[Role(person.role)]),
        state=state if person.is_active else PersonState.OFF,
        has_standing_invitation=is_invited,
    )
