"""People and teams."""

from datetime import datetime

import pytest
from django.conf import LazySettings

from crm.models import AuditEvent, Team, User
from crm.operations import people
from crm.rules.permissions import NotAllowed
from crm.rules.roles import Role

PERSON = {"name": "Anna", "role": Role.HEAD, "team": None, "password": "a-long-password"}


def test_create_user_can_sign_in_with_any_case(admin: User, at: datetime) -> None:
    user = people.create_user(email=" Anna@Example.COM ", by=admin, at=at, **PERSON)
    assert user.email == "anna@example.com"
    assert user.check_password("a-long-password")
    assert User.objects.get_by_natural_key("ANNA@example.com") == user
    event = AuditEvent.objects.get(action="person.create")
    assert event.changes == {"role": "head", "team": None}


def test_passwords_are_kept_by_argon2(admin: User, at: datetime, settings: LazySettings) -> None:
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.Argon2PasswordHasher"]
    assert people.create_user(email="a@example.com", by=admin, at=at, **PERSON).password.startswith("argon2$argon2id")


@pytest.mark.parametrize(
    ("wrong", "code"),
    [
        ({"email": "ADMIN@example.com"}, "email_taken"),
        ({"email": "not an address"}, "invalid_email"),
        ({"name": " "}, "name_required"),
        ({"role": "king"}, "unknown_role"),
    ],
)
def test_create_user_refuses(wrong: dict[str, str], code: str, admin: User, at: datetime) -> None:
    with pytest.raises(people.InvalidPerson) as refusal:
        people.create_user(**{"email": "anna@example.com", **PERSON, **wrong}, by=admin, at=at)
    assert refusal.value.code == code
    assert not User.objects.filter(email="anna@example.com").exists()


def test_create_user_and_team_are_for_administrators(head: User, at: datetime) -> None:
    with pytest.raises(NotAllowed):
        people.create_user(email="anna@example.com", by=head, at=at, **PERSON)
    with pytest.raises(NotAllowed):
        people.create_team(name="South", by=head, at=at)


def test_create_team_refuses_a_name_twice(admin: User, at: datetime) -> None:
    assert people.create_team(name="  South   East ", by=admin, at=at).name == "South East"
    with pytest.raises(people.InvalidPerson):
        people.create_team(name="South East", by=admin, at=at)
    with pytest.raises(people.InvalidPerson):
        people.create_team(name=" ", by=admin, at=at)
    assert Team.objects.filter(name="South East").count() == 1


def test_change_profile_changes_only_what_is_given(manager: User, at: datetime) -> None:
    people.change_profile(user=manager, language="ru", by=manager, at=at)
    people.change_profile(user=manager, theme="dark", by=manager, at=at)
    manager.refresh_from_db()
    assert (manager.language, manager.theme, manager.role) == ("ru", "dark", Role.MANAGER)
    assert AuditEvent.objects.filter(action="person.change_profile").count() == 2


def test_change_profile_writes_nothing_when_nothing_changes(manager: User, at: datetime) -> None:
    people.change_profile(user=manager, name=manager.name, language="", theme="", by=manager, at=at)
    assert not AuditEvent.objects.exists()


@pytest.mark.parametrize("wrong", [{"language": "xx"}, {"theme": "pink"}, {"name": " "}])
def test_change_profile_refuses_what_does_not_exist(wrong: dict[str, str], manager: User, at: datetime) -> None:
    with pytest.raises(people.InvalidPerson):
        people.change_profile(user=manager, by=manager, at=at, **wrong)


def test_the_audit_of_a_person_quotes_no_personal_data(admin: User, at: datetime) -> None:
    user = people.create_user(email="anna@example.com", by=admin, at=at, **PERSON)
    people.change_profile(user=user, name="Maria", by=user, at=at)
    people.set_password(user=user, password="another-long-one", by=user, at=at)
    told = " ".join(str(event.changes) for event in AuditEvent.objects.all())
    assert not any(word in told for word in ("anna@", "Anna", "Maria", "another"))
