"""The doors of events and webhooks: what programs and the administrator's pages see and do."""

import json
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from http import HTTPStatus

import pytest
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from crm.models import AuditEvent, User, WebhookDelivery, WebhookEndpoint
from crm.operations import events, keys, webhooks
from crm.queries.webhooks import secrets_of
from crm.rules.events import EventType

pytestmark = pytest.mark.django_db

ClientOf = Callable[[User], Client]
URL = "https://example.com/hooks"


@pytest.fixture
def now() -> datetime:
    return timezone.now()


@pytest.fixture
def browser(client_of: ClientOf, admin: User) -> Client:
    return client_of(admin)


@pytest.fixture
def endpoint(admin: User, now: datetime) -> WebhookEndpoint:
    return webhooks.subscribe(url=URL, description="Warehouse", by=admin, at=now)


@pytest.fixture
def delivery(endpoint: WebhookEndpoint, now: datetime) -> WebhookDelivery:
    happen(now)
    return endpoint.deliveries.get()


def happen(at: datetime, source: str = "google", lead: str = "ld_1") -> None:
    events.record(type=EventType.LOST, lead=lead, source=source, data={"reasons": ["price"]}, occurred_at=at, at=at)
    events.publish(at=at)


def bearer(
    now: datetime, *, sources: tuple[str, ...] = (), scopes: tuple[str, ...] = ("leads:read",)
) -> dict[str, str]:
    token = keys.issue(name="Site", scopes=scopes, sources=sources, by=None, at=now).token
    return {"Authorization": f"Bearer {token}"}


def read(response: HttpResponse) -> dict[str, object]:
    return dict(json.loads(response.content))


def post(client: Client, url: str, body: Mapping[str, object] | None = None, method: str = "post") -> HttpResponse:
    return getattr(client, method)(url, json.dumps(body or {}), content_type="application/json")


# --- The feed ---------------------------------------------------------------------------------------------------


def test_the_feed_is_read_on_from_a_number(client: Client, now: datetime) -> None:
    headers = bearer(now)
    for number in range(5):
        happen(now, lead=f"ld_{number}")
    seen, after = [], 0
    while True:
        page = read(client.get(f"/api/v1/events?after={after}&limit=2", headers=headers))
        seen += [item["lead"] for item in page["items"]]  # type: ignore[attr-defined]
        after = page["next"]  # type: ignore[assignment]
        if not page["has_more"]:
            break
    assert (seen, after) == ([f"ld_{number}" for number in range(5)], 5)
    assert read(client.get("/api/v1/events?after=5", headers=headers)) == {"items": [], "next": 5, "has_more": False}


def test_an_event_tells_codes_and_times(client: Client, now: datetime) -> None:
    happen(now)
    (item,) = read(client.get("/api/v1/events", headers=bearer(now)))["items"]  # type: ignore[misc]
    assert {name: item[name] for name in ("number", "type", "lead", "source", "data")} == {
        "number": 1,
        "type": "lead.lost",
        "lead": "ld_1",
        "source": "google",
        "data": {"reasons": ["price"]},
    }
    assert datetime.fromisoformat(item["occurred_at"]) == now


def test_what_is_not_published_yet_is_not_told(client: Client, now: datetime) -> None:
    events.record(type=EventType.WON, lead="ld_1", source="google", data={}, occurred_at=now, at=now)
    assert read(client.get("/api/v1/events", headers=bearer(now)))["items"] == []


def test_a_bound_key_reads_the_events_of_its_sources(client: Client, now: datetime) -> None:
    for source in ("google", "yandex", "google"):
        happen(now, source=source)
    page = read(client.get("/api/v1/events", headers=bearer(now, sources=("yandex",))))
    assert [item["number"] for item in page["items"]] == [2]  # type: ignore[attr-defined]


def test_a_key_without_the_scope_reads_nothing(client: Client, now: datetime) -> None:
    response = client.get("/api/v1/events", headers=bearer(now, scopes=("leads:write",)))
    assert response.status_code == HTTPStatus.FORBIDDEN


