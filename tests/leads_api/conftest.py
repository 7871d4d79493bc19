"""Programs with keys, and a client that says what they say."""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from http import HTTPStatus
from typing import Any, Protocol

import pytest
from django.http import HttpResponse
from django.test import Client

from crm.models import ApiKey
from crm.operations import keys
from crm.rules.scopes import Scope
from tests.factories.funnels import Rules, make_rules

API = "/api/v1"
LONG_AGO = datetime(2026, 1, 1, tzinfo=UTC)
PERSON = {
    "name": "Гульнара Ёлкина",
    "company": "ООО «Вектор»",
    "phone": "8 (917) 220-14-08",
    "email": "Elkina@Example.com",
    "message": "Хочу курс",
}
SECRETS = ("Ёлкина", "Вектор", "+79172201408", "elkina@example.com", "Хочу курс")


class Program(Protocol):
    """Ask as a program; the status is asserted unless told otherwise."""

    key: ApiKey

    def __call__(
        self, method: str, path: str, body: Any = None, /, *, status: int = ..., **headers: str
    ) -> HttpResponse: ...


class ProgramClient:
    """An integration with its key."""

    def __init__(self, *scopes: str, sources: tuple[str, ...] = ()) -> None:
        issued = keys.issue(name="Site", scopes=scopes or tuple(Scope), sources=sources, by=None, at=LONG_AGO)
        self.key, self.token = issued.key, issued.token

    def __call__(
        self, method: str, path: str, body: Any = None, /, *, status: int = HTTPStatus.OK, **headers: str
    ) -> HttpResponse:
        """Send JSON; headers are named with underscores."""
        known = {name.replace("_", "-"): value for name, value in headers.items()}
        response: HttpResponse = Client().generic(
            method,
            f"{API}{path}",
            body if isinstance(body, bytes) else _json(body),
            content_type="application/json",
            headers={"authorization": f"Bearer {self.token}"} | known,
        )
        assert response.status_code == status, response.content.decode()
        return response


def _json(body: Any) -> bytes:
    import json

    return b"" if body is None else json.dumps(body, default=str).encode()


@pytest.fixture
def rules(db: None) -> Rules:
    return make_rules()


@pytest.fixture
def program(rules: Rules) -> ProgramClient:
    """A program that may do everything."""
    return ProgramClient()


@pytest.fixture
def push(program: ProgramClient) -> Callable[..., Mapping[str, Any]]:
    """Push a lead and return what is answered."""

    def send(status: int = HTTPStatus.CREATED, **fields: Any) -> Mapping[str, Any]:
        fields = {"external_id": "1", "source": "site"} | fields
        return program("POST", "/leads", fields, status=status).json()  # type: ignore[no-any-return]

    return send
