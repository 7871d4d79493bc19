"""Who is asking, in which language, at which clock; and the number of the request."""

from collections.abc import Callable
from datetime import datetime, timedelta
from functools import cache
from http import HTTPStatus
from uuid import uuid4
from zoneinfo import ZoneInfo

import structlog
from django.conf import settings
from django.contrib.auth import logout
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.cache import patch_vary_headers
from django_structlog.middlewares import RequestMiddleware

from crm.models import OrganisationSettings, User
from crm.queries.agreements import asked_once
from crm.queries.organisation import default_settings, settings_at
from crm.rules import formats
from crm.rules.second_factor import is_demanded
from crm.rules.tokens import masked

GetResponse = Callable[[HttpRequest], HttpResponse]

PROBES = ("/livez", "/readyz")
SIGNED_IN_AT = "signed_in_at"
SEEN_AT = "seen_at"
TWO_STEPS = "two_steps"  # the session of somebody who has shown a code too
UNATTENDED = "X-Unattended"  # a page that asks by its own clock says so: it keeps no session alive
SEEN_EVERY = timedelta(minutes=1)  # a session is not written more often than this


class RequestLogMiddleware(RequestMiddleware):
    """Number every request, in its log lines and in its answer; say of those that fail which they were.

    That a request came, and that it went well, is in the access log.
    """

    def prepare(self, request: HttpRequest) -> None:
        """Draw the number."""
        structlog.contextvars.bind_contextvars(request_id=str(uuid4()))

    def handle_response(self, request: HttpRequest, response: HttpResponse) -> None:
        """Put the number on the answer before the context is forgotten."""
        response.headers["X-Request-Id"] = request_id()
        if response.status_code < HTTPStatus.BAD_REQUEST and not response.streaming:
            structlog.contextvars.clear_contextvars()
        else:
            super().handle_response(request, response)

    @staticmethod
    def format_request(request: HttpRequest) -> str:
        """Say which page: without the query string, where people type names and phones, and without tokens."""
        return f"{request.method} {masked(text=request.path)}"


def request_id() -> str:
    """Return the number of the request being answered."""
    return str(structlog.contextvars.get_contextvars().get("request_id", ""))


class PersonMiddleware:
    """Set up what depends on the person and their company: session, language, clock, smallest sample, log."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer the request as the person would read it."""
        if request.path in PROBES:
            return self.get_response(request)
        with asked_once():
            return self._answered(request, now=timezone.now())

    def _answered(self, request: HttpRequest, *, now: datetime) -> HttpResponse:
        _end_expired_session(request, now=now)
        agreed = _agreed(request, now=now)
        if _has_to_show_a_code(request, agreed) and not request.path.startswith(_open_without_a_code()):
            return redirect("crm:two_steps")
        with (
            translation.override(_language(request)),
            timezone.override(ZoneInfo(agreed.time_zone)),
            formats.shown_from(agreed.minimum_sample_to_show),
        ):
            request.LANGUAGE_CODE = translation.get_language() or settings.LANGUAGE_CODE
            response = self.get_response(request)
        response.headers.setdefault("Content-Language", request.LANGUAGE_CODE)
        patch_vary_headers(response, ("Accept-Language", "Cookie"))
        return response


def _has_to_show_a_code(request: HttpRequest, agreed: OrganisationSettings) -> bool:
    if not agreed.second_factor_required or not isinstance(request.user, User):
        return False
    return is_demanded(role=request.user.role, is_required=True) and not request.session.get(TWO_STEPS)


@cache
def _open_without_a_code() -> tuple[str, ...]:
    return tuple(map(reverse, ("crm:two_steps", "crm:logout", "crm:login", "crm:language", "crm:theme")))


def _language(request: HttpRequest) -> str:
    chosen = request.user.language if isinstance(request.user, User) else ""
    return chosen or translation.get_language_from_request(request)


def _agreed(request: HttpRequest, *, now: datetime) -> OrganisationSettings:
    if not request.user.is_authenticated:
        return default_settings(at=now)
    structlog.contextvars.bind_contextvars(actor_id=request.user.pk)
    return settings_at(now)


def _end_expired_session(request: HttpRequest, *, now: datetime) -> None:
    """End the session some hours after signing in, and sooner when nobody has used it."""
    if not request.user.is_authenticated:
        return
    session = request.session
    stamp = int(now.timestamp())
    signed_in_at = session.setdefault(SIGNED_IN_AT, stamp)
    seen_at = session.setdefault(SEEN_AT, stamp)
    if stamp - signed_in_at > settings.SESSION_COOKIE_AGE or stamp - seen_at > settings.SESSION_IDLE_SECONDS:
        logout(request)
    elif stamp - seen_at >= SEEN_EVERY.total_seconds() and UNATTENDED not in request.headers:
        session[SEEN_AT] = stamp
