"""What is shown instead of a page: to a person a page, to a program a problem document."""

from http import HTTPStatus

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from crm.api.errors import is_api, problem_response


def csrf_failed(request: HttpRequest, reason: str = "") -> HttpResponse:
    """Refuse a form that does not come from our own page."""
    if is_api(request):
        return problem_response(status=HTTPStatus.FORBIDDEN, code="csrf_failed")
    return render(request, "403.html", {"csrf_failed": True}, status=HTTPStatus.FORBIDDEN)


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
    """Say that it is our fault; without the database, which may be what is broken."""
    if is_api(request):
        return problem_response(status=HTTPStatus.INTERNAL_SERVER_ERROR, code="internal_error")
    return render(None, "500.html", status=HTTPStatus.INTERNAL_SERVER_ERROR)
