"""Which addresses Razbor may send to: a URL typed by a person must not reach what only Razbor can reach.

A name is resolved once, every address of it is checked, and the connection goes to an address that was checked.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from crm.rules.errors import DomainError

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise

LONGEST_URL = 500
PRINTABLE = re.compile(r"[!-~]+")
LABEL = re.compile(r"[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?")
NUMBER = re.compile(r"[0-9]+|0x[0-9a-f]*")
SCHEME_PORTS = {"https": 443, "http": 80}
PORTS = {80, 443, *range(8000, 10000)}

# Where an IPv4 address is written inside an IPv6 one: that one is what a gateway on the way connects to.
NAT64 = IPv6Network("64:ff9b::/96")
NEVER = (
    IPv4Network("0.0.0.0/8"),
    IPv4Network("169.254.0.0/16"),  # link-local, where clouds keep their metadata
    IPv4Network("192.0.0.0/24"),
    IPv4Network("192.0.2.0/24"),
    IPv4Network("192.88.99.0/24"),  # relays of 6to4
    IPv4Network("198.18.0.0/15"),
    IPv4Network("198.51.100.0/24"),
    IPv4Network("203.0.113.0/24"),
    IPv4Network("224.0.0.0/4"),
    IPv4Network("240.0.0.0/4"),
    IPv6Network("::/128"),
    IPv6Network("::ffff:0:0/96"),  # IPv4-mapped
    IPv6Network("::ffff:0:0:0/96"),  # IPv4-translated
    NAT64,
    IPv6Network("64:ff9b:1::/48"),
    IPv6Network("100::/64"),
    IPv6Network("2001::/23"),  # Teredo and other protocol assignments
    IPv6Network("2001:db8::/32"),
    IPv6Network("2002::/16"),  # 6to4
    IPv6Network("3fff::/20"),
    IPv6Network("5f00::/16"),
    IPv6Network("fe80::/10"),
    IPv6Network("fec0::/10"),
    IPv6Network("ff00::/8"),
)
INSIDE = (
    IPv4Network("10.0.0.0/8"),
    IPv4Network("100.64.0.0/10"),  # carriers' own
    IPv4Network("127.0.0.0/8"),
    IPv4Network("172.16.0.0/12"),
    IPv4Network("192.168.0.0/16"),
    IPv6Network("::1/128"),
    IPv6Network("fc00::/7"),
)
GLOBAL_V6 = IPv6Network("2000::/3")


class BadAddress(DomainError):
    """A URL that nothing may be sent to."""

    def __init__(self, code: str, message: str | _StrPromise) -> None:
        super().__init__(code, message, "url")


@dataclass(frozen=True, slots=True)
class Target:
    """A URL taken apart; `host` is what is resolved, named to the server, and must be on its certificate."""

    scheme: str
    host: str
    port: int
    path: str

    @property
    def authority(self) -> str:
        """Write host and port as a Host header does."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == SCHEME_PORTS[self.scheme] else f"{host}:{self.port}"


def read_url(*, url: str, plain_http: bool, may_reach_private: bool) -> Target:
    """Take a URL apart; raises BadAddress on what is not plainly a URL of another server."""
    if len(url) > LONGEST_URL or not PRINTABLE.fullmatch(url) or "\\" in url:
        raise BadAddress("bad_url", _("This is not a URL of at most 500 Latin characters."))
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError as error:
        raise BadAddress("bad_url", _("This is not a URL.")) from error
    if parts.scheme not in ("https", *(["http"] if plain_http else [])):
        raise BadAddress("not_https", _("The address must begin with https://."))
    if "@" in parts.netloc:
        raise BadAddress("userinfo_in_url", _("An address must not hold a name or password."))
    if parts.fragment:
        raise BadAddress("bad_url", _("An address has no part after #: a server never sees it."))
    host = _host(parts.hostname or "")
    port = SCHEME_PORTS[parts.scheme] if port is None else port
    if not may_reach_private and port not in PORTS:
        raise BadAddress("odd_port", _("The port must be 80, 443 or from 8000 to 9999."))
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    target = Target(parts.scheme, host, port, path)
    if _literal(host) is not None:
        checked(addresses=[host], may_reach_private=may_reach_private)
    elif not may_reach_private and (host == "localhost" or host.endswith(".localhost")):
        raise _inside(host)
    return target


def checked(*, addresses: Sequence[str], may_reach_private: bool) -> list[str]:
    """Return the addresses a name stands for when every one of them may be reached; raises BadAddress otherwise.

    One that must not be reached spoils all: a name that stands for both is a trap, not a receiver.
    """
    if not addresses:
        raise BadAddress("unknown_host", _("No server has this name."))
    for text in addresses:
        if not is_reachable(address=ip_address(text), may_reach_private=may_reach_private):
            raise _inside(text)
    return list(addresses)


def is_reachable(*, address: IPv4Address | IPv6Address, may_reach_private: bool) -> bool:
    """Tell whether an address may be connected to."""
    if isinstance(address, IPv6Address) and address.scope_id is not None:
        return False
    if any(address in network for network in NEVER):
        return False
    if any(address in network for network in INSIDE):
        return may_reach_private
    return isinstance(address, IPv4Address) or address in GLOBAL_V6


def _host(host: str) -> str:
    """Accept a name or an address in its one usual form: 0x7f.1, 017700000001 and 2130706433 are 127.0.0.1 too."""
    if _literal(host) is not None:
        return host
    labels = host.removesuffix(".").split(".")
    if len(host) > 253 or not all(LABEL.fullmatch(label) for label in labels) or NUMBER.fullmatch(labels[-1]):
        raise BadAddress("bad_host", _("This is not the name of a server."))
    return host.removesuffix(".")


def _literal(host: str) -> IPv4Address | IPv6Address | None:
    try:
        return ip_address(host)
    except ValueError:
        return None


def _inside(address: str) -> BadAddress:
    message = format_lazy(
        _("{address} is inside a network: only servers on the internet are sent to."), address=address
    )
    return BadAddress("address_inside", message)
