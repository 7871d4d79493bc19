"""What is shown instead of a page: to a person a page, to a program a problem document."""

import sys
from http import HTTPStatus

from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from crm.api.errors import is_api, problem_response
from crm.views.resend import resend

RETRY_AFTER_SECONDS = 1


def csrf_failed(request: HttpRequest, reason: str = "") -> HttpResponse:
    """Refuse a form that does not come from our own page; give one back that does and was only opened too long ago."""
    if is_api(request):
        return problem_response(status=HTTPStatus.FORBIDDEN, code="csrf_failed")
    return resend(request, status=HTTPStatus.FORBIDDEN) or render(
        request, "403.html", {"csrf_failed": True}, status=HTTPStatus.FORBIDDEN
    )


def forbidden(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Say that the role does not grant this."""
    if is_api(request):
        return problem_response(status=HTTPStatus.FORBIDDEN, code="permission_denied")
    return render(request, "403.html", status=HTTPStatus.FORBIDDEN)


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Say that there is nothing here, or nothing for this person; the words are the same."""
    if is_api(request):
        return problem_response(status=HTTPStatus.NOT_FOUND, code="not_found")
    return render(request, "404.html", status=HTTPStatus.NOT_FOUND)


def failed(request: HttpRequest) -> HttpResponse:
    """Say that it is our fault; without the database, which may be what is broken: then it is worth another try."""
    if isinstance(sys.exc_info()[1], OperationalError | InterfaceError):
        return _unavailable(request)
    if is_api(request):
        return problem_response(status=HTTPStatus.INTERNAL_SERVER_ERROR, code="internal_error")
    return render(None, "500.html", status=HTTPStatus.INTERNAL_SERVER_ERROR)


def _unavailable(request: HttpRequest) -> HttpResponse:
    """Say that the database does not answer or has ended the transaction: the same request may be sent again."""
    status = HTTPStatus.SERVICE_UNAVAILABLE
    if is_api(request):
        response: HttpResponse = problem_response(status=status, code="unavailable")
    else:
        response = render(None, "503.html", status=status)
    response.headers["Retry-After"] = str(RETRY_AFTER_SECONDS)
    return response
