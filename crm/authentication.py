"""Signing in by e-mail."""

from typing import Any

from django.contrib.auth.backends import BaseBackend
from django.http import HttpRequest
from django.utils.crypto import salted_hmac

from crm.models import User

DIGEST_LENGTH = 12


class EmailBackend(BaseBackend):
    """E-mail in any case and a password; whoever has left the company is refused."""

    def authenticate(
        self, request: HttpRequest | None, username: str | None = None, password: str | None = None, **kwargs: Any
    ) -> User | None:
        """Return the person, or nothing; an unknown e-mail takes as long as a wrong password."""
        if username is None or password is None:
            return None
        try:
            user = User.objects.get_by_natural_key(username)
        except User.DoesNotExist:
            User().set_password(password)
            return None
        return user if user.check_password(password) and user.is_active else None

    def get_user(self, user_id: int) -> User | None:
        """Return the person of a session, as long as they are with the company."""
        return User.objects.filter(pk=user_id, is_active=True).first()


def client_digest(
    username: str | None, ip_address: str | None, user_agent: str, path_info: str, request: HttpRequest
) -> str:
    """Name a client in the log so that it can be told from others, and nobody can be told from it."""
    return "client " + salted_hmac("crm.authentication", f"{username} {ip_address}").hexdigest()[:DIGEST_LENGTH]
