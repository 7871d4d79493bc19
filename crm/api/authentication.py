"""Who is calling the API."""

from drf_spectacular.authentication import SessionScheme
from rest_framework.authentication import SessionAuthentication
from rest_framework.request import Request


class BrowserSession(SessionAuthentication):
    """The session of the pages. A stranger is told 401: to sign in, not that this is forbidden."""

    def authenticate_header(self, request: Request) -> str:
        """Name the way to be recognised."""
        return "Session"


class BrowserSessionScheme(SessionScheme):  # type: ignore[no-untyped-call]
    """How the API's description names that session."""

    target_class = "crm.api.authentication.BrowserSession"
    name = "session"
