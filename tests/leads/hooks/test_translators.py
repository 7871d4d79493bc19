"""Each sender's payload → exactly the row it means."""

from dataclasses import replace
from decimal import Decimal

import pytest

from leads.intake.hook import Deal, Hook, Pending
from leads.intake.hook import TestPayload as Trial
from leads.intake.row import IntakeRow
from tests.leads.hooks import payloads
from tests.leads.hooks.payloads import document, form
from tests.leads.hooks.telling import HALF_PAST_EIGHT, NINE, SETUP, refused, row, told

TILDA_ROW = IntakeRow(
    external_id="1000001:2000002",
    source="yandex",
    campaign="spring",
    name="Пробный Клиент",
    phone=payloads.PHONE,
    email="client@example.com",
    message="Нужна печь",
    utm={"utm_source": "yandex", "utm_medium": "cpc", "utm_campaign": "spring", "utm_term": "печь"},
    attributes={"Город": "Тверь", "formid": "form77"},
)


def test_tilda() -> None:
    assert row("tilda", form(payloads.TILDA)) == TILDA_ROW


def test_tilda_tries_the_address() -> None:
    assert told("tilda", form({"test": "test"})) == Trial()


def test_a_form_in_windows_1251_is_the_same_request() -> None:
    pairs = payloads.TILDA | {"COOKIES": "", "utm_source": "yandex"}
    assert row("tilda", form(pairs, charset="cp1251")).name == "Пробный Клиент"
    assert row("tilda", form(pairs, charset="cp1251", told="windows-1251")).attributes["Город"] == "Тверь"
    assert row("tilda", form(pairs, told="windows-1251")).name == "Пробный Клиент"  # the bytes know better


def test_amocrm() -> None:
    assert row("amocrm", form(payloads.AMOCRM)) == IntakeRow(
        external_id="amocrm:50010",
        source="google",
        campaign="brand",
        phone=payloads.PHONE,
        message="Заявка с сайта",
        received_at=NINE,
        utm={"utm_source": "google", "utm_campaign": "brand"},
        attributes={"pipeline_id": "7", "status_id": "40", "price": "15000", "Бюджет": "до 100 тысяч"},
    )


def test_amocrm_tells_of_several_deals_at_once() -> None:
    second = [
        (name.replace("[add][0]", "[add][1]"), value.replace("50010", "50011")) for name, value in payloads.AMOCRM
    ]
    deals = told("amocrm", form(payloads.AMOCRM + second))
    assert isinstance(deals, tuple)
    assert [deal.row.external_id for deal in deals] == ["amocrm:50010", "amocrm:50011"]


@pytest.mark.parametrize(
    ("status", "is_lost", "won"), [("142", False, Decimal(15000)), ("143", True, None), ("9", False, None)]
)
def test_amocrm_tells_how_a_deal_has_ended(status: str, is_lost: bool, won: Decimal | None) -> None:
    deals = told("amocrm", form(payloads.amocrm_status(status)))
    assert isinstance(deals, tuple)
    assert (deals[0].is_lost, deals[0].won_amount) == (is_lost, won)


def test_amocrm_about_something_else() -> None:
    assert refused("amocrm", form({"contacts[add][0][id]": "1"})) == "no_deal_in_it"


def test_bitrix24() -> None:
    assert row("bitrix24", document(payloads.BITRIX)) == IntakeRow(
        external_id="bitrix24:901",
        source="WEB",
        campaign="spring",
        name="Пробный Клиент",
        phone=payloads.PHONE,
        email="client@example.com",
        company="ООО Проба",
        message="Перезвоните",
        received_at=HALF_PAST_EIGHT,
        utm={"utm_source": "yandex", "utm_campaign": "spring"},
        attributes={"TITLE": "Заявка 901", "UF_CRM_CITY": "Тверь"},
    )


def test_bitrix24_gives_an_answer_of_its_own_in_result() -> None:
    given = {"result": payloads.BITRIX["fields"], "time": {"start": 1}}
    assert row("bitrix24", document(given)) == row("bitrix24", document(payloads.BITRIX))


def test_an_event_of_bitrix24_holds_only_a_number() -> None:
    waits = told("bitrix24", form(payloads.BITRIX_EVENT))
    assert isinstance(waits, Pending)
    assert waits.ids == ("bitrix24:901",)


