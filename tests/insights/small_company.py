"""A small company: leads of three weeks with everything that may become of one, and people who must not be shown."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta

from crm.models import Team, User
from crm.rules.roles import Role
from leads.models import Lead
from leads.operations import moves
from tests.factories.crm import TeamFactory, UserFactory
from tests.factories.funnels import Rules, make_rules
from tests.factories.leads import MONDAY, judge, make_lead, receive

NOW = MONDAY + timedelta(days=22)
ASKED = {"from": "2026-03-02", "to": "2026-03-22"}
EVIL_SOURCE = "=cmd|' /C calc'!A0"
SOURCES = ("google", "google", "vk", "", EVIL_SOURCE)
ANSWERS = (
    {"met": ("contact_valid", "need", "budget")},
    {"failed": ("need",)},
    {"failed": ("need", "budget"), "met": ("contact_valid",)},
    {},
    {"met": ("contact_valid",), "failed": ("budget",)},
)


@dataclass(frozen=True, slots=True)
class Company:
    """Its rules, one person of every role, a manager of another team, and its leads in the order they came."""

    rules: Rules
    people: Mapping[Role, User]
    other: User
    leads: list[Lead] = field(default_factory=list)

    @property
    def secrets(self) -> set[str]:
        """Tell what names, phones and e-mails all leads have."""
        return self.secrets_of(self.leads)

    def secrets_of(self, leads: Iterable[Lead]) -> set[str]:
        """Tell what must not be shown of these leads."""
        contacts = [lead.contact for lead in leads]
        points = {point.value for contact in contacts for point in contact.points.all()}
        names = {name for contact in contacts for name in (contact.name, contact.company) if name}
        return points | names


def make_company(leads: int = 15) -> Company:
    """Make a company and let leads come every thirty hours."""
    north = TeamFactory(name="North")
    people = {role: _person(role, north) for role in Role}
    company = Company(make_rules(), people, UserFactory(name="Other Manager", team=TeamFactory(name="South")))
    for number in range(leads):
        company.leads.append(_lead(company, number))
    _outcomes(company)
    return company


def _person(role: Role, team: Team) -> User:
    return UserFactory(name=f"The {role.value}", role=role, team=team if role in (Role.HEAD, Role.MANAGER) else None)


def _told(number: int) -> dict[str, str]:
    return {
        "name": f"Somebody Secret{1000 + number}",
        "company": f"Hidden{1000 + number} Ltd",
        "phone": f"+7917220{1400 + number}",
        "email": f"secret{1000 + number}@example.com",
    }


def _lead(company: Company, number: int) -> Lead:
    owners = (company.people[Role.MANAGER], company.other, None)
    owner = owners[number % len(owners)]
    came_at = MONDAY + timedelta(hours=30 * number)
    lead = make_lead(
        company.rules,
        at=came_at,
        source=SOURCES[number % len(SOURCES)],
        campaign="spring" if number % 2 else "",
        segment=("b2b", "b2c", "")[number % 3],
        owner=owner.email if owner else "",
        **_told(number),
    )
    answers = ANSWERS[number % len(ANSWERS)]
    if answers:
        judge(lead, at=came_at + timedelta(days=number % 10), **answers)
    return lead


def _outcomes(company: Company) -> None:
    """Lose one, win one, let one bounce; then a test and a repeat of the first, which nobody counts."""
    came_at = company.leads[-1].received_at
    by = company.people[Role.HEAD]
    target, bad, bouncing = company.leads[0], company.leads[1], company.leads[2]
    moves.win(lead=target, by=by, at=came_at)
    moves.lose(lead=bad, reasons=["price"], by=by, at=came_at)
    moves.lose(lead=bouncing, reasons=["competitor"], by=by, at=came_at)
    moves.reopen(lead=bouncing, by=by, at=came_at + timedelta(hours=1))
    company.leads.append(
        make_lead(company.rules, at=came_at, is_test=True, name="Testing Secret", phone="+79172209999")
    )
    repeat = receive(company.rules, at=MONDAY + timedelta(hours=2), source="vk", **_told(0))
    company.leads.append(repeat.lead)
