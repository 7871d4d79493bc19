"""Every address × every role × a stranger. A route without a row here fails: whoever adds one decides who may.

To add a route, add a row to ROUTES: who is let in, by which method it is tried, what stands in its address.
Refused means 403 or 404, or for a stranger the way to the login page; let in means anything but those.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from http import HTTPStatus

import pytest
from django.http import HttpResponse
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse

from crm.models import User
from crm.rules.roles import Role

ADMIN, HEAD, MANAGER, MARKETER, EXECUTIVE = Role
EVERYBODY = frozenset(Role)


@dataclass(frozen=True)
class Route:
    """Who may come to an address; `args` are names of things in the `world` fixture."""

    allowed: frozenset[Role]
    method: str = "get"
    args: tuple[str, ...] = ()
    public: bool = False


def public(method: str = "get", *args: str) -> Route:
    return Route(EVERYBODY, method, args, public=True)


def roles(*allowed: Role, method: str = "get", args: tuple[str, ...] = ()) -> Route:
    return Route(frozenset(allowed), method, args)


def everybody(method: str = "get", *args: str) -> Route:
    return Route(EVERYBODY, method, args)


ROUTES: Mapping[str, Route] = {
    "livez": public(),
    "readyz": public(),
    "crm:login": public(),
    "crm:logout": public("post"),
    "crm:password_reset": public(),
    "crm:password_reset_done": public(),
    "crm:password_reset_confirm": public("get", "uid", "token"),
    "crm:password_reset_complete": public(),
    "crm:language": public("post"),
    "crm:theme": public("post"),
    "crm:password_change": everybody(),
    "crm:profile": everybody(),
    "crm:settings": roles(ADMIN),
    "api:metric": everybody("get", "metric"),
}


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
    assert sorted(set(_names(get_resolver()))) == sorted(ROUTES)


@pytest.fixture
def world(users: Mapping[Role, User]) -> dict[str, str]:
    """Things that addresses name."""
    return {"uid": "MQ", "token": "set-password", "metric": "quality"}


def _ask(client: Client, name: str, world: Mapping[str, str]) -> HttpResponse:
    route = ROUTES[name]
    url = reverse(name, args=[world[arg] for arg in route.args])
    return getattr(client, route.method)(url)


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


@pytest.mark.parametrize("name", [name for name, route in ROUTES.items() if route.method == "post"])
def test_what_changes_something_is_never_a_get(
    name: str, admin: User, world: Mapping[str, str], client_of: Callable[[User], Client]
) -> None:
    url = reverse(name, args=[world[arg] for arg in ROUTES[name].args])
    assert client_of(admin).get(url).status_code in (HTTPStatus.METHOD_NOT_ALLOWED, HTTPStatus.NOT_FOUND)


@pytest.mark.parametrize("name", [name for name, route in ROUTES.items() if route.method == "post"])
def test_what_changes_something_needs_a_form_of_our_own(name: str, admin: User, world: Mapping[str, str]) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(admin)
    assert _ask(client, name, world).status_code == HTTPStatus.FORBIDDEN
