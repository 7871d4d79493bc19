"""Webhooks for the administrator's own programs and pages: subscribed, watched, sent again."""

from collections.abc import Mapping
from datetime import datetime
from http import HTTPStatus
from typing import Annotated, ClassVar

from django.http import Http404
from django.utils import timezone
from msgspec import UNSET, Meta, UnsetType, structs
from rest_framework.request import Request
from rest_framework.response import Response

from crm.api.bodies import Shape, Short, Told
from crm.api.described import described, query
from crm.api.endpoints import Endpoint
from crm.api.events import GREATEST, LONGEST_PAGE, PAGE, whole_number
from crm.models import WebhookAttempt, WebhookDelivery, WebhookEndpoint
from crm.operations import webhooks
from crm.queries.webhooks import deliveries_of, delivery_of, endpoint_lines, endpoint_of, secrets_of
from crm.rules.addresses import LONGEST_URL
from crm.rules.events import TEST_TYPE, EventType
from crm.rules.permissions import Permission
from crm.rules.webhooks import DeliveryState

Url = Annotated[str, Meta(min_length=1, max_length=LONGEST_URL, description="https://…, of a server on the internet")]


class WebhookIn(Shape):
    """Where to send what; no events named is all of them."""

    url: Url
    description: Short = ""
    events: list[EventType] = []


class WebhookPatch(Shape):
    """What changes; what is left out stays."""

    url: Url | UnsetType = UNSET
    description: Short | UnsetType = UNSET
    events: list[EventType] | UnsetType = UNSET
    is_enabled: bool | UnsetType = UNSET


class ReplayIn(Shape):
    """Since when: the number of the last event that was received."""

    after: Annotated[int, Meta(ge=0, le=GREATEST)]


class WebhookOut(Told):
    """One endpoint, and how it is doing."""

    id: str
    url: str
    description: str
    events: list[EventType]
    is_enabled: bool
    disabled_reason: str
    failing_since: datetime | None
    old_secret_signs_until: datetime | None
    created_at: datetime


class WebhookSecretOut(WebhookOut):
    """An endpoint with the secret its messages are verified by."""

    secret: str


class WebhookList(Told):
    """All endpoints."""

    items: list[WebhookOut]


class TryOut(Told):
    """One try of a delivery."""

    at: datetime
    status: int | None
    error: str
    milliseconds: int


class DeliveryOut(Told):
    """One message for one endpoint."""

    id: str
    message_id: str
    type: str
    event: int | None
    state: DeliveryState
    attempts: int
    due_at: datetime | None
    last_status: int | None
    last_error: str
    created_at: datetime
    done_at: datetime | None
    tries: list[TryOut]


class DeliveryList(Told):
    """Deliveries, the newest first; `next` goes into `before` for the ones before them."""

    items: list[DeliveryOut]
    next: int | None


class Replayed(Told):
    """How many messages will be sent again."""

    messages: int


class WebhookBase(Endpoint):
    """What all of them share: they are the administrator's, with the session of the pages."""

    needs: ClassVar[Mapping[str, Permission]] = dict.fromkeys(("GET", "POST", "PATCH"), Permission.ADMINISTER)

    def endpoint(self, code: str) -> WebhookEndpoint:
        """Find the endpoint of the address."""
        found = endpoint_of(code=code)
        if found is None:
            raise Http404
        return found


class WebhooksEndpoint(WebhookBase):
    """All endpoints."""

    @described("list_webhooks", tag="webhooks", answers={200: WebhookList})
    def get(self, request: Request) -> Response:
        """List the endpoints events are sent to."""
        return Response(WebhookList(items=[_endpoint(line.endpoint) for line in endpoint_lines()]))

    @described(
        "add_webhook",
        tag="webhooks",
        body=WebhookIn,
        example={"url": "https://example.com/hooks", "events": ["lead.received", "lead.won"]},
        answers={201: WebhookSecretOut},
        is_write=True,
    )
    def post(self, request: Request) -> Response:
        """Send events to an address from now on."""
        told, now = self.body(WebhookIn), timezone.now()
        made = webhooks.subscribe(
            url=told.url, description=told.description, events=told.events, by=self.person, at=now
        )
        return Response(_with_secret(made, at=now), status=HTTPStatus.CREATED)


class WebhookView(WebhookBase):
    """One endpoint."""

    @described("read_webhook", tag="webhooks", answers={200: WebhookOut})
    def get(self, request: Request, code: str) -> Response:
        """Tell where it is and how it is doing."""
        return Response(_endpoint(self.endpoint(code)))

    @described("change_webhook", tag="webhooks", body=WebhookPatch, answers={200: WebhookOut}, is_write=True)
    def patch(self, request: Request, code: str) -> Response:
        """Change it, switch it off or on."""
        endpoint = self.endpoint(code)
        told = structs.asdict(self.body(WebhookPatch))
        given = {name: value for name, value in told.items() if value is not UNSET}
        return Response(_endpoint(webhooks.change(endpoint=endpoint, by=self.person, at=timezone.now(), **given)))


