"""A seeded company: its people's sessions, and the pages each may open."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.test import Client
from django.urls import reverse

from crm.models import User
from crm.rules.roles import Role
from funnels.queries import funnels_in_use
from leads.models import Lead

BOARD, BEHIND, MEANING, QUEUE = "board", "leads behind a number", "definitions", "queue"
RULES, AGREED, DRAFT, REASONS = "rules", "what was agreed when", "new draft", "reasons of loss"
LIST, NEW, CARD, PROFILE, SETTINGS = "list of leads", "new lead", "card of a lead", "profile", "settings"
TWO_STEPS = "two-step sign-in"
SAVED, OUTSIDE = "saved boards", "links for people outside"
KANBAN, IMPORTS, UPLOAD = "open leads by stage", "imports", "new import"
DAY, ASSIGNMENT = "my day", "assignment"
PEOPLE, INVITE, ROLES, AUDIT = "people", "invite somebody", "roles", "audit log"
SOURCES, CAMPAIGNS, SEGMENTS = "sources", "campaigns", "segments"

EVERYBODYS: Sequence[str] = (BOARD, BEHIND, MEANING, LIST, CARD, PROFILE, TWO_STEPS, RULES, AGREED, DAY, SAVED)
SHARERS: Sequence[str] = (*EVERYBODYS, OUTSIDE)
PAGES: Mapping[Role, Sequence[str]] = {
    Role.ADMIN: (
        *SHARERS,
        NEW,
        QUEUE,
        KANBAN,
        IMPORTS,
        UPLOAD,
        DRAFT,
        REASONS,
        SETTINGS,
        ASSIGNMENT,
        PEOPLE,
        INVITE,
        ROLES,
        AUDIT,
        SOURCES,
        CAMPAIGNS,
        SEGMENTS,
    ),
    Role.HEAD: (*SHARERS, NEW, QUEUE, KANBAN, IMPORTS, UPLOAD, DRAFT, REASONS, ASSIGNMENT),
    Role.MANAGER: (*EVERYBODYS, NEW, QUEUE, KANBAN),
    Role.MARKETER: (*SHARERS, DRAFT, REASONS),
    Role.EXECUTIVE: SHARERS,
}

ADDRESSES = {
    BOARD: "insights:board",
    BEHIND: "insights:leads",
    MEANING: "insights:definitions",
    SAVED: "insights:boards",
    OUTSIDE: "insights:links",
    LIST: "leads:list",
    NEW: "leads:create",
    KANBAN: "kanban:show",
    IMPORTS: "imports:list",
    UPLOAD: "imports:upload",
    RULES: "rules:overview",
    AGREED: "rules:history",
    DRAFT: "rules:draft_create",
    REASONS: "rules:reasons",
    QUEUE: "queue:next",
    PROFILE: "crm:profile",
    TWO_STEPS: "crm:two_steps",
    SETTINGS: "crm:settings",
    SOURCES: "dictionaries:sources",
    CAMPAIGNS: "dictionaries:campaigns",
    SEGMENTS: "dictionaries:segments",
    DAY: "day:page",
    ASSIGNMENT: "assignment:rules",
    PEOPLE: "crm:people",
    INVITE: "crm:people_invite",
    ROLES: "crm:roles",
    AUDIT: "crm:audit_log",
}


OF_A_FUNNEL = (AGREED, DRAFT, REASONS)


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
    funnel = funnels_in_use()[0].code
    paths = {
        page: reverse(ADDRESSES[page], args=[funnel] if page in OF_A_FUNNEL else [])
        for page in PAGES[Role(user.role)]
        if page != CARD
    }
    lead = Lead.objects.visible_to(user).order_by("-received_at", "-id")[0]
    paths[CARD] = reverse("leads:card", args=[lead.code])
    return Person(user.email, client.cookies["sessionid"].value, paths)
