"""Every address × every role × a stranger. A route without a row here fails: whoever adds one decides who may.

Refused means 403 or 404, or for a stranger the way to the login page; let in means anything but those.
"""

from collections.abc import Callable, Iterator, Mapping
from http import HTTPStatus

import pytest
from django.db import transaction
from django.http import HttpResponse
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse
from pytest_django import DjangoDbBlocker

from crm.models import User
from crm.rules.roles import Role
from tests.architecture.company import Company, Contact, make_company
from tests.architecture.routes import EXECUTIVE, HEAD, MANAGER, MARKETER, ROUTES
from tests.factories.crm import TeamFactory, UserFactory


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


@pytest.fixture(scope="module")
def company(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[Company]:
    """Made once for two thousand questions: each is asked within a savepoint, and what it did is taken back."""
    with django_db_blocker.unblock(), transaction.atomic():
        yield make_company()
        transaction.set_rollback(True)


@pytest.fixture
def users(company: Company, db: None) -> Mapping[Role, User]:
    return company.users


@pytest.fixture
def world(company: Company, db: None) -> Mapping[str, str]:
    return company.world


def _ask(client: Client, name: str, world: Mapping[str, str]) -> HttpResponse:
    route = ROUTES[name]
    url = reverse(_name(name), args=[world[arg] for arg in route.args])
    response: HttpResponse = getattr(client, route.method)(url)
    if response.streaming:
        response.streaming_content = [b"".join(response)]  # left half read it would close the connection of all tests
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
