"""What is for pages only, and passed by when a program asks.

A page needs a session, messages, htmx and its reader's clock. A program that pushes a lead needs none of them, and they
would cost it more than its lead does. What guards a request is no page's alone and stays in for everybody.
"""

from collections.abc import Callable
from typing import Any

from csp.middleware import CSPMiddleware
from csp.utils import build_policy
from django.conf import settings
from django.contrib.auth.middleware import AuthenticationMiddleware
from django.contrib.messages.middleware import MessageMiddleware
from django.contrib.sessions.middleware import SessionMiddleware
from django.http import HttpRequest, HttpResponse
from django.middleware.common import CommonMiddleware
from django.utils import translation
from django.utils.cache import patch_vary_headers
from django_htmx.middleware import HtmxMiddleware
from whitenoise.middleware import WhiteNoiseMiddleware

from crm.api.errors import PROGRAMS
from crm.middleware import GetResponse, PersonMiddleware

PAGES_AMONG_THEM = "/api/docs"


def is_from_program(request: HttpRequest) -> bool:
    """Tell whether a program asks: the API or a sender's door, without the session of the pages."""
    return (
        request.path_info.startswith(PROGRAMS)
        and not request.path_info.startswith(PAGES_AMONG_THEM)
        and settings.SESSION_COOKIE_NAME not in request.COOKIES
    )


class Programs:
    """Give a program's request what it shares with pages: a host that is ours, the language, the headers."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response
        self._content_policy = build_policy()  # without a nonce it is the same for each answer

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer a program; leave a page to what follows."""
        if not is_from_program(request):
            return self.get_response(request)
        request.get_host()  # raises what is answered 400
        with translation.override(translation.get_language_from_request(request)):
            request.LANGUAGE_CODE = translation.get_language() or settings.LANGUAGE_CODE
            response = self.get_response(request)
        response.headers.setdefault("Content-Language", request.LANGUAGE_CODE)
        patch_vary_headers(response, ("Accept-Language", "Cookie"))
        response.headers.setdefault("Content-Security-Policy", self._content_policy)
        if not response.streaming:
            response.headers.setdefault("Content-Length", str(len(response.content)))
        return response


def _pages_only(middleware: Callable[[GetResponse], Any]) -> Callable[[GetResponse], GetResponse]:
    """Let a program's request pass a middleware by; for such as do all they do when they are called."""

    def made(get_response: GetResponse) -> GetResponse:
        through = middleware(get_response)
        return lambda request: (get_response if is_from_program(request) else through)(request)

    return made


static_files = _pages_only(WhiteNoiseMiddleware)
content_policy = _pages_only(CSPMiddleware)
session = _pages_only(SessionMiddleware)
common = _pages_only(CommonMiddleware)
authentication = _pages_only(AuthenticationMiddleware)
person = _pages_only(PersonMiddleware)
messages = _pages_only(MessageMiddleware)
htmx = _pages_only(HtmxMiddleware)
