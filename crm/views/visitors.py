"""Where a request comes from, and to which site: what pages for people without an account and letters need."""

import ipaddress

from django.http import HttpRequest
from django.utils.crypto import salted_hmac

DIGEST_LENGTH = 24


def visitor_digest(request: HttpRequest, *, salt: str) -> str:
    """Tell visitors apart without keeping who they are."""
    return salted_hmac(salt, _address(request)).hexdigest()[:DIGEST_LENGTH]


def origin_of(request: HttpRequest) -> str:
    """Write the beginning of every address of this site, as whoever asks has reached it."""
    return f"{request.scheme}://{request.get_host()}"


def _address(request: HttpRequest) -> str:
    """Return where a request comes from: as our own proxy says, where one stands before us."""
    direct = request.META.get("REMOTE_ADDR", "")
    forwarded = request.headers.get("X-Forwarded-For", "").rpartition(",")[2].strip()
    try:
        is_proxy = not ipaddress.ip_address(direct).is_global
    except ValueError:
        is_proxy = True  # a socket of this machine
    return forwarded if is_proxy and forwarded else direct