class RotateSecretEndpoint(WebhookBase):
    """The secret of an endpoint."""

    @described("rotate_webhook_secret", tag="webhooks", answers={200: WebhookSecretOut}, is_write=True)
    def post(self, request: Request, code: str) -> Response:
        """Make a new secret; for 24 hours messages are signed by the old one too."""
        now = timezone.now()
        return Response(_with_secret(webhooks.rotate(endpoint=self.endpoint(code), by=self.person, at=now), at=now))


class TryWebhookEndpoint(WebhookBase):
    """A try of an endpoint."""

    @described("test_webhook", tag="webhooks", answers={202: DeliveryOut}, is_write=True)
    def post(self, request: Request, code: str) -> Response:
        """Send a message of the type webhook.test."""
        sent = webhooks.send_test(endpoint=self.endpoint(code), by=self.person, at=timezone.now())
        return Response(_delivery(sent), status=HTTPStatus.ACCEPTED)


class ReplayWebhookEndpoint(WebhookBase):
    """What an endpoint has missed."""

    @described(
        "replay_webhook",
        tag="webhooks",
        body=ReplayIn,
        example={"after": 0},
        answers={202: Replayed},
        is_write=True,
    )
    def post(self, request: Request, code: str) -> Response:
        """Send everything that happened after an event once more."""
        after = self.body(ReplayIn).after
        count = webhooks.replay(endpoint=self.endpoint(code), after=after, by=self.person, at=timezone.now())
        return Response(Replayed(messages=count), status=HTTPStatus.ACCEPTED)


class DeliveriesEndpoint(WebhookBase):
    """What was sent to an endpoint."""

    parameters: ClassVar[Mapping[str, frozenset[str]]] = {"GET": frozenset({"before", "limit"})}

    @described(
        "list_deliveries",
        tag="webhooks",
        answers={200: DeliveryList},
        parameters=[
            query("before", "`next` of the page before", {"type": "integer", "minimum": 1, "maximum": GREATEST}),
            query("limit", "how many, 50 unless said", {"type": "integer", "minimum": 1, "maximum": LONGEST_PAGE}),
        ],
    )
    def get(self, request: Request, code: str) -> Response:
        """List what was sent, the newest first, with every try of the last 30 days."""
        before = whole_number(request, name="before", default=GREATEST, least=1, most=GREATEST)
        limit = whole_number(request, name="limit", default=PAGE, least=1, most=LONGEST_PAGE)
        page = deliveries_of(endpoint=self.endpoint(code), before=before, limit=limit)
        return Response(DeliveryList(items=[_delivery(one) for one in page.deliveries], next=page.older))


class RedeliverEndpoint(WebhookBase):
    """One delivery."""

    @described("redeliver", tag="webhooks", answers={202: DeliveryOut}, is_write=True)
    def post(self, request: Request, code: str) -> Response:
        """Send it once more."""
        found = delivery_of(code=code)
        if found is None:
            raise Http404
        sent = webhooks.redeliver(delivery=found, by=self.person, at=timezone.now())
        return Response(_delivery(sent), status=HTTPStatus.ACCEPTED)


def _endpoint(endpoint: WebhookEndpoint) -> WebhookOut:
    return WebhookOut(
        id=endpoint.code,
        url=endpoint.url,
        description=endpoint.description,
        events=[EventType(event) for event in endpoint.events],
        is_enabled=endpoint.disabled_at is None,
        disabled_reason=endpoint.disabled_reason,
        failing_since=endpoint.failing_since_at,
        old_secret_signs_until=endpoint.previous_until_at,
        created_at=endpoint.created_at,
    )


def _with_secret(endpoint: WebhookEndpoint, *, at: datetime) -> WebhookSecretOut:
    return WebhookSecretOut(**structs.asdict(_endpoint(endpoint)), secret=secrets_of(endpoint=endpoint, at=at)[0])


def _delivery(delivery: WebhookDelivery) -> DeliveryOut:
    event = delivery.event
    return DeliveryOut(
        id=delivery.code,
        message_id=delivery.message_id,
        type=event.type if event else TEST_TYPE,
        event=event.number if event else None,
        state=DeliveryState(delivery.state),
        attempts=delivery.attempts,
        due_at=delivery.due_at if delivery.done_at is None else None,
        last_status=delivery.last_status,
        last_error=delivery.last_error,
        created_at=delivery.created_at,
        done_at=delivery.done_at,
        tries=[_try(one) for one in delivery.tries.all()],
    )


def _try(one: WebhookAttempt) -> TryOut:
    return TryOut(at=one.at, status=one.status, error=one.error, milliseconds=one.milliseconds)
