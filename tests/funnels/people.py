"""People who sign."""

from crm.models import User
from tests.factories.funnels import LONG_AGO


def make_person(role: str, *, name: str = "") -> User:
    """Make a person of a role."""
    name = name or role
    return User.objects.create(email=f"{name}@example.com", name=name.title(), role=role, created_at=LONG_AGO)
