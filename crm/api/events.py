"""What happened to leads, for programs: the way to catch up after anything that was missed."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, ClassVar

from django.utils.translation import gettext as _
from rest_framework import exceptions
from rest_framework.request import Request
from rest_framework.response import Response

from crm.api.bodies import Told
from crm.api.described import described, query
from crm.api.endpoints import Endpoint
from crm.models import Event
from crm.queries.events import feed
from crm.rules.events import EventType
from crm.rules.permissions import Permission

PAGE, LONGEST_PAGE = 50, 200
GREATEST = 2**63 - 1


class EventOut(Told):
    """One thing that happened to a lead; a webhook's message carries the same under `data`."""

    number: int
    type: EventType
    lead: str
    source: str
    occurred_at: datetime
    recorded_at: datetime
    data: dict[str, Any]


class EventPage(Told):
    """Some events in their order; ask on with `after` = `next`."""

    items: list[EventOut]
    next: int
    has_more: bool


class EventsEndpoint(Endpoint):
    """The feed of events."""

    needs: ClassVar[Mapping[str, Permission]] = {"GET": Permission.READ_LEADS}
    parameters: ClassVar[Mapping[str, frozenset[str]]] = {"GET": frozenset({"after", "limit"})}

    @described(
        "list_events",
        tag="events",
        answers={200: EventPage},
        parameters=[
            query(
                "after",
                "the number of the last event you know; 0 unless said",
                {"type": "integer", "minimum": 0, "maximum": GREATEST},
            ),
            query("limit", "how many, 50 unless said", {"type": "integer", "minimum": 1, "maximum": LONGEST_PAGE}),
        ],
    )
    def get(self, request: Request) -> Response:
        """List what happened after an event, in an order in which nothing appears behind what was read."""
        after = whole_number(request, name="after", default=0, least=0, most=GREATEST)
        limit = whole_number(request, name="limit", default=PAGE, least=1, most=LONGEST_PAGE)
        page = feed(after=after, limit=limit, actor=self.actor)
        items = [_told(event) for event in page.events]
        return Response(EventPage(items=items, next=page.next, has_more=page.has_more))


def whole_number(request: Request, *, name: str, default: int, least: int, most: int) -> int:
    """Read a number of an address; raises a ValidationError when it is none or out of range."""
    text = request.query_params.get(name)
    if text is None:
        return default
    if text.isascii() and text.isdigit() and len(text) < 20 and least <= int(text) <= most:
        return int(text)
    message = _("“{name}” is a whole number from {least} to {most}.").format(name=name, least=least, most=most)
    raise exceptions.ValidationError({name: [exceptions.ErrorDetail(message, "out_of_range")]})


def _told(event: Event) -> EventOut:
    return EventOut(
        number=event.number or 0,
        type=EventType(event.type),
        lead=event.lead,
        source=event.source,
        occurred_at=event.occurred_at,
        recorded_at=event.recorded_at,
        data=event.data,
    )
