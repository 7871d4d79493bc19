"""The door of senders: `/in/<token>/<profile>`. Whatever comes is kept; the rest happens after the answer."""

import math
from http import HTTPStatus

import structlog
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt

from crm.api.errors import problem_response
from crm.api.throttling import CallerThrottle
from crm.models import ApiKey
from crm.operations.keys import note_use
from crm.queries.agreements import memory
from crm.queries.keys import key_of
from crm.rules.permissions import Permission, Reach
from leads.intake.hook import KEPT_HEADERS, Hook
from leads.intake.profiles import PROFILES, Profile
from leads.operations import hooks

PLAIN = "text/plain; charset=utf-8"


@csrf_exempt  # the token is the proof, and a cookie is none here
def door(request: HttpRequest, token: str, profile: str) -> HttpResponse:
    """Keep what a sender brings, and answer as that sender expects. A token that opens nothing finds nothing."""
    now = timezone.now()
    key = key_of(token=token, at=now, memory=memory())
    if profile not in PROFILES or key is None or key.reach(Permission.CREATE_LEAD) is Reach.NONE:
        return _quietly(problem_response(status=HTTPStatus.NOT_FOUND, code="not_found"))
    structlog.contextvars.bind_contextvars(api_key_id=key.pk)
    return _quietly(_answer(request, key, PROFILES[profile]))


def _answer(request: HttpRequest, key: ApiKey, profile: Profile) -> HttpResponse:
    methods = ("POST", "GET") if profile.is_asked_by_get else ("POST",)
    if request.method not in methods:
        response: HttpResponse = problem_response(status=HTTPStatus.METHOD_NOT_ALLOWED, code="method_not_allowed")
        response.headers["Allow"] = ", ".join(methods)
        return response
    wait = CallerThrottle.buckets.wait(f"key:{key.pk}")
    if wait:
        response = problem_response(status=HTTPStatus.TOO_MANY_REQUESTS, code="throttled")
        response.headers["Retry-After"] = str(math.ceil(wait))
        return response
    now = timezone.now()
    try:
        body = _read(request)
    except OSError:  # the sender has gone; whatever it wanted, it was told nothing
        return problem_response(status=HTTPStatus.BAD_REQUEST, code="unreadable_body")
    hook = _hook(request, body)
    taken = hooks.take(key=key, profile=profile.code, hook=hook, at=now, is_cut=_is_cut(request, body))
    note_use(key=key, at=now)
    return _as_expected(profile, hook, taken)


def _read(request: HttpRequest) -> bytes:
    """Read the body. One sent in chunks has no length, and Django would take it for an empty one."""
    environ = getattr(request, "environ", {})
    is_chunked = "chunked" in request.headers.get("Transfer-Encoding", "").lower()
    stream = environ["wsgi.input"] if is_chunked and environ.get("wsgi.input_terminated") else request
    body: bytes = stream.read(hooks.LONGEST_BODY + 1)
    return body


def _hook(request: HttpRequest, body: bytes) -> Hook:
    return Hook(
        method=request.method or "",
        query={name: values[0] for name, values in request.GET.lists() if values},
        headers={name: request.headers[name] for name in KEPT_HEADERS if name in request.headers},
        body=body,
        content_type=request.headers.get("Content-Type", ""),
    )


def _is_cut(request: HttpRequest, body: bytes) -> bool:
    told = request.headers.get("Content-Length", "")
    return told.isdecimal() and len(body) < min(int(told), hooks.LONGEST_BODY)


def _as_expected(profile: Profile, hook: Hook, taken: hooks.Taken) -> HttpResponse:
    if taken.greeting is not None:
        return HttpResponse(taken.greeting, content_type=PLAIN)
    if len(hook.body) > hooks.LONGEST_BODY:
        detail = _("At most {count} bytes are taken at once.").format(count=hooks.LONGEST_BODY)
        return problem_response(
            status=HTTPStatus.REQUEST_ENTITY_TOO_LARGE, code=taken.submission.error_code, detail=detail
        )
    if hook.method == "GET" and profile.greet is not None:
        return problem_response(status=HTTPStatus.FORBIDDEN, code="wrong_verify_token")
    if profile.answer:
        return HttpResponse(profile.answer, content_type=PLAIN)
    return JsonResponse({"status": "accepted", "submission": taken.submission.public_id.hex})


def _quietly(response: HttpResponse) -> HttpResponse:
    """Keep Django from logging a refusal: its line would name the address, and the address holds the token."""
    response._has_been_logged = True  # type: ignore[attr-defined]
    return response
