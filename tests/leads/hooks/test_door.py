"""The door of senders, from the request to the lead: every sender, every way it can go wrong, on a real database."""

import logging
from collections.abc import Callable
from typing import Any

import pytest

from crm.models import ApiKey, AuditEvent, OutboxMessage
from crm.operations import keys
from leads.api import hooks as doors
from leads.intake.hook import Hook
from leads.models import Lead, Submission
from leads.operations import hooks
from leads.operations.hook_profiles import configure
from leads.rules.facts import SubmissionState
from tests.factories.crm import LONG_AGO
from tests.leads.hooks import payloads
from tests.leads.hooks.payloads import FORM, document, form

pytestmark = pytest.mark.django_db

Push = Callable[..., Any]

EXPECTED = [
    ("tilda", form(payloads.TILDA), "1000001:2000002", "yandex", "spring", "+79000000017"),
    ("amocrm", form(payloads.AMOCRM), "amocrm:50010", "google", "brand", "+79000000017"),
    ("bitrix24", document(payloads.BITRIX), "bitrix24:901", "WEB", "spring", "+79000000017"),
    ("calltouch", Hook(method="GET", query=payloads.CALL), "calltouch:7701", "yandex", "spring", "+79000000017"),
    ("facebook", document(payloads.FACEBOOK_LEAD), "600700", "facebook", "Spring", "+79000000017"),
    ("google-ads", document(payloads.GOOGLE), "TeSter-1-abc", "google", "10000000000", "+79000000017"),
    ("vk", document(payloads.VK), "vk:55:9", "vk", "Весна", "+79000000017"),
    (
        "generic",
        document({"id": "5", "name": "A", "phone": "79000000017", "source": "site", "campaign": "c"}),
        "5",
        "site",
        "c",
        "+79000000017",
    ),
]


@pytest.mark.parametrize(("profile", "hook", "external_id", "source", "campaign", "phone"), EXPECTED)
def test_each_sender_brings_a_lead_once(
    profile: str, hook: Hook, external_id: str, source: str, campaign: str, phone: str, push: Push, issued: keys.Issued
) -> None:
    assert push(profile, hook).status_code == 200
    lead = Lead.objects.get()
    assert (lead.external_id, lead.source.code, lead.campaign and lead.campaign.code) == (external_id, source, campaign)
    assert list(lead.contact.points.filter(kind="phone").values_list("value", flat=True)) == [phone]
    kept = Submission.objects.get()
    assert (kept.state, kept.lead, kept.api_key, kept.profile) == (SubmissionState.ACCEPTED, lead, issued.key, profile)
    assert bytes(kept.body or b"") == hook.body
    push(profile, hook)
    assert Lead.objects.count() == 1
    assert [one.state for one in Submission.objects.all()] == [SubmissionState.ACCEPTED, SubmissionState.RECOGNISED]
    assert {one.lead for one in Submission.objects.all()} == {lead}


@pytest.mark.parametrize(
    ("profile", "hook", "answer"),
    [
        ("tilda", form(payloads.TILDA), "ok"),
        ("vk", document(payloads.VK), "ok"),
        ("tilda", form({"test": "test"}), "ok"),
    ],
)
def test_a_sender_hears_what_it_expects(profile: str, hook: Hook, answer: str, push: Push) -> None:
    response = push(profile, hook)
    assert response.content.decode() == answer
    assert response.headers["Content-Type"].startswith("text/plain")


def test_others_hear_json(push: Push) -> None:
    answer = push("generic", document({"name": "A"})).json()
    assert answer == {"status": "accepted", "submission": Submission.objects.get().public_id.hex}


@pytest.mark.parametrize("hook", [form({"test": "test"})])
def test_trying_the_address_makes_no_lead(hook: Hook, push: Push) -> None:
    push("tilda", hook)
    assert Submission.objects.get().state == SubmissionState.TEST
    assert not Lead.objects.exists()


def test_a_test_of_google_is_a_lead_that_is_not_counted(push: Push) -> None:
    push("google-ads", document(payloads.GOOGLE | {"is_test": True}))
    assert Lead.objects.get().is_test


@pytest.mark.parametrize(
    ("body", "kind", "code"),
    [
        (b'{"name": "A', "application/json", "broken_body"),
        (b"", "application/json", "empty_body"),
        (b"name=M%FCller", FORM, "charset_not_recognised"),
        (b"name=ok&phone=%D", FORM, "broken_body"),
        (b'{"utm_source": "ya"}', "application/json", "nobody_asks"),
        (b"[]", "application/json", "nobody_asks"),
        (b'["A", 1]', "application/json", "nobody_asks"),
        (b'{"name": "A", "id": "%s"}' % (b"9" * 400), "application/json", "external_id_too_long"),
        (b'{"name": "A", "received_at": "2099-01-01"}', "application/json", "happens_in_the_future"),
    ],
)
def test_what_cannot_be_read_is_kept_with_a_reason(body: bytes, kind: str, code: str, push: Push) -> None:
    assert push("generic", Hook(body=body, content_type=kind)).status_code == 200
    kept = Submission.objects.get()
    assert (kept.state, kept.error_code, bytes(kept.body or b"")) == (SubmissionState.FAILED, code, body)
    assert kept.error_detail
    assert not Lead.objects.exists()


