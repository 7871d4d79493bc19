"""Is the process alive; can it serve."""

import socket

import pytest
from django.conf import LazySettings
from django.conf import settings as django_settings
from django.db import connection
from django.db.utils import OperationalError
from django.test import Client


def test_livez_needs_no_database(client: Client) -> None:
    response = client.get("/livez", headers={"cookie": "sessionid=whatever"})
    assert (response.status_code, response.json()) == (200, {"status": "ok"})
    assert "no-store" in response.headers["Cache-Control"]


@pytest.mark.django_db
def test_readyz_reports_the_database_and_no_broker(client: Client, settings: LazySettings) -> None:
    settings.REDIS_URL = ""
    response = client.get("/readyz")
    assert response.status_code == 200
    assert response.json() == {"status": "ok", "database": "ok", "broker": "not used"}


@pytest.mark.django_db
def test_readyz_does_not_need_the_broker(client: Client, settings: LazySettings) -> None:
    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))
        settings.REDIS_URL = f"redis://127.0.0.1:{nobody.getsockname()[1]}/0"
        response = client.get("/readyz")
    assert (response.status_code, response.json()["broker"]) == (200, "unavailable")


@pytest.mark.skipif(not django_settings.REDIS_URL, reason="needs a real Redis at REDIS_URL")
@pytest.mark.django_db
def test_readyz_reports_the_broker(client: Client) -> None:
    assert client.get("/readyz").json()["broker"] == "ok"


@pytest.mark.django_db
def test_readyz_says_when_the_database_is_away(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    def away() -> None:
        raise OperationalError("password=secret host=db")

    monkeypatch.setattr(connection, "cursor", away)
    response = client.get("/readyz")
    assert (response.status_code, response.headers["Retry-After"]) == (503, "5")
    assert response.json()["database"] == "unavailable"
    assert "secret" not in response.content.decode()
