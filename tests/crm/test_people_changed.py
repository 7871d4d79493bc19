"""Who works here is changed by administrators, and one of those always stays."""

from datetime import datetime

import pytest

from crm.models import Agreements, AuditEvent, Team, User
from crm.operations import people
from crm.operations.people import InvalidPerson
from crm.rules.permissions import NotAllowed
from crm.rules.roles import Role

pytestmark = pytest.mark.django_db


def change(user: User, by: User, at: datetime, **told: object) -> User:
    known = {"name": user.name, "email": user.email, "role": user.role, "team": user.team}
    return people.change_person(user=user, **(known | told), by=by, at=at)


def test_a_change_is_told_without_names_and_wakes_what_is_remembered(
    manager: User, admin: User, team: Team, at: datetime
) -> None:
    before = Agreements.objects.values_list("stamp", flat=True).first()
    other = people.create_team(name="South", by=admin, at=at)
    changed = change(manager, admin, at, name="Somebody Else", role=Role.HEAD, team=other)
    assert (changed.name, changed.role, changed.team) == ("Somebody Else", Role.HEAD, other)
    event = AuditEvent.objects.get(action="person.change")
    assert event.changes == {
        "fields": ["name", "role", "team_id"], "role": ["manager", "head"], "team_id": [team.pk, other.pk],
    }  # fmt: skip
    assert Agreements.objects.values_list("stamp", flat=True).first() != before


def test_nothing_changed_is_no_act(manager: User, admin: User, at: datetime) -> None:
    change(manager, admin, at)
    assert not AuditEvent.objects.filter(action="person.change").exists()


@pytest.mark.parametrize(
    ("told", "code"),
    [
        ({"name": " "}, "name_required"),
        ({"email": "admin@example.com"}, "email_taken"),
        ({"email": "nonsense"}, "invalid_email"),
        ({"role": "king"}, "unknown_role"),
    ],
)
def test_what_makes_no_person_is_refused(
    told: dict[str, str], code: str, manager: User, admin: User, at: datetime
) -> None:
    with pytest.raises(InvalidPerson) as refusal:
        change(manager, admin, at, **told)
    assert refusal.value.code == code


def test_the_last_administrator_stays_one(admin: User, manager: User, at: datetime) -> None:
    with pytest.raises(InvalidPerson, match="last administrator"):
        change(admin, admin, at, role=Role.HEAD)
    other = change(manager, admin, at, role=Role.ADMIN)
    assert change(admin, other, at, role=Role.HEAD).role == Role.HEAD
    with pytest.raises(InvalidPerson, match="switch yourself off"):
        people.switch_off(user=other, by=other, at=at)


def test_somebody_is_switched_off_and_on(manager: User, admin: User, at: datetime) -> None:
    assert not people.switch_off(user=manager, by=admin, at=at).is_active
    assert not people.switch_off(user=manager, by=admin, at=at).is_active
    assert people.switch_on(user=manager, by=admin, at=at).is_active
    told = AuditEvent.objects.filter(object_id=str(manager.pk)).values_list("action", flat=True)
    assert list(told) == ["person.switch_off", "person.switch_on"]


def test_a_team_is_renamed_and_put_out_of_use_once_it_is_empty(
    manager: User, head: User, admin: User, team: Team, at: datetime
) -> None:
    assert people.rename_team(team=team, name=" North  East ", by=admin, at=at).name == "North East"
    with pytest.raises(InvalidPerson, match="still in this team"):
        people.archive_team(team=team, by=admin, at=at)
    for person in (manager, head):
        change(person, admin, at, team=None)
    assert people.archive_team(team=team, by=admin, at=at).archived_at == at
    people.create_team(name="South", by=admin, at=at)
    with pytest.raises(InvalidPerson, match="team of this name"):
        people.rename_team(team=team, name="South", by=admin, at=at)


def test_others_change_nobody(manager: User, head: User, team: Team, at: datetime) -> None:
    for act in (
        lambda: change(manager, head, at, name="X"),
        lambda: people.switch_off(user=manager, by=head, at=at),
        lambda: people.switch_on(user=manager, by=head, at=at),
        lambda: people.rename_team(team=team, name="X", by=head, at=at),
        lambda: people.archive_team(team=team, by=head, at=at),
    ):
        with pytest.raises(NotAllowed):
            act()
