"""Two administrators do something about people at one moment: the second is told, and nobody meets a broken page."""

import pytest

from crm.models import Invitation, Team, User
from crm.operations import invitations, people
from crm.operations.people import InvalidPerson
from crm.rules.roles import Role
from tests.at_once import ON_POSTGRESQL, together
from tests.factories.crm import TeamFactory, UserFactory
from tests.factories.funnels import LONG_AGO


@pytest.mark.django_db(transaction=True)
@ON_POSTGRESQL
def test_of_two_links_sent_at_once_one_stands(monkeypatch: pytest.MonkeyPatch) -> None:
    admin = UserFactory(role=Role.ADMIN)
    told = {"email": "new@example.com", "name": "New", "role": Role.MANAGER, "team": None}
    invited = invitations.invite(**told, by=admin, at=LONG_AGO).user

    def again() -> object:
        return bool(invitations.invite_again(user=invited, by=admin, at=LONG_AGO))

    assert together(monkeypatch, people, "take_back_invitations", again, again) == [True, True]
    assert Invitation.objects.filter(user=invited, revoked_at=None).count() == 1


@pytest.mark.django_db(transaction=True)
@ON_POSTGRESQL
def test_of_two_people_of_one_address_the_second_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    told = {"email": "new@example.com", "name": "New", "role": Role.MANAGER, "team": None, "password": None}

    def invite() -> object:
        return people.create_user(**told, by=None, at=LONG_AGO).name

    done = together(monkeypatch, people, "_require_new_email", invite, invite)
    assert sorted(map(str, done)) == ["New", "email_taken"]
    assert User.objects.filter(email="new@example.com").count() == 1


@pytest.mark.django_db(transaction=True)
@ON_POSTGRESQL
def test_of_two_teams_of_one_name_the_second_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    def make() -> object:
        return people.create_team(name="North", by=None, at=LONG_AGO).name

    done = together(monkeypatch, people, "_team_name", make, make)
    assert sorted(map(str, done)) == ["North", "team_exists"]
    assert Team.objects.count() == 1


@pytest.mark.django_db
def test_nobody_is_put_into_a_team_archived_meanwhile() -> None:
    admin, somebody, team = UserFactory(role=Role.ADMIN), UserFactory(role=Role.MANAGER), TeamFactory()
    people.archive_team(team=Team.objects.get(pk=team.pk), by=admin, at=LONG_AGO)
    told = {"name": "Somebody", "email": "somebody@example.com", "role": Role.MANAGER, "team": team}
    with pytest.raises(InvalidPerson) as created:
        people.create_user(**told, password=None, by=admin, at=LONG_AGO)
    with pytest.raises(InvalidPerson) as changed:
        people.change_person(user=somebody, **told, by=admin, at=LONG_AGO)
    assert {created.value.code, changed.value.code} == {"team_archived"}
