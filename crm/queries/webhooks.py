"""Endpoints of other systems, what was sent to them, and what they verify it by."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar
from uuid import UUID

from django.conf import settings
from django.db import models
from django.db.models import Count, Q

from crm.models import WebhookDelivery, WebhookEndpoint
from crm.rules.signing import secret_of
from crm.rules.webhooks import DeliveryState

PAGE = 50

M = TypeVar("M", WebhookEndpoint, WebhookDelivery)


@dataclass(frozen=True, slots=True)
class EndpointLine:
    """An endpoint, and how much waits for it or was given up."""

    endpoint: WebhookEndpoint
    waiting: int
    failed: int


@dataclass(frozen=True, slots=True)
class DeliveryPage:
    """Some deliveries, the newest first; `older` is what to ask for next."""

    deliveries: Sequence[WebhookDelivery]
    older: int | None


def endpoint_lines() -> list[EndpointLine]:
    """List every endpoint with the number of its open ends."""
    counted = WebhookEndpoint.objects.annotate(
        waiting=Count("deliveries", filter=Q(deliveries__state=DeliveryState.WAITING)),
        failed=Count("deliveries", filter=Q(deliveries__state=DeliveryState.FAILED)),
    )
    return [EndpointLine(endpoint, endpoint.waiting, endpoint.failed) for endpoint in counted]


def endpoint_of(*, code: str) -> WebhookEndpoint | None:
    """Find an endpoint by its public name."""
    return _by_code(WebhookEndpoint.objects.all(), code, "wh_")


def delivery_of(*, code: str) -> WebhookDelivery | None:
    """Find a delivery by its public name."""
    return _by_code(WebhookDelivery.objects.select_related("endpoint", "event"), code, "dl_")


def deliveries_of(*, endpoint: WebhookEndpoint, before: int | None = None, limit: int = PAGE) -> DeliveryPage:
    """List what was sent to an endpoint, the newest first, with its tries."""
    found = endpoint.deliveries.select_related("event").prefetch_related("tries").order_by("-id")
    if before is not None:
        found = found.filter(pk__lt=before)
    page = list(found[: limit + 1])
    return DeliveryPage(page[:limit], page[limit - 1].pk if len(page) > limit else None)


def secrets_of(*, endpoint: WebhookEndpoint, at: datetime) -> list[str]:
    """List the secrets that sign at an instant: the newest first, and during an overlap the one before it."""
    return [
        secret_of(key=settings.SECRET_KEY, endpoint=endpoint.code, generation=generation)
        for generation in endpoint.generations(at=at)
    ]


def _by_code(rows: models.QuerySet[M], code: str, prefix: str) -> M | None:
    try:
        public_id = UUID(hex=code.removeprefix(prefix)) if code.startswith(prefix) else None
    except ValueError:
        return None
    return rows.filter(public_id=public_id).first() if public_id else None
