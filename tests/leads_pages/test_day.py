"""My day: what each role finds there, and the steps from the card."""

from collections.abc import Callable
from datetime import datetime, timedelta
from http import HTTPStatus
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from crm.models import User
from crm.queries.organisation import settings_at
from crm.rules.calendar import civil_day
from crm.rules.roles import Role
from leads.models import AssignmentRule, Lead, NextStep
from leads.operations import moves, next_steps
from leads.operations.assignment_rules import RuleContent, create_rule
from leads.rules.assignment import Method
from tests.leads_pages.conftest import NAME, PHONE, SECRETS, TakeIn

ClientOf = Callable[[User], Client]
BUDGET = 30


def day(client_of: ClientOf, person: User) -> Any:
    return client_of(person).get(reverse("day:page"))


@pytest.fixture
def step(lead: Lead, manager: User, now: datetime) -> NextStep:
    return next_steps.plan(
        lead=lead,
        what="Call after six",
        due_at=now - timedelta(minutes=30),
        for_person=None,
        by=manager,
        at=now - timedelta(hours=1),
    )


def test_a_manager_finds_what_waits_for_them(
    lead: Lead, step: NextStep, foreign: Lead, manager: User, client_of: ClientOf
) -> None:
    response = day(client_of, manager)
    shown = response.context["day"].seller
    assert (shown.untouched, shown.queue, shown.steps_count) == (1, 1, 1)
    body = response.content.decode()
    assert NAME in body
    assert "Call after six" in body
    assert foreign.code not in body


def test_what_is_said_to_wait_is_what_the_queue_holds(
    lead: Lead, take_in: TakeIn, manager: User, client_of: ClientOf, now: datetime
) -> None:
    moves.lose(lead=take_in(owner=manager, name="Second"), reasons=["price"], by=manager, at=now)
    response = day(client_of, manager)
    assert response.context["day"].seller.queue == 1
    assert f'href="{reverse("queue:next")}">Start tagging' in response.content.decode()
    assert client_of(manager).get(reverse("queue:next")).headers["Location"] == reverse("queue:lead", args=[lead.code])


def test_every_number_opens_to_exactly_its_leads(
    lead: Lead, foreign: Lead, take_in: TakeIn, manager: User, client_of: ClientOf
) -> None:
    other = take_in(owner=manager, name="Second")
    for what, count in (("untouched", 2), ("queue", 2), ("touched", 0), ("judged", 0), ("closed", 0)):
        response = client_of(manager).get(reverse("day:leads"), {"what": what})
        assert response.context["count"] == len(response.context["rows"]) == count
    assert other.code in client_of(manager).get(reverse("day:leads"), {"what": "queue"}).content.decode()
    assert client_of(manager).get(reverse("day:leads"), {"what": "secrets"}).status_code == HTTPStatus.BAD_REQUEST
    assert client_of(manager).get(reverse("day:leads")).status_code == HTTPStatus.BAD_REQUEST


def test_a_head_finds_the_teams(
    lead: Lead, foreign: Lead, take_in: TakeIn, head: User, client_of: ClientOf, now: datetime
) -> None:
    take_in(name="Nobodys")
    shown = day(client_of, head).context["day"].head
    came_today = lead.cohort_day == civil_day(now, settings_at(now).time_zone)  # not shortly after midnight
    assert (shown.unassigned, shown.intake) == (1, 2 if came_today else 0)
    assert foreign.code not in day(client_of, head).content.decode()


@pytest.mark.parametrize("role", [Role.MARKETER, Role.EXECUTIVE])
def test_masked_roles_find_shares_and_nobodys_name(
    role: Role, lead: Lead, users: dict[Role, User], client_of: ClientOf
) -> None:
    body = day(client_of, users[role]).content.decode()
    assert [secret for secret in SECRETS if secret in body] == []
    listed = client_of(users[role]).get(reverse("day:leads"), {"what": "intake"}).content.decode()
    assert [secret for secret in (*SECRETS, PHONE) if secret in listed] == []


def test_an_administrator_finds_what_is_broken(lead: Lead, admin: User, client_of: ClientOf) -> None:
    shown = day(client_of, admin).context["day"].administrator
    assert (shown.failed_submissions, shown.unconfirmed_sources, shown.has_rules) == (0, 1, False)


@pytest.mark.parametrize("role", Role)
def test_the_page_asks_no_more_for_more_leads(
    role: Role, take_in: TakeIn, manager: User, users: dict[Role, User], client_of: ClientOf
) -> None:
    client = client_of(users[role])
    take_in(owner=manager, name="One")
    client.get(reverse("day:page"))
    with CaptureQueriesContext(connection) as few:
        client.get(reverse("day:page"))
    for number in range(5):
        take_in(owner=manager, name=f"Lead {number}")
    with CaptureQueriesContext(connection) as many:
        client.get(reverse("day:page"))
    assert len(many) <= len(few)
    assert len(many) <= BUDGET