@pytest.mark.parametrize(
    "query", ["after=-1", "after=x", "after=9223372036854775808", "limit=0", "limit=201", "since=1", "after=1&after=2"]
)
def test_a_typo_is_refused_rather_than_answered(query: str, client: Client, now: datetime) -> None:
    response = client.get(f"/api/v1/events?{query}", headers=bearer(now))
    assert response.status_code == HTTPStatus.BAD_REQUEST
    assert response.headers["Content-Type"] == "application/problem+json"


# --- The API of webhooks ----------------------------------------------------------------------------------------


def test_a_webhook_is_made_read_changed_and_switched_off(browser: Client) -> None:
    made = post(browser, "/api/v1/webhooks", {"url": URL, "events": ["lead.won", "lead.lost"]})
    assert made.status_code == HTTPStatus.CREATED
    told = read(made)
    endpoint = WebhookEndpoint.objects.get()
    assert told["secret"] == secrets_of(endpoint=endpoint, at=timezone.now())[0]
    assert (told["id"], told["events"], told["is_enabled"]) == (endpoint.code, ["lead.lost", "lead.won"], True)
    address = f"/api/v1/webhooks/{endpoint.code}"
    assert "secret" not in read(browser.get(address))
    changed = read(post(browser, address, {"events": [], "is_enabled": False}, method="patch"))
    assert (changed["url"], changed["events"], changed["is_enabled"]) == (URL, [], False)
    assert [item["id"] for item in read(browser.get("/api/v1/webhooks"))["items"]] == [endpoint.code]  # type: ignore[attr-defined]


def test_a_rotated_secret_is_told(browser: Client, endpoint: WebhookEndpoint, now: datetime) -> None:
    old = secrets_of(endpoint=endpoint, at=now)[0]
    told = read(post(browser, f"/api/v1/webhooks/{endpoint.code}/rotate-secret"))
    endpoint.refresh_from_db()
    assert told["secret"] == secrets_of(endpoint=endpoint, at=now)[0] != old
    assert told["old_secret_signs_until"]


@pytest.mark.parametrize(
    ("body", "status", "pointer"),
    [
        ({"url": "https://127.0.0.1/"}, 422, "/url"),
        ({"url": ""}, 400, "/url"),
        ({}, 400, "/url"),
        ({"url": URL, "events": ["lead.vanished"]}, 400, "/events/0"),
        ({"url": URL, "secret": "mine"}, 400, "/secret"),
    ],
)
def test_what_is_wrong_is_pointed_at(body: dict[str, object], status: int, pointer: str, browser: Client) -> None:
    response = post(browser, "/api/v1/webhooks", body)
    assert response.status_code == status
    assert [error["pointer"] for error in read(response)["errors"]] == [pointer]  # type: ignore[attr-defined]


def test_deliveries_are_listed_with_their_tries_and_sent_again(browser: Client, delivery: WebhookDelivery) -> None:
    delivery.tries.create(at=delivery.created_at, status=500, milliseconds=12)
    page = read(browser.get(f"/api/v1/webhooks/{delivery.endpoint.code}/deliveries"))
    (told,) = page["items"]  # type: ignore[misc]
    assert (told["id"], told["event"], told["type"], told["state"]) == (delivery.code, 1, "lead.lost", "waiting")
    assert [(one["status"], one["milliseconds"]) for one in told["tries"]] == [(500, 12)]
    again = post(browser, f"/api/v1/webhooks/deliveries/{delivery.code}/redeliver")
    assert again.status_code == HTTPStatus.ACCEPTED
    assert AuditEvent.objects.filter(action="webhook.redeliver").exists()


def test_a_test_and_a_replay_are_accepted(browser: Client, delivery: WebhookDelivery) -> None:
    address = f"/api/v1/webhooks/{delivery.endpoint.code}"
    assert read(post(browser, f"{address}/test"))["type"] == "webhook.test"
    assert read(post(browser, f"{address}/replay", {"after": 0})) == {"messages": 1}


def test_pages_of_deliveries_follow_each_other(browser: Client, endpoint: WebhookEndpoint, now: datetime) -> None:
    for _number in range(5):
        happen(now)
    seen, query = [], "?limit=2"
    while query:
        page = read(browser.get(f"/api/v1/webhooks/{endpoint.code}/deliveries{query}"))
        seen += [item["event"] for item in page["items"]]  # type: ignore[attr-defined]
        query = f"?limit=2&before={page['next']}" if page["next"] else ""
    assert seen == [5, 4, 3, 2, 1]


