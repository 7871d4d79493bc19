"""Send what waits: claimed in one short transaction, sent outside of any, recorded in another.

A worker killed between them leaves a claim that runs out: the message is sent once more, never lost.
"""

import time
from datetime import datetime, timedelta

import msgspec
from django.db import connection, transaction

from crm.models import Event, WebhookAttempt, WebhookDelivery, WebhookEndpoint
from crm.operations import audit, jobs
from crm.operations.webhooks.post import Sent, post
from crm.queries.webhooks import secrets_of
from crm.rules.events import TEST_TYPE
from crm.rules.signing import signed_headers
from crm.rules.webhooks import (
    DeliveryState,
    DisabledReason,
    delay_after,
    is_gone,
    is_overloaded,
    is_taken,
    rest_after,
)

CLAIM = timedelta(minutes=1)  # several times as long as one try may take
MOST_A_DRAIN = 200
LONGEST_DRAIN_SECONDS = 15.0
LONGEST_RETRY_AFTER = 3600


@jobs.after_drain
def send_due(*, at: datetime) -> int:
    """Send what is due, to each endpoint in turn so that a slow one does not hold up the others."""
    started, sent = time.monotonic(), 0
    while sent < MOST_A_DRAIN:
        before = sent
        for endpoint in _open_endpoints(at=at + _since(started)):
            if _since(started).total_seconds() > LONGEST_DRAIN_SECONDS:
                return sent
            sent += _send_next(endpoint, at=at, started=started)
        if sent == before:
            break
    return sent


def message_of(*, delivery: WebhookDelivery) -> bytes:
    """Write what a delivery says: the same bytes at every try."""
    event = delivery.event
    if event is None:
        body = {"type": TEST_TYPE, "timestamp": delivery.created_at, "data": {"endpoint": delivery.endpoint.code}}
    else:
        body = {"type": event.type, "timestamp": event.occurred_at, "data": event_told(event=event)}
    return msgspec.json.encode(body)


def event_told(*, event: Event) -> dict[str, object]:
    """Write an event as the feed and the webhooks tell it."""
    return {
        "number": event.number,
        "type": event.type,
        "lead": event.lead,
        "source": event.source,
        "occurred_at": event.occurred_at,
        "recorded_at": event.recorded_at,
        "data": event.data,
    }


def _since(started: float) -> timedelta:
    return timedelta(seconds=time.monotonic() - started)


def _open_endpoints(*, at: datetime) -> list[WebhookEndpoint]:
    """List the endpoints that something is due for; those that take what they are sent come first."""
    due = WebhookDelivery.objects.filter(state=DeliveryState.WAITING, due_at__lte=at)
    found = WebhookEndpoint.objects.filter(disabled_at__isnull=True, pk__in=due.values("endpoint"))
    return list(found.exclude(rests_until_at__gt=at).order_by("failures", "id"))


def _send_next(endpoint: WebhookEndpoint, *, at: datetime, started: float) -> int:
    delivery = _claim(endpoint, at=at + _since(started))
    if delivery is None:
        return 0
    body = message_of(delivery=delivery)
    sent_at = at + _since(started)
    headers = signed_headers(
        message_id=delivery.message_id,
        body=body.decode(),
        secrets=secrets_of(endpoint=endpoint, at=sent_at),
        at=sent_at,
    )
    sent = post(url=endpoint.url, headers=headers, body=body)
    _record(delivery, sent, at=at + _since(started))
    return 1


@transaction.atomic
def _claim(endpoint: WebhookEndpoint, *, at: datetime) -> WebhookDelivery | None:
    """Take the delivery that has waited longest, so that nobody else sends it while we do."""
    delivery = (
        WebhookDelivery.objects.filter(endpoint=endpoint, state=DeliveryState.WAITING, due_at__lte=at)
        .select_for_update(skip_locked=connection.features.has_select_for_update_skip_locked)
        .order_by("due_at", "id")
        .first()
    )
    if delivery is not None:
        delivery.attempts += 1
        delivery.due_at = at + CLAIM
        delivery.save(update_fields=["attempts", "due_at"])
        delivery.endpoint = endpoint
    return delivery


@transaction.atomic
def _record(claimed: WebhookDelivery, sent: Sent, *, at: datetime) -> None:
    """Write down how a try ended, and when the next one is."""
    # Always the endpoint first, then its delivery: two workers that end at once then never wait for each other.
    endpoint = WebhookEndpoint.objects.select_for_update(no_key=True).get(pk=claimed.endpoint_id)
    delivery = WebhookDelivery.objects.select_for_update(no_key=True).filter(pk=claimed.pk).first()
    if delivery is None:
        return
    WebhookAttempt.objects.create(
        delivery=delivery, at=at, status=sent.status, error=sent.error or "", milliseconds=sent.milliseconds
    )
    delivery.last_status, delivery.last_error = sent.status, sent.error or ""
    if is_taken(status=sent.status):
        _end(delivery, DeliveryState.DELIVERED, at=at)
        _note_success(endpoint)
    else:
        if delivery.state == DeliveryState.WAITING:  # what another worker has delivered meanwhile is delivered
            _put_off(delivery, at=at, is_gone=is_gone(status=sent.status))
        _note_failure(endpoint, sent, at=at)
    delivery.save()


def _put_off(delivery: WebhookDelivery, *, at: datetime, is_gone: bool) -> None:
    delay = delay_after(attempts=delivery.attempts, message_id=delivery.message_id)
    if delay is None or is_gone:
        _end(delivery, DeliveryState.FAILED, at=at)
    else:
        delivery.due_at = at + delay


def _end(delivery: WebhookDelivery, state: DeliveryState, *, at: datetime) -> None:
    delivery.state, delivery.done_at = state, at


def _note_success(endpoint: WebhookEndpoint) -> None:
    if endpoint.failures:
        endpoint.failures, endpoint.failing_since_at, endpoint.rests_until_at = 0, None, None
        endpoint.save(update_fields=["failures", "failing_since_at", "rests_until_at"])


def _note_failure(endpoint: WebhookEndpoint, sent: Sent, *, at: datetime) -> None:
    endpoint.failures += 1
    endpoint.failing_since_at = endpoint.failing_since_at or at
    if is_overloaded(status=sent.status):
        asked = timedelta(seconds=min(sent.retry_after_seconds, LONGEST_RETRY_AFTER))
        endpoint.rests_until_at = at + max(rest_after(failures=endpoint.failures), asked)
    if is_gone(status=sent.status) and endpoint.disabled_at is None:
        endpoint.disabled_at, endpoint.disabled_reason = at, DisabledReason.GONE
        audit.record(action="webhook.disable", obj=endpoint, by=None, at=at, changes={"reason": "gone"})
    endpoint.save()
