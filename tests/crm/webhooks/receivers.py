"""A receiver of webhooks on 127.0.0.1, as a stranger would write it: it trusts only what it verifies."""

import ssl
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from standardwebhooks import Webhook, WebhookVerificationError

from crm.models import WebhookEndpoint
from crm.operations import events
from crm.queries.webhooks import secrets_of
from crm.rules.events import EventType


@dataclass
class Letter:
    """One request as it came."""

    path: str
    headers: dict[str, str]
    body: bytes

    def read(self, secret: str) -> dict[str, Any]:
        """Verify and read it by the independent library."""
        return dict(Webhook(secret).verify(self.body, self.headers))

    def is_signed_by(self, secret: str) -> bool:
        try:
            self.read(secret)
        except WebhookVerificationError:
            return False
        return True


@dataclass
class Receiver:
    """What a receiver got, and what it answers: statuses in turn, the last one for ever."""

    port: int = 0
    letters: list[Letter] = field(default_factory=list)
    statuses: list[int] = field(default_factory=lambda: [200])
    headers: dict[str, str] = field(default_factory=dict)
    before_answering: Callable[[BaseHTTPRequestHandler], None] = lambda handler: None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/hooks?from=razbor"

    @property
    def ids(self) -> list[str]:
        return [letter.headers["webhook-id"] for letter in self.letters]

    def answer(self, handler: BaseHTTPRequestHandler) -> None:
        body = handler.rfile.read(int(handler.headers["Content-Length"]))
        headers = {name.lower(): value for name, value in handler.headers.items()}
        self.letters.append(Letter(handler.path, headers, body))
        status = self.statuses.pop(0) if len(self.statuses) > 1 else self.statuses[0]
        self.before_answering(handler)
        handler.send_response(status)
        for name, value in self.headers.items():
            handler.send_header(name, value)
        handler.end_headers()
        handler.wfile.write(b"thanks")


@contextmanager
def receiving(context: ssl.SSLContext | None = None) -> Iterator[Receiver]:
    """Run a receiver in threads until the test ends; with a context it speaks TLS."""
    receiver = Receiver()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            try:
                receiver.answer(self)
            except OSError:
                self.close_connection = True  # the sender has gone

        def do_GET(self) -> None:
            receiver.letters.append(Letter("GET " + self.path, {}, b""))

        def setup(self) -> None:
            if isinstance(self.request, ssl.SSLSocket):
                with suppress(OSError):  # a sender who does not trust us ends it here
                    self.request.do_handshake()
            super().setup()

        def log_message(self, format: str, *args: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        server.daemon_threads = True
        if context:
            server.socket = context.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
        receiver.port = server.server_port
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
        thread.start()
        yield receiver
        server.shutdown()
        thread.join()


def dribble(handler: BaseHTTPRequestHandler) -> None:
    """Answer a byte at a time, for ever: no single wait is long."""
    while True:
        handler.wfile.write(b"X-")
        handler.wfile.flush()
        time.sleep(0.05)  # the slowness under test


def happen(now: datetime, type: EventType = EventType.JUDGED) -> None:
    events.record(type=type, lead="ld_1", source="google", data={"verdict": "target"}, occurred_at=now, at=now)


def secret(endpoint: WebhookEndpoint, now: datetime) -> str:
    return secrets_of(endpoint=endpoint, at=now)[0]
