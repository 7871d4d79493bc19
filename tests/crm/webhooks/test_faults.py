"""Receivers that are down, slow or gone, and workers that die: nothing is lost, nobody is waited for."""

import socket
import threading
from datetime import datetime, timedelta

import pytest
from django.db import connection

from crm.models import AuditEvent, User, WebhookAttempt, WebhookDelivery, WebhookEndpoint
from crm.operations import events, jobs, webhooks
from crm.operations.webhooks import post, sending
from crm.rules.webhooks import DELAYS, DeliveryState, SendError
from tests.crm.webhooks.receivers import Receiver, dribble, happen, receiving

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("receivers_are_inside")]

needs_skip_locked = pytest.mark.skipif("not connection.features.has_select_for_update_skip_locked")


def delivery() -> WebhookDelivery:
    return WebhookDelivery.objects.get()


def test_a_receiver_down_for_three_days_gets_ten_tries_and_is_given_up(
    endpoint: WebhookEndpoint, receiver: Receiver, now: datetime
) -> None:
    receiver.statuses = [503]
    happen(now)
    at = now
    for _try in DELAYS:
        jobs.drain(at=at)
        at = delivery().due_at
    sent = delivery()
    assert (sent.state, sent.attempts, len(receiver.letters)) == ("failed", 10, 10)
    assert sent.done_at is not None
    assert timedelta(hours=75) < sent.done_at - now < timedelta(hours=80)
    endpoint.refresh_from_db()
    assert (endpoint.is_failing, endpoint.disabled_at) == (True, None)
    jobs.drain(at=at + timedelta(days=365))
    assert len(receiver.letters) == 10


def test_what_happened_while_a_receiver_was_down_arrives_once_it_is_up(
    receiver: Receiver, admin: User, now: datetime
) -> None:
    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))
        endpoint = webhooks.subscribe(url=f"http://127.0.0.1:{nobody.getsockname()[1]}/", by=admin, at=now)
        for _event in range(30):
            happen(now)
        jobs.drain(at=now)
    # One try told that it is down; the other 29 messages have not cost a try each.
    assert [one.error for one in WebhookAttempt.objects.all()] == [SendError.NO_CONNECTION]
    webhooks.change(endpoint=endpoint, url=receiver.url, by=admin, at=now)  # where it is up
    jobs.drain(at=now + timedelta(minutes=1))
    assert sorted(receiver.ids) == sorted(f"evt_{number}" for number in range(1, 31))
    assert not WebhookDelivery.objects.exclude(state=DeliveryState.DELIVERED).exists()


def test_a_receiver_that_is_gone_is_switched_off_at_once(
    endpoint: WebhookEndpoint, receiver: Receiver, now: datetime
) -> None:
    receiver.statuses = [410]
    happen(now)
    happen(now)
    jobs.drain(at=now)
    jobs.drain(at=now + timedelta(days=1))
    assert len(receiver.letters) == 1
    endpoint.refresh_from_db()
    assert (endpoint.disabled_reason, endpoint.disabled_at is not None) == ("gone", True)
    assert AuditEvent.objects.get(action="webhook.disable").actor_id is None


@pytest.mark.parametrize("kind", ["silent", "dribbling"])
def test_a_slow_receiver_is_not_waited_for(
    kind: str, endpoint: WebhookEndpoint, receiver: Receiver, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(post, "TOTAL_SECONDS", 0.4)
    released = threading.Event()
    receiver.before_answering = dribble if kind == "dribbling" else lambda handler: bool(released.wait(20))
    happen(now)
    jobs.drain(at=now)
    released.set()
    (tried,) = WebhookAttempt.objects.all()
    assert (tried.status, tried.error) == (None, SendError.TIMEOUT)
    assert 400 <= tried.milliseconds < 3000
    assert delivery().state == DeliveryState.WAITING


def test_an_endless_answer_is_read_no_further_than_its_status(
    endpoint: WebhookEndpoint, receiver: Receiver, now: datetime
) -> None:
    def pour(handler: object) -> None:
        handler.wfile.write(b"HTTP/1.1 200 OK\r\n\r\n" + b"x" * 1_000_000)  # type: ignore[attr-defined]

    receiver.before_answering = pour
    happen(now)
    jobs.drain(at=now)
    assert delivery().state == DeliveryState.DELIVERED


def test_what_is_not_http_is_a_failed_try(admin: User, now: datetime) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:

        def answer() -> None:
            peer, _address = server.accept()
            with peer:
                peer.recv(65536)
                peer.sendall(b"220 smtp ready\r\n")

        thread = threading.Thread(target=answer)
        thread.start()
        webhooks.subscribe(url=f"http://127.0.0.1:{server.getsockname()[1]}/", by=admin, at=now)
        happen(now)
        jobs.drain(at=now)
        thread.join()
    assert WebhookAttempt.objects.get().error == SendError.BAD_ANSWER


def test_a_slow_endpoint_does_not_hold_up_the_others(
    endpoint: WebhookEndpoint, receiver: Receiver, admin: User, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(post, "TOTAL_SECONDS", 0.3)
    released = threading.Event()
    receiver.before_answering = lambda handler: bool(released.wait(20))
    with receiving() as healthy:
        webhooks.subscribe(url=healthy.url, by=admin, at=now)
        for _event in range(20):
            happen(now)
        jobs.drain(at=now)
        released.set()
        assert (len(receiver.letters), len(healthy.letters)) == (1, 20)


def test_a_worker_killed_while_sending_leads_to_another_try(
    endpoint: WebhookEndpoint, receiver: Receiver, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Killed(BaseException):
        pass

    def killed(**told: object) -> None:
        raise Killed

    happen(now)
    with monkeypatch.context() as context:
        context.setattr(sending, "post", killed)
        with pytest.raises(Killed):
            jobs.drain(at=now)
    claimed = delivery()
    assert (claimed.state, claimed.attempts, claimed.due_at > now) == ("waiting", 1, True)
    jobs.drain(at=now + timedelta(seconds=5))
    assert receiver.letters == []  # it may still be on its way
    jobs.drain(at=now + timedelta(minutes=2))
    assert (receiver.ids, delivery().state) == (["evt_1"], "delivered")


def test_a_late_failure_does_not_undo_a_delivery(endpoint: WebhookEndpoint, receiver: Receiver, now: datetime) -> None:
    happen(now)
    events.publish(at=now)
    late = sending._claim(endpoint, at=now)
    assert late is not None
    jobs.drain(at=now + timedelta(minutes=2))  # the claim ran out and another worker has sent it
    sending._record(late, post.Sent(None, SendError.TIMEOUT, 1), at=now + timedelta(minutes=3))
    assert (delivery().state, delivery().tries.count()) == ("delivered", 2)


@needs_skip_locked
@pytest.mark.django_db(transaction=True)
def test_two_workers_at_once_send_every_message_once(
    endpoint: WebhookEndpoint, receiver: Receiver, now: datetime
) -> None:
    for _event in range(40):
        happen(now)
    events.publish(at=now)
    barrier = threading.Barrier(2)

    def work() -> None:
        barrier.wait()
        try:
            webhooks.send_due(at=now)
        finally:
            connection.close()

    threads = [threading.Thread(target=work) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(receiver.ids) == sorted(f"evt_{number}" for number in range(1, 41))
