"""Send something now because a person asks for it: once more, everything since an event, a test."""

from datetime import datetime
from uuid import uuid4

from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from crm.models import Event, User, WebhookDelivery, WebhookEndpoint
from crm.operations import audit, events, jobs
from crm.operations.rights import require_administrator
from crm.operations.webhooks.endpoints import hold
from crm.rules.errors import DomainError
from crm.rules.webhooks import DeliveryState

MOST_REPLAYED = 10_000


class EndpointIsDisabled(DomainError):
    """Sending to what is switched off."""

    def __init__(self) -> None:
        super().__init__("webhook_disabled", _("This webhook is switched off: switch it on first."))


class TooMuchToReplay(DomainError):
    """A replay that would be sent for days."""

    def __init__(self) -> None:
        message = _("More than 10,000 events happened since: read them from the feed, or begin later.")
        super().__init__("too_much_to_replay", message, "after")


@transaction.atomic
def redeliver(*, delivery: WebhookDelivery, by: User | None, at: datetime) -> WebhookDelivery:
    """Send a message once more, with all its tries before it again."""
    require_administrator(by=by)
    _hold_enabled(delivery.endpoint)
    delivery = WebhookDelivery.objects.select_for_update(no_key=True).get(pk=delivery.pk)
    _restart(WebhookDelivery.objects.filter(pk=delivery.pk), at=at)
    audit.record(action="webhook.redeliver", obj=delivery, by=by, at=at, changes={"message": delivery.message_id})
    jobs.wake_after_commit(at=at)
    delivery.refresh_from_db()
    return delivery


@transaction.atomic
def replay(*, endpoint: WebhookEndpoint, after: int, by: User | None, at: datetime) -> int:
    """Send everything that happened after an event once more, also what was never sent; return how many messages."""
    require_administrator(by=by)
    endpoint = _hold_enabled(endpoint)
    wanted = Event.objects.filter(number__gt=after)
    if endpoint.events:
        wanted = wanted.filter(type__in=endpoint.events)
    known = wanted.order_by("number").values_list("pk", "number")[: MOST_REPLAYED + 1]
    found = {pk: number for pk, number in known if number is not None}
    if len(found) > MOST_REPLAYED:
        raise TooMuchToReplay
    _restart(endpoint.deliveries.filter(event__in=wanted.values("pk")), at=at)
    WebhookDelivery.objects.bulk_create(
        (
            WebhookDelivery(
                endpoint=endpoint,
                event_id=pk,
                message_id=events.message_id(number=number),
                due_at=at,
                created_at=at,
            )
            for pk, number in found.items()
        ),
        batch_size=events.BATCH,
        ignore_conflicts=True,  # those are the ones restarted above
    )
    audit.record(action="webhook.replay", obj=endpoint, by=by, at=at, changes={"after": after, "messages": len(found)})
    jobs.wake_after_commit(at=at)
    return len(found)


@transaction.atomic
def send_test(*, endpoint: WebhookEndpoint, by: User | None, at: datetime) -> WebhookDelivery:
    """Send a message that tells of nothing, to see whether it arrives."""
    require_administrator(by=by)
    endpoint = _hold_enabled(endpoint)
    delivery = WebhookDelivery.objects.create(
        endpoint=endpoint, message_id=f"evt_test_{uuid4().hex}", due_at=at, created_at=at
    )
    audit.record(action="webhook.test", obj=endpoint, by=by, at=at)
    jobs.wake_after_commit(at=at)
    return delivery


def _hold_enabled(endpoint: WebhookEndpoint) -> WebhookEndpoint:
    endpoint = hold(endpoint=endpoint)
    if endpoint.disabled_at is not None:
        raise EndpointIsDisabled
    if endpoint.rests_until_at is not None:  # whoever asks has mended something
        endpoint.rests_until_at = None
        endpoint.save(update_fields=["rests_until_at"])
    return endpoint


def _restart(deliveries: QuerySet[WebhookDelivery], *, at: datetime) -> None:
    deliveries.update(state=DeliveryState.WAITING, attempts=0, due_at=at, done_at=None)
