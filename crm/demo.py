"""The people and the settings of the demonstration."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from crm.models import OrganisationSettings, User
from crm.operations import people, settings
from crm.rules.roles import Role

PASSWORD = "razbor-demo"  # noqa: S105  printed for everybody who tries the demonstration

_TEAMS = ({"ru": "Новые клиенты", "en": "New customers"}, {"ru": "Корпоративные", "en": "Companies"})
_ORGANISATION = {"ru": "Школа «Вектор»", "en": "Vector School"}
_PEOPLE: Sequence[tuple[str, Role, int | None, dict[str, str]]] = (
    ("admin", Role.ADMIN, None, {"ru": "Олег Админов", "en": "Oscar Admin"}),
    ("head", Role.HEAD, 0, {"ru": "Вера Главина", "en": "Vera Head"}),
    ("marketer", Role.MARKETER, None, {"ru": "Анна Иванова", "en": "Anna Market"}),
    ("executive", Role.EXECUTIVE, None, {"ru": "Борис Хозяинов", "en": "Boris Owner"}),
    ("manager1", Role.MANAGER, 0, {"ru": "Павел Орлов", "en": "Paul Eagle"}),
    ("manager2", Role.MANAGER, 0, {"ru": "Лена Сорокина", "en": "Lena Magpie"}),
    ("manager3", Role.MANAGER, 0, {"ru": "Иван Чижов", "en": "Ivan Finch"}),
    ("manager4", Role.MANAGER, 1, {"ru": "Нина Галкина", "en": "Nina Daw"}),
    ("manager5", Role.MANAGER, 1, {"ru": "Глеб Дроздов", "en": "Gleb Thrush"}),
    ("manager6", Role.MANAGER, 1, {"ru": "Юля Синицына", "en": "Julia Tit"}),
    ("head2", Role.HEAD, 1, {"ru": "Роман Старшов", "en": "Roman Senior"}),
)


@dataclass(frozen=True, slots=True)
class Company:
    """Who works in the demonstration, and by which settings."""

    settings: OrganisationSettings
    people: Sequence[User]

    @property
    def managers(self) -> list[User]:
        """The people leads are given to."""
        return [person for person in self.people if person.role == Role.MANAGER]

    def first(self, role: Role) -> User:
        """Find the first person in a role."""
        return next(person for person in self.people if person.role == role)


@transaction.atomic
def seed_company(*, language: str, at: datetime) -> Company:
    """Create two teams, a person for each role with six managers, and the organisation's settings from `at`."""
    version = settings.change(by=None, at=at, organisation_name=_ORGANISATION[language])
    teams = [people.create_team(name=names[language], by=None, at=at) for names in _TEAMS]
    created = [
        people.create_user(
            email=f"{login}@example.com",
            name=names[language],
            role=role,
            team=None if team is None else teams[team],
            password=PASSWORD,
            by=None,
            at=at,
        )
        for login, role, team, names in _PEOPLE
    ]
    return Company(settings=version, people=created)
