"""A funnel, people in two teams and leads taken in as any door takes them in."""

from collections.abc import Callable
from datetime import datetime, timedelta
from http import HTTPStatus
from typing import Any, Protocol

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from crm.models import User
from crm.rules.roles import Role
from funnels.rules.criteria import EvidenceRule, Result
from leads.intake.row import IntakeRow
from leads.models import Lead
from leads.operations import arrivals, assessments
from leads.rules.answers import Answer
from leads.rules.facts import AssessmentKind, Channel
from tests.factories.crm import TeamFactory, UserFactory
from tests.factories.funnels import Rules, make_rules

NAME, COMPANY, PHONE, EMAIL = "Гульнара Ёлкина", "ООО «Вектор»", "+79172201408", "elkina@example.com"
MESSAGE, NOTE, EXTERNAL_ID = "Хочу курс аналитика", "Просила звонить после шести", "site-4711"
SECRETS = (NAME, "Ёлкина", COMPANY, PHONE, "220-14-08", "2201408", EMAIL, MESSAGE, NOTE, EXTERNAL_ID, "secret-utm")


class TakeIn(Protocol):
    def __call__(self, *, owner: User | None = None, ago: timedelta = ..., **fields: Any) -> Lead: ...


@pytest.fixture
def rules(db: None) -> Rules:
    return make_rules(contents={"contact_valid": {"evidence": EvidenceRule.UNREACHABLE}})


@pytest.fixture
def now() -> datetime:
    return timezone.now()


@pytest.fixture
def take_in(rules: Rules, now: datetime) -> TakeIn:
    def take(*, owner: User | None = None, ago: timedelta = timedelta(hours=2), **fields: Any) -> Lead:
        row = IntakeRow(**{"source": "google"} | fields, owner=owner.email if owner else "", received_at=now - ago)
        at = now - ago
        return arrivals.receive(row=row, funnel=rules.funnel, by=None, at=at, channel=Channel.API).lead

    return take


@pytest.fixture
def lead(take_in: TakeIn, manager: User) -> Lead:
    """A manager's lead with everything a person may be known by."""
    return take_in(
        owner=manager,
        name=NAME,
        company=COMPANY,
        phone=PHONE,
        email=EMAIL,
        message=MESSAGE,
        external_id=EXTERNAL_ID,
        utm={"utm_term": "secret-utm"},
        segment="b2c",
        campaign="autumn",
    )


@pytest.fixture
def foreign_manager(db: None) -> User:
    """Somebody of another team."""
    return UserFactory(role=Role.MANAGER, team=TeamFactory(name="South"))


@pytest.fixture
def foreign(take_in: TakeIn, foreign_manager: User) -> Lead:
    """A lead of another team."""
    return take_in(owner=foreign_manager, name="Чужой Клиент", phone="+79031112233")


@pytest.fixture
def post(client_of: Callable[[User], Client]) -> Callable[..., Any]:
    """Send a form from the card of a lead: `post(person, "lose", lead, reasons=[…])`."""

    def send(person: User, act: str, lead: Lead, /, **data: Any) -> Any:
        return client_of(person).post(reverse(f"leads:{act}", args=[lead.code]), data)

    return send


@pytest.fixture
def judged(lead: Lead, manager: User, now: datetime) -> Lead:
    """The manager's lead, called non-target for its budget."""
    assessments.judge(
        lead=lead,
        answers={"budget": Answer(Result.FAILED), "need": Answer(Result.MET)},
        kind=AssessmentKind.ASSESS,
        by=manager,
        at=now - timedelta(hours=1),
        note=NOTE,
    )
    lead.refresh_from_db()
    return lead


def refused(response: Any) -> str:
    """Return the page of a refusal."""
    assert response.status_code == HTTPStatus.OK
    assert response.context["refusals"]
    return str(response.content.decode())
