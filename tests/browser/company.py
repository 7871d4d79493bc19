"""A seeded company: its people's sessions, and the pages each may open."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.test import Client
from django.urls import reverse

from crm.models import User
from crm.rules.roles import Role
from leads.models import Lead

BOARD, BEHIND, MEANING = "board", "leads behind a number", "definitions"
LIST, NEW, CARD, PROFILE, SETTINGS = "list of leads", "new lead", "card of a lead", "profile", "settings"

EVERYBODYS: Sequence[str] = (BOARD, BEHIND, MEANING, LIST, CARD, PROFILE)
PAGES: Mapping[Role, Sequence[str]] = {
    Role.ADMIN: (*EVERYBODYS, NEW, SETTINGS),
    Role.HEAD: (*EVERYBODYS, NEW),
    Role.MANAGER: (*EVERYBODYS, NEW),
    Role.MARKETER: EVERYBODYS,
    Role.EXECUTIVE: EVERYBODYS,
}

ADDRESSES = {
    BOARD: "insights:board",
    BEHIND: "insights:leads",
    MEANING: "insights:definitions",
    LIST: "leads:list",
    NEW: "leads:create",
    PROFILE: "crm:profile",
    SETTINGS: "crm:settings",
}


@dataclass(frozen=True, slots=True)
class Look:
    """How a reader sees pages: in which language, in which light, on what screen."""

    language: str = "en"
    theme: str = "light"
    width: int = 1440

    @property
    def is_phone(self) -> bool:
        return self.width < 640

    def __str__(self) -> str:
        return f"{self.language}-{self.theme}-{self.width}"


LOOKS = [
    Look(language, theme, width) for language in ("en", "ru") for theme in ("light", "dark") for width in (1440, 390)
]


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody of the company: how to sign in, an open session, the path of every page they may open."""

    email: str
    session: str
    paths: Mapping[str, str]


def people() -> dict[Role, Person]:
    """Sign in the first person of every role."""
    return {role: _person(User.objects.filter(role=role).order_by("id")[0]) for role in Role}


def _person(user: User) -> Person:
    client = Client()
    client.force_login(user)
    paths = {page: reverse(ADDRESSES[page]) for page in PAGES[Role(user.role)] if page != CARD}
    lead = Lead.objects.visible_to(user).order_by("-received_at", "-id")[0]
    paths[CARD] = reverse("leads:card", args=[lead.code])
    return Person(user.email, client.cookies["sessionid"].value, paths)
