"""People, teams and settings for tests."""

from datetime import UTC, datetime

import factory

from crm.models import OrganisationSettings, Team, User
from crm.queries.organisation import WORKING_WEEK
from crm.rules.roles import Role

PASSWORD = "correct-horse-battery"
LONG_AGO = datetime(2025, 1, 1, tzinfo=UTC)


class TeamFactory(factory.django.DjangoModelFactory[Team]):
    class Meta:
        model = Team
        django_get_or_create = ("name",)

    name = factory.Sequence(lambda number: f"Team {number}")


class UserFactory(factory.django.DjangoModelFactory[User]):
    class Meta:
        model = User
        skip_postgeneration_save = True

    email = factory.Sequence(lambda number: f"person{number}@example.com")
    name = factory.Sequence(lambda number: f"Person {number}")
    role = Role.MANAGER.value
    created_at = LONG_AGO
    password = factory.django.Password(PASSWORD)


class OrganisationSettingsFactory(factory.django.DjangoModelFactory[OrganisationSettings]):
    class Meta:
        model = OrganisationSettings

    valid_from_at = LONG_AGO
    created_at = LONG_AGO
    time_zone = "Europe/Moscow"
    business_hours = factory.LazyFunction(lambda: dict(WORKING_WEEK))
