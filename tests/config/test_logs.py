"""Log lines: one event each, with the request's number, without anybody's data."""

import json
import logging
from collections.abc import Callable

import pytest
import structlog
from django.test import Client

from config.logs import LOGGING
from crm.models import User


def _line(record: logging.LogRecord) -> dict[str, object]:
    from logging.config import DictConfigurator

    formatter = DictConfigurator(LOGGING).configure_formatter(dict(LOGGING["formatters"]["structured"]))
    return json.loads(formatter.format(record))


def test_a_line_is_json_with_the_requests_number(caplog: pytest.LogCaptureFixture) -> None:
    with structlog.contextvars.bound_contextvars(request_id="r-1", actor_id=7):
        structlog.get_logger("razbor.test").warning("something_happened", leads=3)
        line = _line(caplog.records[-1])
    assert (line["event"], line["level"], line["leads"]) == ("something_happened", "warning", 3)
    assert (line["request_id"], line["actor_id"]) == ("r-1", 7)


def test_a_line_of_a_library_has_the_same_shape(caplog: pytest.LogCaptureFixture) -> None:
    logging.getLogger("some.library").warning("went %s", "wrong")
    line = _line(caplog.records[-1])
    assert (line["event"], line["level"], line["logger"]) == ("went wrong", "warning", "some.library")


def test_a_line_about_a_request_holds_no_personal_data(
    manager: User, client_of: Callable[[User], Client], caplog: pytest.LogCaptureFixture
) -> None:
    client_of(manager).get("/nowhere/?q=%2B79161234567", headers={"user-agent": "x"}, REMOTE_ADDR="203.0.113.9")
    told = "\n".join(str(record.msg) for record in caplog.records)
    assert "/nowhere/" in told
    assert not any(word in told for word in ("79161234567", "203.0.113.9", manager.email, manager.name))
    assert f"'actor_id': {manager.pk}" in told


def test_a_line_about_a_wrong_password_holds_no_personal_data(
    manager: User, client: Client, caplog: pytest.LogCaptureFixture
) -> None:
    for _attempt in range(6):
        client.post("/login/", {"username": manager.email, "password": "wrong"}, REMOTE_ADDR="203.0.113.9")
    told = "\n".join(record.getMessage() for record in caplog.records)
    assert "client " in told
    assert not any(word in told for word in ("203.0.113.9", manager.email))