@pytest.mark.parametrize(
    ("role", "chosen", "there"),
    [
        (Role.MANAGER, "", "/day/"),
        (Role.HEAD, "", "/day/"),
        (Role.MARKETER, "", "/"),
        (Role.EXECUTIVE, "", "/"),
        (Role.ADMIN, "", "/"),
        (Role.MANAGER, "leads", "/leads/"),
        (Role.EXECUTIVE, "day", "/day/"),
    ],
)
def test_signing_in_leads_to_the_own_start_page(
    role: Role, chosen: str, there: str, users: dict[Role, User], client_of: ClientOf
) -> None:
    client = client_of(users[role])
    if chosen:
        person = users[role]
        told = {"name": person.name, "language": "", "theme": "", "start_page": chosen}
        assert client.post(reverse("crm:profile"), told).status_code == HTTPStatus.FOUND
    assert client.get(reverse("crm:login")).headers["Location"] == there


def test_a_step_is_planned_once_and_done_from_the_day(lead: Lead, manager: User, client_of: ClientOf) -> None:
    client = client_of(manager)
    told = {"what": "Send the offer", "preset": "tomorrow", "request_id": str(uuid4())}
    for _ in range(2):
        response = client.post(reverse("leads:step", args=[lead.code]), told)
        assert response.headers["Location"] == reverse("leads:card", args=[lead.code])
    step = NextStep.objects.get()
    assert "Send the offer" in client.get(reverse("leads:card", args=[lead.code])).content.decode()
    url = reverse("leads:step_finish", args=[lead.code, step.pk])
    for _ in range(2):
        assert client.post(url, {"from": "day"}).headers["Location"] == reverse("day:page")
    step.refresh_from_db()
    assert step.done_by == manager


def test_a_refused_step_keeps_what_was_typed(lead: Lead, manager: User, client_of: ClientOf) -> None:
    told = {"what": "Send the offer", "due_at": "2020-01-01T10:00", "request_id": str(uuid4())}
    body = client_of(manager).post(reverse("leads:step", args=[lead.code]), told).content.decode()
    assert "Send the offer" in body
    assert "Choose a time to come." in body
    told |= {"due_at": "soon"}
    assert "Send the offer" in client_of(manager).post(reverse("leads:step", args=[lead.code]), told).content.decode()
    assert not NextStep.objects.exists()


def test_a_step_is_put_off_and_dropped(step: NextStep, lead: Lead, manager: User, client_of: ClientOf) -> None:
    client = client_of(manager)
    url = reverse("leads:step_reschedule", args=[lead.code, step.pk])
    client.post(url, {"preset": "next_week", "request_id": str(uuid4())})
    after = NextStep.objects.get(replaces=step)
    client.post(reverse("leads:step_drop", args=[lead.code, after.pk]))
    after.refresh_from_db()
    assert after.dropped_by == manager


def test_a_step_of_another_lead_is_not_there(
    step: NextStep, take_in: TakeIn, foreign: Lead, manager: User, client_of: ClientOf
) -> None:
    other = take_in(owner=manager, name="Other")
    for lead in (other, foreign):
        url = reverse("leads:step_finish", args=[lead.code, step.pk])
        assert client_of(manager).post(url).status_code == HTTPStatus.NOT_FOUND


def test_an_administrator_makes_rules_and_the_head_reads_them(
    lead: Lead, admin: User, head: User, manager: User, client_of: ClientOf
) -> None:
    client = client_of(admin)
    made = client.post(reverse("assignment:create"), {"method": "round_robin", "people": [manager.pk]})
    assert made.status_code == HTTPStatus.FOUND
    rule = AssignmentRule.objects.get()
    other = create_rule(content=RuleContent(method=Method.NOBODY), by=None, at=rule.created_at)
    client.post(reverse("assignment:move", args=[other.pk]), {"direction": "up"})
    assert list(AssignmentRule.objects.values_list("pk", flat=True)) == [other.pk, rule.pk]
    body = client_of(head).get(reverse("assignment:rules")).content.decode()
    assert manager.name in body
    assert reverse("assignment:create") not in body
    client.post(reverse("assignment:archive", args=[other.pk]))
    client.post(reverse("assignment:restore", args=[other.pk]))
    other.refresh_from_db()
    assert other.archived_at is None


def test_a_rule_for_nobody_in_particular_is_refused_at_its_field(admin: User, client_of: ClientOf) -> None:
    body = client_of(admin).post(reverse("assignment:create"), {"method": "round_robin"}).content.decode()
    assert "Say among whom" in body
    assert not AssignmentRule.objects.exists()


def test_a_head_says_who_is_away(head: User, manager: User, foreign_manager: User, client_of: ClientOf) -> None:
    client = client_of(head)
    told = {"person": manager.pk, "from_on": "2099-01-01", "until_on": "2099-01-05"}
    assert client.post(reverse("assignment:away"), told).status_code == HTTPStatus.FOUND
    absence = manager.absences.get()
    assert client.post(reverse("assignment:away"), told | {"person": foreign_manager.pk}).status_code == HTTPStatus.OK
    assert client.post(reverse("assignment:away"), told | {"until_on": "2098-01-05"}).status_code == HTTPStatus.OK
    client.post(reverse("assignment:back", args=[absence.pk]))
    absence.refresh_from_db()
    assert absence.archived_at is not None
