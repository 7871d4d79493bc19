"""What advertising systems send → exactly the row it means, and only when it is proven."""

import hashlib
import hmac
from dataclasses import replace

from leads.intake.hook import Handshake, Hook, Pending
from leads.intake.row import IntakeRow
from tests.leads.hooks import payloads
from tests.leads.hooks.payloads import document
from tests.leads.hooks.telling import NINE, SETUP, refused, row, told


def test_a_notice_of_facebook_holds_only_ids() -> None:
    waits = told("facebook", document(payloads.FACEBOOK_NOTICE))
    assert isinstance(waits, Pending)
    assert waits.ids == ("600700",)


def test_a_lead_of_facebook_that_somebody_has_fetched() -> None:
    assert row("facebook", document(payloads.FACEBOOK_LEAD)) == IntakeRow(
        external_id="600700",
        source="facebook",
        campaign="Spring",
        name="Пробный Клиент",
        phone="+79000000017",
        email="client@example.com",
        received_at=NINE,
        attributes={"form_id": "31", "какой_объём": "до 10; больше"},
    )


def _signed(hook: Hook, secret: str) -> Hook:
    proof = hmac.new(secret.encode(), hook.body, hashlib.sha256).hexdigest()
    return replace(hook, headers={"x-hub-signature-256": f"sha256={proof}"})


def test_facebook_signs_the_raw_bytes() -> None:
    setup = replace(SETUP, secrets={"app_secret": "s"})
    notice = document(payloads.FACEBOOK_NOTICE)
    assert isinstance(told("facebook", _signed(notice, "s"), setup=setup), Pending)
    changed = replace(_signed(notice, "s"), body=notice.body + b" ")
    for wrong in (_signed(notice, "another"), notice, changed):
        assert refused("facebook", wrong, setup=setup) == "wrong_proof"


def test_facebook_subscribes() -> None:
    query = {"hub.mode": "subscribe", "hub.verify_token": "v", "hub.challenge": "1158201444"}
    hook = Hook(method="GET", query=query)
    assert told("facebook", hook, setup=replace(SETUP, secrets={"verify_token": "v"})) == Handshake("1158201444")
    assert refused("facebook", hook) == "wrong_verify_token"
    assert refused("facebook", hook, setup=replace(SETUP, secrets={"verify_token": "w"})) == "wrong_verify_token"


GOOGLE_ROW = IntakeRow(
    external_id="TeSter-1-abc",
    source="google",
    campaign="10000000000",
    name="Пробный Клиент",
    phone="+79000000017",
    email="client@example.com",
    attributes={"gclid": "click-1", "form_id": "40000000000", "city": "Тверь"},
)


def test_google_ads() -> None:
    assert row("google-ads", document(payloads.GOOGLE)) == GOOGLE_ROW
    assert row("google-ads", document(payloads.GOOGLE | {"is_test": True})) == replace(GOOGLE_ROW, is_test=True)


def test_google_ads_is_known_by_its_key() -> None:
    assert row("google-ads", document(payloads.GOOGLE), setup=replace(SETUP, secrets={"google_key": "agreed-key"}))
    assert (
        refused("google-ads", document(payloads.GOOGLE), setup=replace(SETUP, secrets={"google_key": "x"}))
        == "wrong_proof"
    )


def test_vk() -> None:
    assert row("vk", document(payloads.VK)) == IntakeRow(
        external_id="vk:55:9",
        source="vk",
        campaign="Весна",
        name="Пробный Клиент",
        phone="+79000000017",
        attributes={"form_id": "3", "ad_id": "77", "user_id": "12", "group_id": "55", "Объём": "до 10; больше"},
    )


def test_vk_is_known_by_its_secret_and_asks_for_a_confirmation() -> None:
    setup = replace(SETUP, secrets={"secret": "agreed-secret", "confirmation": "a1b2c3"})
    assert row("vk", document(payloads.VK), setup=setup).external_id == "vk:55:9"
    assert refused("vk", document(payloads.VK | {"secret": "x"}), setup=setup) == "wrong_proof"
    assert told("vk", document({"type": "confirmation", "group_id": 55}), setup=setup) == Handshake("a1b2c3")
    assert refused("vk", document({"type": "confirmation", "group_id": 55})) == "no_confirmation"
    assert refused("vk", document({"type": "message_new", "object": {}})) == "no_lead_in_it"