def test_an_event_of_bitrix24_is_proven_by_its_token() -> None:
    setup = replace(SETUP, secrets={"application_token": "app-token"})
    assert isinstance(told("bitrix24", form(payloads.BITRIX_EVENT), setup=setup), Pending)
    wrong = replace(SETUP, secrets={"application_token": "another"})
    assert refused("bitrix24", form(payloads.BITRIX_EVENT), setup=wrong) == "wrong_proof"


CALL_ROW = IntakeRow(
    external_id="calltouch:7701",
    source="yandex",
    campaign="spring",
    phone="79000000017",
    received_at=HALF_PAST_EIGHT,
    utm={"utm_source": "yandex", "utm_medium": "cpc", "utm_campaign": "spring"},
    attributes={"duration": "63", "targetcall": "1", "tags": "целевой,печи"},
)


@pytest.mark.parametrize(
    "hook", [Hook(method="GET", query=payloads.CALL), form(payloads.CALL), document(payloads.CALL)]
)
def test_calltouch_by_any_way(hook: Hook) -> None:
    assert row("calltouch", hook) == CALL_ROW


def test_parameters_of_calltouch_are_what_the_map_says() -> None:
    setup = replace(SETUP, field_map={"phone": "p", "source": "=calls", "attributes.target": "t"})
    found = row("calltouch", Hook(method="GET", query={"p": "79000000018", "t": "да", "id": "5"}), setup=setup)
    assert (found.phone, found.source, found.external_id) == ("79000000018", "calls", "calltouch:5")
    assert found.attributes["target"] == "да"


GENERIC_ROW = IntakeRow(
    external_id="r-1",
    source="vk",
    campaign="autumn",
    segment="B2B",
    name="Пробный Клиент",
    phone=payloads.PHONE,
    message="Перезвоните",
    received_at=HALF_PAST_EIGHT,
    utm={"utm_source": "vk", "utm_campaign": "autumn"},
    attributes={
        "page_url": "https://example.com/?utm_source=vk&utm_campaign=autumn",
        "when": "2026-03-02T11:30:00+03:00",
        "kind": "callback",
    },
)


def test_generic_by_its_map() -> None:
    setup = replace(SETUP, field_map=payloads.GENERIC_MAP)
    assert row("generic", document(payloads.GENERIC), setup=setup) == GENERIC_ROW


def test_generic_guesses_usual_names_in_json_and_in_forms() -> None:
    plain = {"id": "7", "Имя": "Пробный", "tel": "79000000017", "mail": "client@example.com", "source": "site"}
    for hook in (document(plain), form(plain), form(plain, charset="cp1251")):
        found = row("generic", hook)
        assert (found.external_id, found.name, found.phone, found.source) == ("7", "Пробный", "79000000017", "site")


def test_generic_takes_a_list() -> None:
    deals = told("generic", document([{"id": 1, "name": "A"}, {"id": 2, "name": "B"}]))
    assert isinstance(deals, tuple)
    assert all(isinstance(deal, Deal) for deal in deals)
    assert [deal.row.external_id for deal in deals] == ["1", "2"]


def test_generic_reads_brackets_and_multipart() -> None:
    setup = replace(SETUP, field_map={"name": "person[first]", "phone": "person.phone"})
    pairs = [("person[first]", "Пробный"), ("person[phone]", "79000000017")]
    assert row("generic", form(pairs), setup=setup).phone == "79000000017"
    parts = "".join(
        f'--xx\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n' for name, value in pairs
    )
    hook = Hook(body=f"{parts}--xx--\r\n".encode(), content_type="multipart/form-data; boundary=xx")
    assert row("generic", hook, setup=setup).name == "Пробный"


def test_a_time_the_map_points_to_has_to_be_one() -> None:
    setup = replace(SETUP, field_map={"received_at": "when"})
    assert refused("generic", document({"name": "A", "when": "yesterday"}), setup=setup) == "time_not_understood"


@pytest.mark.parametrize(
    ("bound", "told_source", "expected"),
    [
        ((), "", "yandex"),
        (("site",), "", "site"),
        (("site", "yandex"), "", "yandex"),
        (("site",), "other", "other"),  # refused by the operation, which knows the names of sources
    ],
)
def test_the_source_is_the_payloads_the_keys_or_of_utm(bound: tuple[str, ...], told_source: str, expected: str) -> None:
    payload = {"name": "A", "utm_source": "yandex", "source": told_source}
    assert row("generic", document(payload), bound=bound).source == expected