def test_a_key_never_administers_webhooks(client: Client, endpoint: WebhookEndpoint, now: datetime) -> None:
    every = ("leads:read", "leads:write", "leads:qualify", "metrics:read", "spend:write", "pii:read")
    response = client.get("/api/v1/webhooks", headers=bearer(now, scopes=every))
    assert response.status_code == HTTPStatus.FORBIDDEN


# --- The pages --------------------------------------------------------------------------------------------------


def test_the_page_of_an_endpoint_shows_secret_and_log_and_is_kept_nowhere(
    browser: Client, delivery: WebhookDelivery, now: datetime
) -> None:
    delivery.tries.create(at=now, status=503, milliseconds=7)
    delivery.tries.create(at=now, error="timeout", milliseconds=10_000)
    response = browser.get(reverse("crm:webhook", args=[delivery.endpoint.code]))
    body = response.content.decode()
    for told in (secrets_of(endpoint=delivery.endpoint, at=now)[0], "evt_1", "503", "no answer in time", "Warehouse"):
        assert told in body
    assert "no-store" in response.headers["Cache-Control"]


def test_an_endpoint_is_made_on_the_page(browser: Client) -> None:
    response = browser.post(reverse("crm:webhooks_create"), {"url": URL, "events": ["lead.won"]})
    endpoint = WebhookEndpoint.objects.get()
    assert response.headers["Location"] == reverse("crm:webhook", args=[endpoint.code])
    assert endpoint.events == ["lead.won"]
    assert "example.com" in browser.get(reverse("crm:webhooks")).content.decode()


def test_an_address_inside_is_refused_beside_its_field(browser: Client) -> None:
    response = browser.post(reverse("crm:webhooks_create"), {"url": "https://10.0.0.1/"})
    assert "10.0.0.1 is inside a network" in response.content.decode()
    assert not WebhookEndpoint.objects.exists()


def test_an_endpoint_is_changed_on_its_page(browser: Client, endpoint: WebhookEndpoint) -> None:
    address = reverse("crm:webhook", args=[endpoint.code])
    assert browser.post(address, {"url": URL, "description": "Shop"}).status_code == HTTPStatus.FOUND
    endpoint.refresh_from_db()
    assert endpoint.description == "Shop"


@pytest.mark.parametrize(
    ("act", "body", "said"),
    [
        ("rotate", {}, "The new secret is in force"),
        ("disable", {}, "Nothing is sent there any more"),
        ("enable", {}, "Events are sent there again"),
        ("test", {}, "A test message is on its way"),
        ("replay", {"after": "0"}, "1 message will be sent"),
        ("replay", {"after": "-1"}, "greater than or equal to 0"),
    ],
)
def test_an_act_of_the_page_says_what_was_done(
    act: str, body: dict[str, str], said: str, browser: Client, delivery: WebhookDelivery
) -> None:
    response = browser.post(reverse(f"crm:webhook_{act}", args=[delivery.endpoint.code]), body, follow=True)
    assert said in response.content.decode()


def test_a_refused_act_says_why(browser: Client, delivery: WebhookDelivery, admin: User, now: datetime) -> None:
    webhooks.disable(endpoint=delivery.endpoint, by=admin, at=now)
    for name, code in (("webhook_test", delivery.endpoint.code), ("webhook_redeliver", delivery.code)):
        response = browser.post(reverse(f"crm:{name}", args=[code]), follow=True)
        assert "switch it on first" in response.content.decode()


def test_a_page_asks_the_database_as_often_for_many_deliveries_as_for_one(
    browser: Client,
    endpoint: WebhookEndpoint,
    now: datetime,
    django_assert_max_num_queries: Callable[[int], "object"],
) -> None:
    for number in range(30):
        happen(now + timedelta(seconds=number))
    for one in WebhookDelivery.objects.all():
        one.tries.create(at=now, status=200)
    with django_assert_max_num_queries(12):  # type: ignore[attr-defined]
        browser.get(reverse("crm:webhook", args=[endpoint.code]))
