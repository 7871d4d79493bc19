"""A form that could not be taken, kept for its sender: what was typed must outlive a session."""

from http import HTTPStatus
from urllib.parse import urlsplit

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render, resolve_url
from django.utils.cache import add_never_cache_headers

CSRF_FIELD = "csrfmiddlewaretoken"
SECRETS = ("password", "secret", "token")


def resend(request: HttpRequest, *, status: HTTPStatus) -> HttpResponse | None:
    """Give a form back to be sent once more; nothing when there is nothing to give, or when it is not ours to give.

    A form from another site is not answered with a button that would send it. Secrets are not put into a page, and
    files cannot be.
    """
    fields = [(name, value) for name, values in request.POST.lists() for value in values if name != CSRF_FIELD]
    if not fields or request.FILES or not _is_ours(request) or any(_is_secret(name) for name, _value in fields):
        return None
    context = {"fields": fields, "action": request.get_full_path(), "next": came_from(request)}
    response = render(request, "crm/resend.html", context, status=status)
    add_never_cache_headers(response)
    return response


def came_from(request: HttpRequest) -> str:
    """Tell which page of ours a form was sent from; the start page when that is not known."""
    referer = request.headers.get("Referer", "")
    if _origin(referer) != _own_origin(request):
        return resolve_url(settings.LOGIN_REDIRECT_URL)
    parts = urlsplit(referer)
    return parts.path + (f"?{parts.query}" if parts.query else "")


def _is_ours(request: HttpRequest) -> bool:
    sender = request.headers.get("Origin") or request.headers.get("Referer", "")
    return _origin(sender) == _own_origin(request)


def _own_origin(request: HttpRequest) -> str:
    return f"{request.scheme}://{request.get_host()}"


def _origin(address: str) -> str:
    try:
        parts = urlsplit(address)
    except ValueError:
        return ""
    return f"{parts.scheme}://{parts.netloc}"


def _is_secret(name: str) -> bool:
    return any(word in name.lower() for word in SECRETS)
