"""The floor's one view: read with msgspec, write one row, commit, answer."""

from typing import Any

import msgspec
from django.core.wsgi import get_wsgi_application
from django.db import connection
from django.http import HttpRequest, HttpResponse
from django.urls import path
from django.utils import timezone

from bench.floor.table import COLUMNS, INSERT


class Lead(msgspec.Struct):
    """What a push tells."""

    external_id: str
    source: str
    campaign: str
    name: str
    phone: str
    email: str
    message: str
    utm: dict[str, str]


def push(request: HttpRequest) -> HttpResponse:
    """Take a lead in."""
    lead = msgspec.json.decode(request.body, type=Lead)
    told: dict[str, Any] = {
        **msgspec.structs.asdict(lead),
        "received_at": timezone.now(),
        "utm": msgspec.json.encode(lead.utm).decode(),
    }
    with connection.cursor() as cursor:
        cursor.execute(INSERT, [told[column] for column in COLUMNS])
        (pk,) = cursor.fetchone()
    body = msgspec.json.encode({"id": pk, "outcome": "created"})
    return HttpResponse(body, status=201, content_type="application/json")


urlpatterns = [path("leads", push)]
application = get_wsgi_application()
