"""Every address × every role × a stranger. A route without a row here fails: whoever adds one decides who may.

Refused means 403 or 404, or for a stranger the way to the login page; let in means anything but those.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from http import HTTPStatus
from uuid import uuid4

import pytest
from django.http import HttpResponse
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse
from django.utils import timezone

from crm.models import User
from crm.operations import invitations, keys, webhooks
from crm.operations.people import create_team
from crm.rules.roles import Role
from funnels.models import Funnel
from funnels.operations.definitions import draft_definition
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
from tests.architecture.routes import EXECUTIVE, HEAD, MANAGER, MARKETER, ROUTES
from tests.factories.crm import TeamFactory, UserFactory
from tests.factories.funnels import Rules, make_rules
from tests.factories.public_forms import make_form, send


def _name(row: str) -> str:
    return row.partition(" ")[0]


def _names(resolver: URLResolver, namespace: str = "") -> Iterator[str]:
    for pattern in resolver.url_patterns:
        if isinstance(pattern, URLResolver):
            inner = f"{namespace}{pattern.namespace}:" if pattern.namespace else namespace
            yield from _names(pattern, inner)
        else:
            assert isinstance(pattern, URLPattern)
            assert pattern.name, f"{pattern.pattern} has no name"
            yield f"{namespace}{pattern.name}"


def test_every_route_has_a_row_and_every_row_a_route() -> None:
    assert sorted(set(_names(get_resolver()))) == sorted({_name(row) for row in ROUTES})


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


def _guest(admin: User, *, at: datetime) -> dict[str, str]:
    made = invitations.invite(email="guest@example.com", name="Guest", role="manager", team=None, by=admin, at=at)
    team = create_team(name="West", by=admin, at=at)
    return {"person": str(made.user.pk), "team": str(team.pk), "invitation": made.token}


@pytest.fixture
def world(users: Mapping[Role, User]) -> dict[str, str]:
    """Things that addresses name: a lead of the manager's, of a funnel with a definition."""
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
        **_forms(rules, contact, at=now),
        **_import(contact, by=users[HEAD], at=now),
        **_webhooks(at=now),
        **_hooks(contact, at=now),
    }


def _ask(client: Client, name: str, world: Mapping[str, str]) -> HttpResponse:
    route = ROUTES[name]
    url = reverse(_name(name), args=[world[arg] for arg in route.args])
    response: HttpResponse = getattr(client, route.method)(url)
    if response.streaming:
        response.close()  # nobody reads the file to its end
    return response


def _goes_to_login(response: HttpResponse) -> bool:
    return response.status_code == HTTPStatus.FOUND and response.headers["Location"].startswith("/login/?next=")


def _is_refused(response: HttpResponse) -> bool:
    refusals = (HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN, HTTPStatus.NOT_FOUND)
    return response.status_code in refusals or _goes_to_login(response)


@pytest.mark.parametrize("role", Role)
@pytest.mark.parametrize("name", ROUTES)
def test_a_role_is_let_in_or_refused(
    name: str, role: Role, users: Mapping[Role, User], world: Mapping[str, str], client_of: Callable[[User], Client]
) -> None:
    response = _ask(client_of(users[role]), name, world)
    assert response.status_code < HTTPStatus.INTERNAL_SERVER_ERROR
    assert _is_refused(response) is (role not in ROUTES[name].allowed)


@pytest.mark.parametrize("name", ROUTES)
def test_a_stranger_gets_nothing(name: str, world: Mapping[str, str], client: Client) -> None:
    response = _ask(client, name, world)
    assert response.status_code < HTTPStatus.INTERNAL_SERVER_ERROR
    assert _is_refused(response) is not ROUTES[name].public
    if not ROUTES[name].public:
        assert response.content == b"" or response.status_code != HTTPStatus.FOUND


def _shown_and_sent() -> list[str]:
    """Name the addresses whose only row is what they show: what they take is for the same people."""
    several = {_name(row) for row in ROUTES if row != _name(row)}
    return [name for name, route in ROUTES.items() if route.method == "get" and not (route.public or name in several)]


@pytest.mark.parametrize("name", _shown_and_sent())
def test_what_a_page_takes_is_refused_to_whom_it_is_not_shown(
    name: str, users: Mapping[Role, User], world: Mapping[str, str], client: Client, client_of: Callable[[User], Client]
) -> None:
    url = reverse(name, args=[world[arg] for arg in ROUTES[name].args])
    outsiders = [client, *(client_of(users[role]) for role in sorted(set(Role) - ROUTES[name].allowed))]
    for outsider in outsiders:
        response = outsider.post(url, {})
        assert _is_refused(response) or response.status_code == HTTPStatus.METHOD_NOT_ALLOWED


def _pages() -> list[str]:
    return [name for name, route in ROUTES.items() if route.method == "get"]


def _body(response: HttpResponse) -> str:
    return b"".join(response).decode(errors="replace")


@pytest.mark.parametrize("role", [MARKETER, EXECUTIVE])
@pytest.mark.parametrize("name", _pages())
def test_a_masked_role_never_receives_a_contact(
    name: str, role: Role, users: Mapping[Role, User], world: Mapping[str, str], client_of: Callable[[User], Client]
) -> None:
    body = _body(_ask(client_of(users[role]), name, world))
    assert [trace for trace in Contact().traces() if trace in body] == []


@pytest.mark.parametrize("role", [HEAD, MANAGER])
@pytest.mark.parametrize("name", _pages())
def test_another_team_never_receives_a_contact(
    name: str, role: Role, world: Mapping[str, str], client_of: Callable[[User], Client]
) -> None:
    stranger = UserFactory(role=role, team=TeamFactory(name="South"))
    body = _body(_ask(client_of(stranger), name, world))
    assert [trace for trace in Contact().traces() if trace in body] == []


@pytest.mark.parametrize(
    ("name", "role"),
    [
        (name, role)
        for name, route in ROUTES.items()
        if "lead" in route.args
        for role in sorted(route.allowed & {HEAD, MANAGER})
    ],
)
def test_a_lead_of_another_team_does_not_exist(
    name: str, role: Role, world: Mapping[str, str], client_of: Callable[[User], Client]
) -> None:
    client = client_of(UserFactory(role=role, team=TeamFactory(name="South")))
    assert _ask(client, name, world).status_code == HTTPStatus.NOT_FOUND


def _only_posted() -> list[str]:
    """Name the routes that take nothing but a POST."""
    shared = {_name(row) for row in ROUTES if row != _name(row)}
    return [row for row, route in ROUTES.items() if route.method == "post" and _name(row) not in shared]


@pytest.mark.parametrize("name", _only_posted())
def test_what_changes_something_is_never_a_get(
    name: str, admin: User, world: Mapping[str, str], client_of: Callable[[User], Client]
) -> None:
    url = reverse(name, args=[world[arg] for arg in ROUTES[name].args])
    assert client_of(admin).get(url).status_code in (HTTPStatus.METHOD_NOT_ALLOWED, HTTPStatus.NOT_FOUND)


@pytest.mark.parametrize("name", [name for name, route in ROUTES.items() if route.method != "get"])
def test_what_changes_something_needs_a_form_of_our_own(name: str, admin: User, world: Mapping[str, str]) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(admin)
    assert _ask(client, name, world).status_code == HTTPStatus.FORBIDDEN
