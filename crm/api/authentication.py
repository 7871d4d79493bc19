"""Who is calling the API: a program with a key, or a person with the session of the pages."""

from dataclasses import dataclass

import structlog
from django.utils import timezone
from django.utils.translation import gettext as _
from drf_spectacular.authentication import SessionScheme
from drf_spectacular.extensions import OpenApiAuthenticationExtension
from rest_framework import exceptions
from rest_framework.authentication import BaseAuthentication, SessionAuthentication
from rest_framework.request import Request

from crm.models import ApiKey
from crm.operations import keys
from crm.queries.agreements import Memory, memory
from crm.queries.keys import key_of

SCHEME = "Bearer"
QUERY_NAMES = ("token", "access_token", "api_key", "key")


@dataclass(frozen=True, slots=True)
class Access:
    """By which key a program asks, and what this process remembers under the agreements of that moment."""

    key: ApiKey
    memory: Memory


class TokenInTheAddress(exceptions.ParseError):
    """A token in the query string, where it is written into every log on the way."""


class KeyAuthentication(BaseAuthentication):
    """`Authorization: Bearer rz_…`; whoever names a token must name one in force."""

    def authenticate(self, request: Request) -> tuple[ApiKey, Access] | None:
        """Know the key; None lets the session speak."""
        if any(name in request.query_params for name in QUERY_NAMES):
            raise TokenInTheAddress(
                _("Send the token in the Authorization header, never in the address."), "token_in_address"
            )
        told = request.headers.get("Authorization")
        if told is None:
            return None
        scheme, _space, token = told.partition(" ")
        now = timezone.now()
        known = memory()
        key = key_of(token=token.strip(), at=now, memory=known) if scheme.lower() == SCHEME.lower() else None
        if key is None:
            raise exceptions.AuthenticationFailed(_("This token is unknown, revoked or has expired."), "invalid_token")
        structlog.contextvars.bind_contextvars(api_key_id=key.pk)
        keys.note_use(key=key, at=now)
        return key, Access(key, known)

    def authenticate_header(self, request: Request) -> str:
        """Name the way to be recognised."""
        return SCHEME


class BrowserSession(SessionAuthentication):
    """The session of the pages."""

    def authenticate_header(self, request: Request) -> str:
        """Name the way to be recognised."""
        return "Session"


class KeyScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]
    """How the API's description names keys."""

    target_class = "crm.api.authentication.KeyAuthentication"
    name = "key"

    def get_security_definition(self, auto_schema: object) -> dict[str, str]:
        """Describe the header."""
        return {"type": "http", "scheme": "bearer", "bearerFormat": "rz_<id>_<secret>"}


class BrowserSessionScheme(SessionScheme):  # type: ignore[no-untyped-call]
    """How the API's description names that session."""

    target_class = "crm.api.authentication.BrowserSession"
    name = "session"
