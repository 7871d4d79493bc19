"""What most tests need: one person a role, a browser for each, a fixed now."""

from collections.abc import Callable
from datetime import UTC, datetime

import pytest
from django.conf import LazySettings
from django.test import Client

from crm.models import Team, User
from crm.rules.roles import Role
from tests.factories.crm import TeamFactory, UserFactory


@pytest.fixture(autouse=True)
def cheap_passwords(settings: LazySettings) -> None:
    """Argon2 is slow on purpose; the one test that is about it sets it back."""
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


@pytest.fixture
def at() -> datetime:
    return datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


@pytest.fixture
def team(db: None) -> Team:
    return TeamFactory(name="North")


@pytest.fixture
def users(team: Team) -> dict[Role, User]:
    """One person of every role; the head and the manager are of one team."""
    with_team = (Role.HEAD, Role.MANAGER)
    return {
        role: UserFactory(email=f"{role}@example.com", role=role, team=team if role in with_team else None)
        for role in Role
    }


@pytest.fixture
def admin(users: dict[Role, User]) -> User:
    return users[Role.ADMIN]


@pytest.fixture
def head(users: dict[Role, User]) -> User:
    return users[Role.HEAD]


@pytest.fixture
def manager(users: dict[Role, User]) -> User:
    return users[Role.MANAGER]


@pytest.fixture
def marketer(users: dict[Role, User]) -> User:
    return users[Role.MARKETER]


@pytest.fixture
def executive(users: dict[Role, User]) -> User:
    return users[Role.EXECUTIVE]


@pytest.fixture
def client_of() -> Callable[[User], Client]:
    """A browser in which a person has signed in."""

    def sign_in(user: User) -> Client:
        client = Client()
        client.force_login(user)
        return client

    return sign_in
