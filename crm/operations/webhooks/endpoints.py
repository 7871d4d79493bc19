"""Endpoints of other systems: made, changed, given a new secret, switched off and on."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from django.db import transaction
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from crm.models import User, WebhookEndpoint
from crm.operations import audit, jobs
from crm.operations.rights import require_administrator
from crm.operations.webhooks.post import target_of
from crm.rules.errors import DomainError
from crm.rules.events import EventType
from crm.rules.webhooks import DisabledReason

MOST_ENDPOINTS = 20
LONGEST_DESCRIPTION = 200
OVERLAP = timedelta(hours=24)


class UnknownEvent(DomainError):
    """A subscription to what never happens."""

    def __init__(self, *, given: str) -> None:
        message = format_lazy(
            _("“{given}” is not an event. The events are: {known}."), given=given, known=", ".join(EventType)
        )
        super().__init__("unknown_event", message, "events")


class TooManyEndpoints(DomainError):
    """More endpoints than every event should be sent to."""

    def __init__(self) -> None:
        message = format_lazy(_("There are {count} webhooks already, and no more are sent to."), count=MOST_ENDPOINTS)
        super().__init__("too_many_webhooks", message)


class DescriptionIsTooLong(DomainError):
    """A description nobody would read."""

    def __init__(self) -> None:
        super().__init__("description_too_long", _("Describe it in at most 200 characters."), "description")


@transaction.atomic
def subscribe(
    *, url: str, by: User | None, at: datetime, description: str = "", events: Iterable[str] = ()
) -> WebhookEndpoint:
    """Subscribe an address to events from now on; no events named is all of them."""
    require_administrator(by=by)
    if WebhookEndpoint.objects.count() >= MOST_ENDPOINTS:
        raise TooManyEndpoints
    endpoint = WebhookEndpoint(created_at=at, created_by=by)
    _settle(endpoint, url=url, description=description, events=events)
    endpoint.save(force_insert=True)
    audit.record(action="webhook.subscribe", obj=endpoint, by=by, at=at, changes=_changes(endpoint))
    return endpoint


@transaction.atomic
def change(
    *,
    endpoint: WebhookEndpoint,
    by: User | None,
    at: datetime,
    url: str | None = None,
    description: str | None = None,
    events: Iterable[str] | None = None,
    is_enabled: bool | None = None,
) -> WebhookEndpoint:
    """Change where events go and which; what is None stays. What waits goes to the new address."""
    require_administrator(by=by)
    endpoint = hold(endpoint=endpoint)
    _settle(
        endpoint,
        url=endpoint.url if url is None else url,
        description=endpoint.description if description is None else description,
        events=endpoint.events if events is None else events,
    )
    endpoint.save()
    audit.record(action="webhook.change", obj=endpoint, by=by, at=at, changes=_changes(endpoint))
    if is_enabled is not None:
        return (enable if is_enabled else disable)(endpoint=endpoint, by=by, at=at)
    return endpoint


@transaction.atomic
def rotate(*, endpoint: WebhookEndpoint, by: User | None, at: datetime) -> WebhookEndpoint:
    """Give an endpoint a new secret; for a day messages are signed by the old one too, so that nothing is refused."""
    require_administrator(by=by)
    endpoint = hold(endpoint=endpoint)
    endpoint.generation += 1
    endpoint.previous_until_at = at + OVERLAP
    endpoint.save(update_fields=["generation", "previous_until_at"])
    audit.record(action="webhook.rotate", obj=endpoint, by=by, at=at, changes={"generation": endpoint.generation})
    return endpoint


@transaction.atomic
def disable(*, endpoint: WebhookEndpoint, by: User | None, at: datetime) -> WebhookEndpoint:
    """Send nothing more to an endpoint; what waits for it goes on waiting."""
    require_administrator(by=by)
    endpoint = hold(endpoint=endpoint)
    if endpoint.disabled_at is None:
        endpoint.disabled_at, endpoint.disabled_reason = at, DisabledReason.PERSON
        endpoint.save(update_fields=["disabled_at", "disabled_reason"])
        audit.record(action="webhook.disable", obj=endpoint, by=by, at=at, changes={"reason": DisabledReason.PERSON})
    return endpoint


@transaction.atomic
def enable(*, endpoint: WebhookEndpoint, by: User | None, at: datetime) -> WebhookEndpoint:
    """Send to an endpoint again. What happened while it was off can be replayed."""
    require_administrator(by=by)
    endpoint = hold(endpoint=endpoint)
    if endpoint.disabled_at is not None:
        endpoint.disabled_at, endpoint.disabled_reason, endpoint.rests_until_at = None, "", None
        endpoint.save(update_fields=["disabled_at", "disabled_reason", "rests_until_at"])
        audit.record(action="webhook.enable", obj=endpoint, by=by, at=at)
        jobs.wake_after_commit(at=at)
    return endpoint


def hold(*, endpoint: WebhookEndpoint) -> WebhookEndpoint:
    """Take an endpoint for oneself until the transaction ends, and read it as it is now."""
    return WebhookEndpoint.objects.select_for_update(no_key=True).get(pk=endpoint.pk)


def _settle(endpoint: WebhookEndpoint, *, url: str, description: str, events: Iterable[str]) -> None:
    endpoint.url = url.strip()
    target_of(url=endpoint.url)
    endpoint.description = " ".join(description.split())
    if len(endpoint.description) > LONGEST_DESCRIPTION:
        raise DescriptionIsTooLong
    wanted = set(events)
    if unknown := sorted(wanted - set(EventType)):
        raise UnknownEvent(given=", ".join(unknown))
    endpoint.events = [event for event in EventType if event in wanted]


def _changes(endpoint: WebhookEndpoint) -> dict[str, object]:
    """Say where to and what, without the path: it may hold the receiver's secret."""
    return {"host": target_of(url=endpoint.url).authority, "events": endpoint.events}
