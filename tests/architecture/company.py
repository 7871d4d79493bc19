"""A company in which everything that has an address is there once."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import uuid4

from django.utils import timezone

from crm.models import User
from crm.operations import invitations, keys, webhooks
from crm.operations.people import create_team
from crm.rules.roles import Role
from funnels.models import Funnel
from funnels.operations.definitions import draft_definition
from insights.models import Counting
from insights.operations import board_links, countings, letters, saved_boards
from insights.rules.letters import stop_token
from insights.rules.slice import Slice
from leads.intake.hook import Hook
from leads.intake.row import IntakeRow
from leads.models import Lead
from leads.operations import bulk, hooks, saved_filters
from leads.operations.arrivals import receive
from leads.operations.assignment_rules import RuleContent, add_absence, create_rule
from leads.operations.imports import drafts
from leads.operations.next_steps import plan
from leads.operations.owners import assign
from leads.rules.assignment import Method
from leads.rules.facts import Channel
from leads.rules.public_forms import Suspicion
from tests.architecture.routes import HEAD, MANAGER
from tests.factories.crm import TeamFactory, UserFactory
from tests.factories.funnels import Rules, make_rules
from tests.factories.public_forms import make_form, send


@dataclass(frozen=True)
class Contact:
    """Whom the lead of this world is from; no masked page may hold any of it."""

    name: str = "Serafima Quillfeather"
    phone: str = "+79161234567"
    email: str = "serafima@quillfeather.example"

    def traces(self) -> tuple[str, ...]:
        return ("Serafima", "Quillfeather", "quillfeather.example", "9161234567", "916 123", "123-45-67", "123 45 67")


def _forms(rules: Rules, contact: Contact, *, at: datetime) -> dict[str, str]:
    form = make_form(rules.funnel, at=at)
    suspected = send(form, at=at, suspicion=Suspicion.TRAP, name=contact.name, phone=contact.phone)
    return {"form": str(form.pk), "form_key": form.key, "suspected": str(suspected.public_id)}


def _counting(rules: Rules, *, at: datetime) -> Counting:
    slice = Slice(funnel=rules.funnel.code, as_of=at - timedelta(days=1))
    return countings.begin(slice=slice, by=None, at=at)


def _hooks(contact: Contact, *, at: datetime) -> dict[str, str]:
    issued = keys.issue(name="Telephony", scopes=["leads:write"], by=None, at=at)
    hook = Hook(method="GET", query={"name": contact.name, "phone": contact.phone, "email": contact.email})
    taken = hooks.take(key=issued.key, profile="calltouch", hook=hook, at=at)
    return {"token_pushed": issued.token, "sender": "calltouch", "pushed": str(taken.submission.public_id)}


def _import(contact: Contact, *, by: User, at: datetime) -> dict[str, str]:
    content = f"name,phone,email\n{contact.name},{contact.phone},{contact.email}\n".encode()
    told = {"file_name": "leads.csv", "source": "", "arrived_at": None, "language": "en"}
    funnel = Funnel.objects.get()
    draft = drafts.upload(content=content, request_id=uuid4(), funnel=funnel, by=by, at=at, **told)
    return {"import": str(draft.public_id)}


def _webhooks(*, at: datetime) -> dict[str, str]:
    endpoint = webhooks.subscribe(url="https://example.com/hooks", by=None, at=at)
    delivery = endpoint.deliveries.create(message_id="evt_1", due_at=at + timedelta(days=1), created_at=at)
    return {"webhook": endpoint.code, "delivery": delivery.code}


def _rules(rules: Rules, *, at: datetime) -> dict[str, str]:
    versions = list(rules.versions.values())[:1]
    draft = draft_definition(funnel=rules.funnel, versions=versions, note="Why", effective_from_at=at, by=None, at=at)
    return {
        "funnel": rules.funnel.code,
        "preset": "online-school",
        "criterion": str(versions[0].criterion_id),
        "stage": str(rules.stages["offer"].pk),
        "reason": str(rules.reasons["price"].pk),
        "draft": str(draft.pk),
    }


def _of_the_manager(lead: Lead, manager: User, *, at: datetime) -> dict[str, str]:
    """What only the person who made it may open."""
    saved = saved_filters.keep(name="Mine", query="verdict=target", is_shared=False, by=manager, at=at)
    number = uuid4()
    handed = bulk.Bulk(act=bulk.BulkAct.ASSIGN, owner=manager)
    bulk.run(codes=[lead.code], bulk=handed, by=manager, at=at, request_id=number)
    return {"saved_filter": str(saved.pk), "bulk_run": str(number), "kind": "csv"}


def _boards(users: Mapping[Role, User], *, at: datetime) -> dict[str, str]:
    """What the manager keeps and is sent, and what the executive shows outside."""
    told = {"query": "age=7&period=12w&funnel=sales", "at": at}
    private = saved_boards.keep(name="Mine", is_shared=False, by=users[MANAGER], **told)
    sent = {"weekday": 1, "hour": 9, "origin": "http://testserver", "language": "en"}
    letter = letters.subscribe(board=private, by=users[MANAGER], at=at, **sent)
    shown = saved_boards.keep(name="Everybody’s", is_shared=True, by=users[Role.EXECUTIVE], **told)
    made = board_links.make_link(board=shown, days=7, note="", by=users[Role.EXECUTIVE], at=at)
    return {
        "private_board": str(private.pk),
        "stop_token": stop_token(subscription=letter.pk),
        "board_link": str(made.link.pk),
        "shared_token": made.token,
    }


def _guest(admin: User, *, at: datetime) -> dict[str, str]:
    made = invitations.invite(email="guest@example.com", name="Guest", role="manager", team=None, by=admin, at=at)
    team = create_team(name="West", by=admin, at=at)
    return {"person": str(made.user.pk), "team": str(team.pk), "invitation": made.token}


@dataclass(frozen=True)
class Company:
    """Who works there, and the things that addresses name."""

    users: Mapping[Role, User]
    world: Mapping[str, str]


def make_company() -> Company:
    """One person a role, the head and the manager of one team."""
    team = TeamFactory(name="North")
    of_the_team = (HEAD, MANAGER)
    users = {role: UserFactory(role=role, team=team if role in of_the_team else None) for role in Role}
    return Company(users, _world(users))


def _world(users: Mapping[Role, User]) -> dict[str, str]:
    """Make a lead of the manager's, of a funnel with a definition, and whatever else has an address."""
    rules = make_rules()
    contact = Contact()
    now = timezone.now()
    row = IntakeRow(
        source="google",
        external_id="order-1",
        name=contact.name,
        phone=contact.phone,
        email=contact.email,
        message=f"Call {contact.name} at {contact.phone}",
        attributes={"mail": contact.email},
        received_at=now,
        campaign="spring",
        segment="b2b",
    )
    lead = receive(row=row, funnel=rules.funnel, by=None, at=now, channel=Channel.PAGE).lead
    assign(lead=lead, owner=users[MANAGER], by=None, at=now)
    step = plan(
        lead=lead,
        what=f"Call {contact.name}",
        due_at=now + timedelta(hours=1),
        for_person=None,
        by=users[MANAGER],
        at=now,
    )
    handed = create_rule(content=RuleContent(method=Method.NOBODY), by=None, at=now)
    away = add_absence(person=users[MANAGER], from_on=now.date(), until_on=now.date(), by=users[Role.ADMIN], at=now)
    key = keys.issue(name="Site", scopes=["leads:write"], by=None, at=now).key
    return {
        "uid": "MQ",
        **_guest(users[Role.ADMIN], at=now),
        "token": "set-password",
        "metric": "quality",
        "panel": "sources",
        "counting": str(_counting(rules, at=now).public_id),
        "lead": lead.code,
        "step": str(step.pk),
        "rule": str(handed.pk),
        "absence": str(away.pk),
        "source": "google",
        "external_id": "order-1",
        "key": str(key.pk),
        "source_pk": str(lead.source_id),
        "campaign_pk": str(lead.campaign_id),
        "segment_pk": str(lead.segment_id),
        "run_step": "people",
        **_rules(rules, at=now),
        **_of_the_manager(lead, users[MANAGER], at=now),
        **_boards(users, at=now),
        **_forms(rules, contact, at=now),
        **_import(contact, by=users[HEAD], at=now),
        **_webhooks(at=now),
        **_hooks(contact, at=now),
    }
