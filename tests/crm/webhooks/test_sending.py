"""Webhooks as a receiver sees them: signed, the same at every try, tried again until they are taken."""

import json
from datetime import UTC, datetime, timedelta

import pytest
from django.conf import LazySettings

from crm.models import AuditEvent, User, WebhookDelivery, WebhookEndpoint
from crm.operations import jobs, webhooks
from crm.rules.events import EventType
from crm.rules.webhooks import DeliveryState
from tests.crm.webhooks.receivers import Receiver, happen, secret

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("receivers_are_inside")]


def delivery() -> WebhookDelivery:
    return WebhookDelivery.objects.get()


def test_an_event_arrives_signed_and_says_what_the_feed_says(
    endpoint: WebhookEndpoint, receiver: Receiver, now: datetime
) -> None:
    happen(now)
    jobs.drain(at=now)
    (letter,) = receiver.letters
    told = letter.read(secret(endpoint, now))
    assert (told["type"], told["data"]["number"], told["data"]["lead"]) == ("lead.judged", 1, "ld_1")
    assert told["data"]["data"] == {"verdict": "target"}
    assert datetime.fromisoformat(told["timestamp"]) == now
    assert (letter.path, letter.headers["host"]) == ("/hooks?from=razbor", f"127.0.0.1:{receiver.port}")
    assert letter.headers["content-type"] == "application/json"
    sent = delivery()
    assert (sent.state, sent.attempts, sent.last_status, sent.message_id) == ("delivered", 1, 200, "evt_1")
    assert [(one.status, one.error) for one in sent.tries.all()] == [(200, "")]


def test_only_the_events_asked_for_arrive(receiver: Receiver, admin: User, now: datetime) -> None:
    webhooks.subscribe(url=receiver.url, events=[EventType.WON], by=admin, at=now)
    for type in EventType:
        happen(now, type)
    jobs.drain(at=now)
    assert [json.loads(letter.body)["type"] for letter in receiver.letters] == ["lead.won"]


def test_a_message_is_the_same_at_every_try(endpoint: WebhookEndpoint, receiver: Receiver, now: datetime) -> None:
    receiver.statuses = [500, 200]
    happen(now)
    jobs.drain(at=now)
    jobs.drain(at=now + timedelta(seconds=10))
    first, second = receiver.letters
    assert (first.body, first.headers["webhook-id"]) == (second.body, second.headers["webhook-id"])
    assert second.read(secret(endpoint, now))


@pytest.mark.parametrize("status", [400, 429, 500, 503])
def test_a_refused_message_is_tried_again_until_it_is_taken(
    status: int, endpoint: WebhookEndpoint, receiver: Receiver, now: datetime
) -> None:
    receiver.statuses = [status, 200]
    happen(now)
    jobs.drain(at=now)
    sent = delivery()
    assert (sent.state, sent.last_status, len(receiver.letters)) == ("waiting", status, 1)
    assert timedelta(seconds=5) <= sent.due_at - now < timedelta(seconds=10)
    endpoint.refresh_from_db()
    assert endpoint.is_failing
    jobs.drain(at=now + timedelta(seconds=4))
    assert len(receiver.letters) == 1
    jobs.drain(at=sent.due_at + timedelta(seconds=1))
    assert delivery().state == DeliveryState.DELIVERED
    endpoint.refresh_from_db()
    assert not endpoint.is_failing


def test_a_receiver_that_asks_to_wait_is_left_alone_so_long(
    endpoint: WebhookEndpoint, receiver: Receiver, now: datetime
) -> None:
    receiver.statuses, receiver.headers = [429, 200], {"Retry-After": "120"}
    happen(now)
    jobs.drain(at=now)
    jobs.drain(at=now + timedelta(seconds=110))
    assert len(receiver.letters) == 1
    jobs.drain(at=now + timedelta(seconds=125))
    assert len(receiver.letters) == 2


def test_during_the_overlap_a_message_is_signed_by_both_secrets_and_then_by_the_new_one(
    endpoint: WebhookEndpoint, receiver: Receiver, admin: User, now: datetime
) -> None:
    # Receivers refuse old signatures, so the day passes before the message rather than after it.
    old = secret(endpoint, now)
    endpoint = webhooks.rotate(endpoint=endpoint, by=admin, at=now - timedelta(hours=23))
    new = secret(endpoint, now)
    assert new != old
    happen(now)
    jobs.drain(at=now)
    assert (receiver.letters[0].is_signed_by(old), receiver.letters[0].is_signed_by(new)) == (True, True)
    WebhookEndpoint.objects.update(previous_until_at=now - timedelta(minutes=1))
    happen(now)
    jobs.drain(at=now)
    assert (receiver.letters[1].is_signed_by(old), receiver.letters[1].is_signed_by(new)) == (False, True)


def test_secrets_are_stored_nowhere_and_differ_between_endpoints(
    endpoint: WebhookEndpoint, receiver: Receiver, admin: User, now: datetime, settings: LazySettings
) -> None:
    mine = secret(endpoint, now)
    other = webhooks.subscribe(url=receiver.url, by=admin, at=now)
    assert mine.startswith("whsec_")
    assert mine != secret(other, now)
    stored = json.dumps(list(WebhookEndpoint.objects.values()) + list(AuditEvent.objects.values()), default=str)
    assert mine.removeprefix("whsec_") not in stored
    settings.SECRET_KEY = "another"
    assert secret(endpoint, now) != mine


def test_times_of_tries_are_utc_for_the_signature(endpoint: WebhookEndpoint, receiver: Receiver) -> None:
    now = datetime.now(UTC).astimezone()
    happen(now)
    jobs.drain(at=now)
    assert abs(int(receiver.letters[0].headers["webhook-timestamp"]) - now.timestamp()) < 60