def test_too_much_is_refused_and_its_beginning_kept(push: Push) -> None:
    response = push("generic", document({"name": "A" * 1_000_001}))
    assert (response.status_code, response.json()["code"]) == (413, "body_too_large")
    kept = Submission.objects.get()
    assert (kept.state, kept.error_code, len(bytes(kept.body or b""))) == ("failed", "body_too_large", 10_000)
    assert hooks.replay(submission=kept, by=None, at=LONG_AGO).error_code == "body_too_large"


def test_a_body_shorter_than_announced_is_no_lead(push: Push, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(doors, "_is_cut", lambda request, body: True)
    push("tilda", form(payloads.TILDA))
    assert Submission.objects.get().error_code == "broken_body"
    assert not Lead.objects.exists()


@pytest.mark.parametrize("profile", ["tilda", "nowhere"])
def test_an_unknown_key_or_sender_finds_nothing_and_leaves_nothing(
    profile: str, push: Push, issued: keys.Issued
) -> None:
    other = issued.token[:-1] + ("a" if issued.token[-1] != "a" else "b")
    token = issued.token if profile == "nowhere" else other
    assert push(profile, form(payloads.TILDA), token=token).status_code == 404
    assert not Submission.objects.exists()


def test_a_key_that_may_not_push_or_is_revoked_finds_nothing(push: Push, issued: keys.Issued) -> None:
    reader = keys.issue(name="Reader", scopes=["leads:read"], by=None, at=LONG_AGO)
    assert push("tilda", form(payloads.TILDA), token=reader.token).status_code == 404
    keys.revoke(key=issued.key, by=None, at=LONG_AGO)
    assert push("tilda", form(payloads.TILDA)).status_code == 404
    assert not Submission.objects.exists()


def test_other_methods_are_refused(push: Push) -> None:
    response = push("tilda", Hook(method="GET"))
    assert (response.status_code, response.headers["Allow"]) == (405, "POST")
    assert push("calltouch", Hook(method="DELETE")).status_code == 405
    assert not Submission.objects.exists()


def test_a_caller_too_fast_is_told_to_wait(push: Push, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(doors.CallerThrottle.buckets, "wait", lambda caller: 1.2)
    response = push("tilda", form(payloads.TILDA))
    assert (response.status_code, response.headers["Retry-After"]) == (429, "2")


def test_no_log_line_holds_the_token(push: Push, issued: keys.Issued, caplog: pytest.LogCaptureFixture) -> None:
    from config.logs import without_tokens
    from crm.middleware import RequestLogMiddleware

    with caplog.at_level(logging.DEBUG):
        push("tilda", form(payloads.TILDA))
        push("tilda", Hook(method="GET"))
        push("nowhere", form(payloads.TILDA))
    secret = issued.token.split("_", 2)[2]
    assert [record for record in caplog.records if secret in str(record.msg) or secret in record.getMessage()] == []
    line = without_tokens(None, "info", {"event": f"GET /in/{issued.token}/x?a"})
    assert line == {"event": f"GET /in/rz_{issued.key.token_id}_…/x?a"}
    assert RequestLogMiddleware


def test_nothing_stored_opens_anything(push: Push, issued: keys.Issued) -> None:
    push("tilda", form(payloads.TILDA))
    kept = Submission.objects.values().get()
    stored = str(kept) + str(list(OutboxMessage.objects.values())) + str(list(AuditEvent.objects.values()))
    assert issued.token not in stored


def test_the_key_is_in_the_audit_and_was_used(push: Push, issued: keys.Issued) -> None:
    push("tilda", form(payloads.TILDA))
    assert AuditEvent.objects.get(action="lead.receive").api_key_id == issued.key.pk
    assert ApiKey.objects.get(pk=issued.key.pk).last_used_at is not None


def _bound(*codes: str) -> keys.Issued:
    return keys.issue(name="Bound", scopes=["leads:write"], sources=codes, by=None, at=LONG_AGO)


def test_a_key_of_one_source_says_the_source(push: Push) -> None:
    push("tilda", form(payloads.TILDA), token=_bound("site").token)
    assert Lead.objects.get().source.code == "site"


@pytest.mark.parametrize("codes", [("site",), ("site", "shop")])
def test_a_source_that_is_not_of_the_key_is_refused(codes: tuple[str, ...], push: Push) -> None:
    from leads.models import Source

    push("generic", document({"name": "A", "source": "elsewhere"}), token=_bound(*codes).token)
    kept = Submission.objects.get()
    assert (kept.state, kept.error_code) == (SubmissionState.FAILED, "source_not_of_key")
    assert not Lead.objects.exists()
    assert not Source.objects.filter(code="elsewhere").exists()


def test_facebook_subscribes_through_the_door(push: Push, issued: keys.Issued) -> None:
    query = {"hub.mode": "subscribe", "hub.verify_token": "agreed-token", "hub.challenge": "115"}
    hook = Hook(method="GET", query=query)
    assert push("facebook", hook).status_code == 403
    configure(key=issued.key, profile="facebook", secrets={"verify_token": "agreed-token"}, by=None, at=LONG_AGO)
    assert push("facebook", hook).content == b"115"
    assert [one.state for one in Submission.objects.all()] == [SubmissionState.FAILED, SubmissionState.TEST]
    assert "agreed-token" not in str(list(Submission.objects.values()))


def test_vk_confirms_the_address_through_the_door(push: Push, issued: keys.Issued) -> None:
    configure(key=issued.key, profile="vk", secrets={"confirmation": "a1b2c3"}, by=None, at=LONG_AGO)
    assert push("vk", document({"type": "confirmation", "group_id": 55})).content == b"a1b2c3"
    assert Submission.objects.get().state == SubmissionState.TEST
