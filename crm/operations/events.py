"""Tell other systems what happened: written with the change, numbered and handed to subscribers after the commit."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from django.db import transaction
from django.db.models import Case, F, Value, When

from crm.models import Event, EventHead, WebhookDelivery, WebhookEndpoint
from crm.operations import jobs
from crm.operations.rows import Rows
from crm.rules.events import EventType

BATCH = 1000
MOST_BATCHES = 20


def record(
    *,
    type: EventType,
    lead: str,
    source: str,
    data: Mapping[str, object],
    occurred_at: datetime,
    at: datetime,
    rows: Rows | None = None,
) -> Event:
    """Write down what happened to a lead, in the transaction of the change; told to others after it commits.

    With `rows` it waits among them and is written when they are.
    """
    event = Event(type=type, lead=lead, source=source, data=dict(data), occurred_at=occurred_at, recorded_at=at)
    if rows is not None:
        rows.after_writing(jobs.wake_after_commit, at=at)
        return rows.add(event)
    event.save(force_insert=True)
    jobs.wake_after_commit(at=at)
    return event


@jobs.on_drain
def publish(*, at: datetime) -> int:
    """Number what was committed since the last time, and make its deliveries; return how many events."""
    published = 0
    for _batch in range(MOST_BATCHES):
        if not Event.objects.filter(number__isnull=True).exists():
            break
        count = _publish_batch(at=at)
        published += count
        if count < BATCH:
            break
    return published


@transaction.atomic
def _publish_batch(*, at: datetime) -> int:
    """Number one batch while nobody else does.

    The head is held first and the events are read after: what another publisher has numbered meanwhile is seen as
    numbered. What commits later gets a higher number, whatever its id.
    """
    head = EventHead.objects.select_for_update().get_or_create(pk=1)[0]
    events = list(Event.objects.filter(number__isnull=True).order_by("id").only("id", "type")[:BATCH])
    if not events:
        return 0
    ids = [event.pk for event in events]
    Event.objects.filter(number__isnull=True, pk__in=ids).update(
        number=F("pk") + Case(*_offsets(ids, head.last_number), default=Value(0))
    )
    _make_deliveries(events, first_number=head.last_number + 1, at=at)
    head.last_number += len(events)
    head.save(update_fields=["last_number"])
    return len(events)


def _offsets(ids: Sequence[int], last_number: int) -> list[When]:
    """Say by how much number and id differ, once for every run of ids without a gap: almost always one run."""
    runs: list[tuple[int, int]] = []
    for number, pk in enumerate(ids, start=last_number + 1):
        if runs and number - pk == runs[-1][1]:
            runs[-1] = (pk, runs[-1][1])
        else:
            runs.append((pk, number - pk))
    return [When(pk__lte=last, then=Value(offset)) for last, offset in runs]


def _make_deliveries(events: Sequence[Event], *, first_number: int, at: datetime) -> None:
    endpoints = list(WebhookEndpoint.objects.filter(disabled_at__isnull=True))
    WebhookDelivery.objects.bulk_create(
        (
            WebhookDelivery(
                endpoint=endpoint, event_id=event.pk, message_id=message_id(number=number), due_at=at, created_at=at
            )
            for number, event in enumerate(events, start=first_number)
            for endpoint in endpoints
            if endpoint.wants(event.type)
        ),
        batch_size=BATCH,
    )


def message_id(*, number: int) -> str:
    """Name the message that tells an event: its number in the feed, so both can be compared."""
    return f"evt_{number}"
