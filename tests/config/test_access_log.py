"""The access log: what was asked, without what opens the door."""

import io
import logging
from datetime import timedelta
from types import SimpleNamespace

from gunicorn.config import Config

from config.access_log import AccessLog
from crm.rules.tokens import new_token


def test_a_line_holds_no_token_wherever_it_came() -> None:
    token = new_token()
    config = Config()
    config.set("accesslog", "-")
    config.set("access_log_format", "%(r)s %(s)s %({authorization}i)s %({location}o)s")
    log = AccessLog(config)
    written = io.StringIO()
    log.access_log.addHandler(handler := logging.StreamHandler(written))
    said = {
        "REQUEST_METHOD": "POST",
        "RAW_URI": f"/in/{token.text}/tilda?x={token.text}",
        "SERVER_PROTOCOL": "HTTP/1.1",
    }
    request = SimpleNamespace(headers=[("AUTHORIZATION", f"Bearer {token.text}")])
    response = SimpleNamespace(status="201 Created", sent=2, headers=[("Location", f"/{token.text}")])
    try:
        log.access(response, request, said, timedelta(milliseconds=3))
    finally:
        log.access_log.removeHandler(handler)
    shown = f"rz_{token.token_id}_…"
    assert written.getvalue() == f"POST /in/{shown}/tilda?x={shown} HTTP/1.1 201 Bearer {shown} /{shown}\n"
