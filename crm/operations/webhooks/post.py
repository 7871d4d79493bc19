"""Send one message to one receiver: to an address that was checked, in bounded time, following nothing."""

import http.client
import socket
import ssl
import threading
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass

from django.conf import settings

from crm.rules.addresses import BadAddress, Target, checked, read_url
from crm.rules.webhooks import SendError

RESOLVE_SECONDS = 3.0
CONNECT_SECONDS = 3.0
TOTAL_SECONDS = 10.0
LONGEST_ANSWER = 64 * 1024
USER_AGENT = "Razbor-Webhooks/1"


@dataclass(frozen=True, slots=True)
class Sent:
    """What came back of a try: a status, or why there is none."""

    status: int | None
    error: SendError | None
    milliseconds: int
    retry_after_seconds: int = 0


def target_of(*, url: str) -> Target:
    """Take a URL apart by the rules of this installation; raises BadAddress."""
    return read_url(
        url=url, plain_http=settings.ALLOW_PLAIN_HTTP, may_reach_private=settings.WEBHOOKS_MAY_REACH_PRIVATE
    )


def post(*, url: str, headers: Mapping[str, str], body: bytes) -> Sent:
    """Send a body and return what was answered; never raises for what the other side does."""
    started = time.monotonic()

    def sent(status: int | None = None, error: SendError | None = None, retry_after_seconds: int = 0) -> Sent:
        return Sent(status, error, round((time.monotonic() - started) * 1000), retry_after_seconds)

    try:
        target = target_of(url=url)
        addresses = checked(addresses=_resolve(target), may_reach_private=settings.WEBHOOKS_MAY_REACH_PRIVATE)
        status, retry_after = _exchange(target, addresses, headers, body, until=started + TOTAL_SECONDS)
    except BadAddress as refusal:
        known = refusal.code in set(SendError)
        return sent(error=SendError(refusal.code) if known else SendError.BAD_ADDRESS)
    except TimeoutError:
        return sent(error=SendError.TIMEOUT)
    except ssl.SSLError:
        return sent(error=SendError.TLS)
    except OSError:
        return sent(error=SendError.NO_CONNECTION)
    except (http.client.HTTPException, ValueError):
        return sent(error=SendError.BAD_ANSWER)
    return sent(status, retry_after_seconds=retry_after)


def _resolve(target: Target) -> list[str]:
    """Ask for the addresses of a name once. The system's resolver has no time limit, so it is asked on the side."""
    found: list[str] = []

    def ask() -> None:
        with suppress(OSError, UnicodeError):
            answers = socket.getaddrinfo(target.host, target.port, type=socket.SOCK_STREAM)
            found.extend(dict.fromkeys(str(answer[4][0]) for answer in answers))

    thread = threading.Thread(target=ask, name="webhook-resolve", daemon=True)
    thread.start()
    thread.join(RESOLVE_SECONDS)
    return list(found)


def _exchange(
    target: Target, addresses: Sequence[str], headers: Mapping[str, str], body: bytes, *, until: float
) -> tuple[int, int]:
    with _Deadline(until) as deadline, _socket(_connect(target, addresses), target) as sock:
        deadline.watch(sock)
        try:
            if isinstance(sock, ssl.SSLSocket):
                sock.do_handshake()
            response = _ask(sock, target, headers, body)
        except (OSError, http.client.HTTPException):
            if deadline.has_passed:
                raise TimeoutError from None
            raise
        if deadline.has_passed:
            raise TimeoutError
        with suppress(OSError, http.client.HTTPException):
            response.read(LONGEST_ANSWER)  # lets the receiver finish; what it says is not kept
        return response.status, _seconds(response.getheader("Retry-After", ""))


def _ask(sock: socket.socket, target: Target, headers: Mapping[str, str], body: bytes) -> http.client.HTTPResponse:
    connection = http.client.HTTPConnection(target.host, target.port)
    connection.auto_open = 0  # this socket, or none
    connection.sock = sock
    connection.putrequest("POST", target.path, skip_host=True, skip_accept_encoding=True)
    for name, value in _all_headers(target, headers, body).items():
        connection.putheader(name, value)
    connection.endheaders(body)
    return connection.getresponse()


def _connect(target: Target, addresses: Sequence[str]) -> socket.socket:
    """Connect to the first of the checked addresses that answers."""
    until = time.monotonic() + CONNECT_SECONDS
    for number, address in enumerate(addresses, start=1):
        left = max(until - time.monotonic(), 0.1)
        try:
            sock = _open(address, target.port, timeout=left / (len(addresses) - number + 1))
        except OSError:
            if number == len(addresses):
                raise
        else:
            sock.settimeout(TOTAL_SECONDS)
            return sock
    raise BadAddress("unknown_host", "")


def _open(address: str, port: int, *, timeout: float) -> socket.socket:
    """Connect to an address as it is: `create_connection` would ask the resolver once more."""
    sock = socket.socket(socket.AF_INET6 if ":" in address else socket.AF_INET, socket.SOCK_STREAM)
    try:
        sock.settimeout(timeout)
        sock.connect((address, port))
    except OSError:
        sock.close()
        raise
    return sock


def _socket(plain: socket.socket, target: Target) -> socket.socket:
    """Speak TLS with whoever has the certificate of the name, at whatever address it was found."""
    if target.scheme == "http":
        return plain
    context = ssl.create_default_context()
    return context.wrap_socket(plain, server_hostname=target.host, do_handshake_on_connect=False)


def _all_headers(target: Target, headers: Mapping[str, str], body: bytes) -> dict[str, str]:
    return {
        "Host": target.authority,
        "User-Agent": USER_AGENT,
        "Content-Type": "application/json",
        "Content-Length": str(len(body)),
        "Connection": "close",
        **headers,
    }


def _seconds(told: str | None) -> int:
    return int(told) if told and told.isascii() and told.isdigit() and len(told) < 7 else 0


class _Deadline:
    """Ends a connection at an instant: a socket's own timeout starts anew with every byte of a slow answer."""

    def __init__(self, until: float) -> None:
        self.has_passed = False
        self._sockets: list[socket.socket] = []
        self._timer = threading.Timer(max(until - time.monotonic(), 0), self._end)
        self._timer.daemon = True

    def __enter__(self) -> "_Deadline":
        self._timer.start()
        return self

    def __exit__(self, *told: object) -> None:
        self._timer.cancel()

    def watch(self, sock: socket.socket) -> None:
        """End this connection when the time comes."""
        self._sockets.append(sock)
        if self.has_passed:
            self._end()

    def _end(self) -> None:
        self.has_passed = True
        for sock in self._sockets:
            with suppress(OSError):
                socket.socket.shutdown(sock, socket.SHUT_RDWR)  # a TLS socket's own forgets its key under the reader
