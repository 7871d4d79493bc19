"""What is sent goes where it was checked to go, and nowhere else."""

import shutil
import socket
import ssl
import subprocess
from datetime import datetime
from pathlib import Path

import pytest
from django.conf import LazySettings

from crm.models import User, WebhookAttempt, WebhookDelivery, WebhookEndpoint
from crm.operations import jobs, webhooks
from crm.operations.webhooks import post
from crm.rules.webhooks import SendError
from tests.crm.webhooks.receivers import Receiver, happen, receiving

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("receivers_are_inside")]


def delivery() -> WebhookDelivery:
    return WebhookDelivery.objects.get()


@pytest.mark.parametrize("status", [301, 302, 307, 308])
def test_a_redirect_is_followed_nowhere(
    status: int, endpoint: WebhookEndpoint, receiver: Receiver, now: datetime
) -> None:
    with receiving() as elsewhere:
        receiver.statuses, receiver.headers = [status], {"Location": elsewhere.url}
        happen(now)
        jobs.drain(at=now)
        assert (len(receiver.letters), elsewhere.letters) == (1, [])
    assert (delivery().state, delivery().last_status) == ("waiting", status)


def test_a_name_that_leads_elsewhere_the_second_time_is_connected_to_where_it_was_checked(
    receiver: Receiver, admin: User, now: datetime, settings: LazySettings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The resolver first tells an address that may be reached, then one inside; only the first is ever connected to."""
    asked: list[str] = []
    connected: list[str] = []
    connect = post._open

    def resolve(host: str, port: int, **told: object) -> list[tuple[object, ...]]:
        asked.append(host)
        address = "93.184.216.34" if len(asked) == 1 else "127.0.0.1"
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, port))]

    def instead(address: str, port: int, *, timeout: float) -> socket.socket:
        connected.append(address)
        return connect("127.0.0.1", receiver.port, timeout=timeout)

    settings.WEBHOOKS_MAY_REACH_PRIVATE = False
    webhooks.subscribe(url="http://rebinding.example:8080/", by=admin, at=now)
    monkeypatch.setattr(socket, "getaddrinfo", resolve)
    monkeypatch.setattr(post, "_open", instead)
    happen(now)
    jobs.drain(at=now)
    assert (asked, connected) == (["rebinding.example"], ["93.184.216.34"])
    assert receiver.letters[0].headers["host"] == "rebinding.example:8080"
    # The next message asks anew, is told the address inside, and connects nowhere.
    happen(now)
    jobs.drain(at=now)
    assert (len(asked), len(connected), len(receiver.letters)) == (2, 1, 1)
    assert WebhookAttempt.objects.latest("id").error == SendError.ADDRESS_INSIDE


@pytest.mark.parametrize("address", ["127.0.0.1", "169.254.169.254", "::ffff:10.0.0.1", "64:ff9b::a00:1"])
def test_a_name_that_leads_inside_is_never_connected_to(
    address: str, admin: User, now: datetime, settings: LazySettings, monkeypatch: pytest.MonkeyPatch
) -> None:
    answers = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (one, 443)) for one in ("93.184.216.34", address)]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *args, **told: answers)
    monkeypatch.setattr(post, "_open", lambda *args, **told: pytest.fail("connected"))
    settings.WEBHOOKS_MAY_REACH_PRIVATE = False
    webhooks.subscribe(url="https://inside.example/", by=admin, at=now)
    happen(now)
    jobs.drain(at=now)
    assert WebhookAttempt.objects.get().error == SendError.ADDRESS_INSIDE


def test_a_name_nobody_has_is_a_failed_try(admin: User, now: datetime, monkeypatch: pytest.MonkeyPatch) -> None:
    def unknown(*args: object, **told: object) -> None:
        raise socket.gaierror

    monkeypatch.setattr(socket, "getaddrinfo", unknown)
    webhooks.subscribe(url="https://nobody.example/", by=admin, at=now)
    happen(now)
    jobs.drain(at=now)
    assert WebhookAttempt.objects.get().error == SendError.UNKNOWN_HOST


@pytest.fixture(scope="session")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A certificate of receiver.example, and its key in the same file."""
    folder = tmp_path_factory.mktemp("certificate")
    asked = ["-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=receiver.example"]
    asked += ["-addext", "subjectAltName=DNS:receiver.example", "-keyout", "key.pem", "-out", "certificate.pem"]
    run = subprocess.run(["openssl", "req", *asked], cwd=folder, capture_output=True, check=False)
    assert run.returncode == 0, run.stderr
    both = folder / "both.pem"
    both.write_text((folder / "key.pem").read_text() + (folder / "certificate.pem").read_text())
    return both


@pytest.mark.skipif(shutil.which("openssl") is None, reason="makes a certificate with openssl")
@pytest.mark.parametrize(
    ("host", "is_trusted", "error"),
    [
        ("receiver.example", True, ""),
        ("other.example", True, SendError.TLS),
        ("receiver.example", False, SendError.TLS),
    ],
)
def test_tls_is_spoken_with_the_name_at_the_address_that_was_checked(
    host: str,
    is_trusted: bool,
    error: str,
    certificate: Path,
    admin: User,
    now: datetime,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    named: list[str | None] = []
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    context.sni_callback = lambda sock, name, context: named.append(name)
    if is_trusted:
        monkeypatch.setenv("SSL_CERT_FILE", str(certificate.parent / "certificate.pem"))
    answers = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("127.0.0.1", 0))]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *args, **told: answers)
    with receiving(context) as receiver:
        webhooks.subscribe(url=f"https://{host}:{receiver.port}/hooks", by=admin, at=now)
        happen(now)
        jobs.drain(at=now)
        assert named == [host]
        assert [letter.headers["host"] for letter in receiver.letters] == ([] if error else [f"{host}:{receiver.port}"])
    assert WebhookAttempt.objects.get().error == error
