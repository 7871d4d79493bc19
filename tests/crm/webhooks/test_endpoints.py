"""Endpoints of other systems: who may make them, what is refused, what is told and what is written down."""

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from django.conf import LazySettings

from crm.models import AuditEvent, User, WebhookEndpoint
from crm.operations import events, jobs, webhooks
from crm.operations.webhooks.again import EndpointIsDisabled
from crm.operations.webhooks.endpoints import (
    MOST_ENDPOINTS,
    DescriptionIsTooLong,
    TooManyEndpoints,
    UnknownEvent,
)
from crm.queries.webhooks import delivery_of, endpoint_lines, endpoint_of, secrets_of
from crm.rules.addresses import BadAddress
from crm.rules.events import EventType
from crm.rules.permissions import NotAllowed
from crm.rules.webhooks import DELAYS, DeliveryState, delay_after, rest_after

pytestmark = pytest.mark.django_db

URL = "https://example.com/hooks?key=theirs"


@pytest.fixture(autouse=True)
def nothing_is_sent(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("crm.operations.webhooks.sending.post", lambda **told: pytest.fail("sent"))


@pytest.fixture
def endpoint(admin: User, at: datetime) -> WebhookEndpoint:
    return webhooks.subscribe(url=URL, by=admin, at=at)


def happen(at: datetime, type: EventType = EventType.WON) -> None:
    events.record(type=type, lead="ld_1", source="google", data={}, occurred_at=at, at=at)
    events.publish(at=at)


def test_a_subscription_is_told_in_the_audit_without_the_path(endpoint: WebhookEndpoint, admin: User) -> None:
    audit = AuditEvent.objects.get(action="webhook.subscribe")
    assert (audit.actor_id, audit.object_id) == (admin.pk, str(endpoint.pk))
    assert audit.changes == {"host": "example.com", "events": []}


@pytest.mark.parametrize(
    ("fields", "refusal"),
    [
        ({"url": "http://example.com/"}, BadAddress),
        ({"url": "https://127.0.0.1/"}, BadAddress),
        ({"events": ["lead.vanished"]}, UnknownEvent),
        ({"description": "x" * 201}, DescriptionIsTooLong),
    ],
)
def test_what_could_not_work_is_refused(
    fields: dict[str, object], refusal: type[Exception], endpoint: WebhookEndpoint, admin: User, at: datetime
) -> None:
    with pytest.raises(refusal):
        webhooks.subscribe(**{"url": URL, "by": admin, "at": at, **fields})  # type: ignore[arg-type]
    with pytest.raises(refusal):
        webhooks.change(endpoint=endpoint, by=admin, at=at, **fields)  # type: ignore[arg-type]
    endpoint.refresh_from_db()
    assert (WebhookEndpoint.objects.count(), endpoint.url) == (1, URL)


def test_plain_http_is_for_installations_without_tls(admin: User, at: datetime, settings: LazySettings) -> None:
    settings.ALLOW_PLAIN_HTTP = True
    assert webhooks.subscribe(url="http://example.com/", by=admin, at=at).pk


def test_there_is_an_end_to_what_every_event_is_sent_to(admin: User, at: datetime) -> None:
    for _number in range(MOST_ENDPOINTS):
        webhooks.subscribe(url=URL, by=admin, at=at)
    with pytest.raises(TooManyEndpoints):
        webhooks.subscribe(url=URL, by=admin, at=at)


@pytest.mark.parametrize(
    "act",
    [
        lambda endpoint, **who: webhooks.subscribe(url=URL, **who),
        lambda endpoint, **who: webhooks.change(endpoint=endpoint, url=URL, **who),
        lambda endpoint, **who: webhooks.rotate(endpoint=endpoint, **who),
        lambda endpoint, **who: webhooks.disable(endpoint=endpoint, **who),
        lambda endpoint, **who: webhooks.enable(endpoint=endpoint, **who),
        lambda endpoint, **who: webhooks.send_test(endpoint=endpoint, **who),
        lambda endpoint, **who: webhooks.replay(endpoint=endpoint, after=0, **who),
        lambda endpoint, **who: webhooks.redeliver(delivery=endpoint.deliveries.get(), **who),
    ],
)
def test_only_an_administrator_acts(
    act: Callable[..., object], endpoint: WebhookEndpoint, head: User, admin: User, at: datetime
) -> None:
    happen(at)
    before = AuditEvent.objects.count()
    with pytest.raises(NotAllowed):
        act(endpoint, by=head, at=at)
    assert AuditEvent.objects.count() == before
    act(endpoint, by=admin, at=at)


@pytest.mark.parametrize("act", [webhooks.rotate, webhooks.disable, webhooks.send_test])
def test_every_change_leaves_one_line_in_the_audit(
    act: Callable[..., object], endpoint: WebhookEndpoint, admin: User, at: datetime
) -> None:
    before = AuditEvent.objects.count()
    act(endpoint=endpoint, by=admin, at=at)
    assert AuditEvent.objects.count() == before + 1


def test_events_of_before_an_endpoint_are_not_sent_to_it_and_those_after_are(
    endpoint: WebhookEndpoint, admin: User, at: datetime
) -> None:
    happen(at)
    later = webhooks.subscribe(url=URL, events=[EventType.LOST, EventType.WON], by=admin, at=at)
    happen(at, EventType.MOVED)
    happen(at, EventType.LOST)
    assert sorted(endpoint.deliveries.values_list("message_id", flat=True)) == ["evt_1", "evt_2", "evt_3"]
    assert list(later.deliveries.values_list("message_id", flat=True)) == ["evt_3"]


def test_nothing_is_made_for_an_endpoint_that_is_off_and_what_waits_goes_on_waiting(
    endpoint: WebhookEndpoint, admin: User, at: datetime
) -> None:
    happen(at)
    webhooks.disable(endpoint=endpoint, by=admin, at=at)
    happen(at)
    jobs.drain(at=at)  # nothing is sent, as the fixture would say
    assert [(line.waiting, line.failed) for line in endpoint_lines()] == [(1, 0)]
    for act in (webhooks.send_test, lambda **told: webhooks.replay(after=0, **told)):
        with pytest.raises(EndpointIsDisabled):
            act(endpoint=endpoint, by=admin, at=at)


def test_replay_restarts_what_was_sent_and_makes_what_was_not(
    endpoint: WebhookEndpoint, admin: User, at: datetime
) -> None:
    for _number in range(2):
        happen(at)
    webhooks.disable(endpoint=endpoint, by=admin, at=at)
    happen(at)
    webhooks.enable(endpoint=endpoint, by=admin, at=at)
    endpoint.deliveries.update(state=DeliveryState.DELIVERED, done_at=at, attempts=3)
    later = at + timedelta(hours=1)
    assert webhooks.replay(endpoint=endpoint, after=1, by=admin, at=later) == 2
    found = endpoint.deliveries.order_by("message_id").values_list("message_id", "state", "attempts")
    assert list(found) == [("evt_1", "delivered", 3), ("evt_2", "waiting", 0), ("evt_3", "waiting", 0)]
    assert webhooks.replay(endpoint=endpoint, after=99, by=admin, at=later) == 0


def test_redeliver_begins_all_tries_anew_and_lets_the_receiver_rest_no_longer(
    endpoint: WebhookEndpoint, admin: User, at: datetime
) -> None:
    happen(at)
    endpoint.deliveries.update(state=DeliveryState.FAILED, done_at=at, attempts=10)
    WebhookEndpoint.objects.update(rests_until_at=at + timedelta(hours=1))
    later = at + timedelta(hours=1)
    sent = webhooks.redeliver(delivery=endpoint.deliveries.get(), by=admin, at=later)
    assert (sent.state, sent.attempts, sent.due_at, sent.done_at) == ("waiting", 0, later, None)
    endpoint.refresh_from_db()
    assert endpoint.rests_until_at is None


def test_rotation_overlaps_for_a_day(endpoint: WebhookEndpoint, admin: User, at: datetime) -> None:
    (old,) = secrets_of(endpoint=endpoint, at=at)
    endpoint = webhooks.rotate(endpoint=endpoint, by=admin, at=at)
    assert secrets_of(endpoint=endpoint, at=at + timedelta(hours=23))[1:] == [old]
    assert old not in secrets_of(endpoint=endpoint, at=at + timedelta(hours=24))


def test_tries_spread_over_three_days_and_are_shifted_a_little() -> None:
    assert (len(DELAYS), sum(DELAYS, timedelta())) == (10, timedelta(hours=75, minutes=35, seconds=5))
    for attempts in range(10):
        told = [delay_after(attempts=attempts, message_id=f"evt_{number}") for number in range(50)]
        assert all(delay is not None and DELAYS[attempts] <= delay <= DELAYS[attempts] * 1.05 for delay in told)
        assert attempts == 0 or len(set(told)) > 40
    assert delay_after(attempts=10, message_id="evt_1") is None


def test_a_receiver_that_is_down_is_asked_ever_more_rarely() -> None:
    assert [rest_after(failures=number).total_seconds() for number in (1, 2, 3, 6, 7, 1000)] == [
        5,
        10,
        20,
        160,
        300,
        300,
    ]


@pytest.mark.parametrize("code", ["", "wh_", "wh_x", "dl_0", "wh_" + "0" * 32, "dl_" + "0" * 32])
def test_a_name_of_nothing_finds_nothing(code: str) -> None:
    assert endpoint_of(code=code) is None
    assert delivery_of(code=code) is None
