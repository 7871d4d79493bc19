"""One shape of error for the whole API: a problem document (RFC 9457)."""

from collections.abc import Iterator
from http import HTTPStatus
from typing import Any

import msgspec
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, JsonResponse
from rest_framework import exceptions
from rest_framework.permissions import SAFE_METHODS
from rest_framework.response import Response
from rest_framework.views import set_rollback

from crm.middleware import request_id
from crm.rules.errors import DomainError
from crm.rules.permissions import NotAllowed

MEDIA_TYPE = "application/problem+json"
PROGRAMS = ("/api/", "/in/")  # the API, and where senders push


class Problem(msgspec.Struct, kw_only=True):
    """What went wrong."""

    type: str
    title: str
    status: int
    detail: str
    instance: str
    code: str
    errors: list[dict[str, str]]


def problem(exc: Exception, context: dict[str, Any]) -> Response | None:
    """Turn what an endpoint raised into a problem document; None leaves it to the 500 page."""
    known = _as_api_exception(exc, is_question=context["request"].method in SAFE_METHODS)
    if known is None:
        return None
    set_rollback()
    body = _document_of(exc, known)
    return Response(body, status=known.status_code, headers=_headers(known), content_type=MEDIA_TYPE)


def problem_of(exc: DomainError | exceptions.APIException) -> Problem:
    """Write the refusal of one item among many as a problem."""
    known = _as_api_exception(exc, is_question=False)
    return msgspec.convert(_document_of(exc, known or exceptions.APIException()), Problem)


def _document_of(exc: Exception, known: exceptions.APIException) -> dict[str, object]:
    errors = list(_errors(known.detail)) if isinstance(known, exceptions.ValidationError) else []
    if isinstance(exc, DomainError) and exc.field:
        errors = [_error(f"/{exc.field}", exc.code, str(exc))]
    code = "invalid" if isinstance(known, exceptions.ValidationError) else _code(known)
    detail = "" if isinstance(known.detail, list | dict) else str(known.detail)
    return document(status=known.status_code, code=code, detail=detail, errors=errors)


def is_api(request: HttpRequest) -> bool:
    """Tell whether a program is asking, not a browser."""
    return request.path.startswith(PROGRAMS)


def problem_response(*, status: int, code: str, detail: str = "") -> JsonResponse:
    """Make a problem document where no endpoint was reached."""
    return JsonResponse(document(status=status, code=code, detail=detail), status=status, content_type=MEDIA_TYPE)


def document(
    *, status: int, code: str, detail: str = "", errors: list[dict[str, str]] | None = None
) -> dict[str, object]:
    """Fill in the members of a problem document."""
    title = HTTPStatus(status).phrase
    return {
        "type": "about:blank",
        "title": title,
        "status": status,
        "detail": detail or title,
        "instance": request_id(),
        "code": code,
        "errors": errors or [],
    }


class Refused(exceptions.APIException):
    """An expected refusal of an operation."""

    status_code = HTTPStatus.UNPROCESSABLE_ENTITY


class NotUnderstood(exceptions.APIException):
    """A question that means nothing here: a value of its address is unknown."""

    status_code = HTTPStatus.BAD_REQUEST


def _as_api_exception(exc: Exception, *, is_question: bool) -> exceptions.APIException | None:
    match exc:
        case exceptions.APIException():
            return exc
        case Http404():
            return exceptions.NotFound()
        case PermissionDenied():
            return exceptions.PermissionDenied()
        case NotAllowed():
            return exceptions.PermissionDenied(str(exc), code=exc.code)
        case DomainError():
            return (NotUnderstood if is_question else Refused)(str(exc), code=exc.code)
    return None


def _code(exc: exceptions.APIException) -> str:
    code = exc.get_codes()
    return code if isinstance(code, str) else "error"


def _headers(exc: exceptions.APIException) -> dict[str, str]:
    headers = {}
    if challenge := getattr(exc, "auth_header", None):
        headers["WWW-Authenticate"] = str(challenge)
    if wait := getattr(exc, "wait", None):
        headers["Retry-After"] = str(int(wait))
    return headers


def _errors(detail: Any, pointer: str = "") -> Iterator[dict[str, str]]:
    match detail:
        case dict():
            for name, inner in detail.items():
                yield from _errors(inner, pointer if name == "non_field_errors" else f"{pointer}/{name}")
        case list():
            for index, inner in enumerate(detail):
                is_message = isinstance(inner, exceptions.ErrorDetail)
                yield from _errors(inner, pointer if is_message else f"{pointer}/{index}")
        case _:
            yield _error(pointer, getattr(detail, "code", "invalid"), str(detail))


def _error(pointer: str, code: str, message: str) -> dict[str, str]:
    return {"pointer": pointer, "code": code, "message": message}
