"""What each sender sends, written down from the shapes its documentation tells; the people in it do not exist."""

import json
from typing import Any
from urllib.parse import quote, urlencode

from leads.intake.hook import Hook

FORM = "application/x-www-form-urlencoded"
JSON = "application/json"
PHONE = "+7 900 000-00-17"


def form(pairs: list[tuple[str, str]] | dict[str, str], *, charset: str = "utf-8", told: str = "") -> Hook:
    """Write a form post."""
    kind = f"{FORM}; charset={told}" if told else FORM
    return Hook(body=urlencode(pairs, encoding=charset).encode(), content_type=kind)


def document(content: Any, **options: Any) -> Hook:
    """Write a JSON post."""
    return Hook(body=json.dumps(content, ensure_ascii=False).encode(), content_type=JSON, **options)


TILDA_MARKS = "utm_source=yandex|||utm_medium=cpc|||utm_campaign=spring|||utm_term=печь"
TILDA = {
    "Name": "Пробный Клиент",
    "Phone": PHONE,
    "Email": "client@example.com",
    "Comments": "Нужна печь",
    "Город": "Тверь",
    "tranid": "1000001:2000002",
    "formid": "form77",
    "COOKIES": f"_ym_uid=1; TILDAUTM={quote(TILDA_MARKS)}; previousUrl=example.com/",
}

AMOCRM = [
    ("leads[add][0][id]", "50010"),
    ("leads[add][0][name]", "Заявка с сайта"),
    ("leads[add][0][status_id]", "40"),
    ("leads[add][0][pipeline_id]", "7"),
    ("leads[add][0][price]", "15000"),
    ("leads[add][0][date_create]", "1772442000"),
    ("leads[add][0][custom_fields][0][id]", "11"),
    ("leads[add][0][custom_fields][0][name]", "Телефон"),
    ("leads[add][0][custom_fields][0][values][0][value]", PHONE),
    ("leads[add][0][custom_fields][1][name]", "UTM_SOURCE"),
    ("leads[add][0][custom_fields][1][values][0][value]", "google"),
    ("leads[add][0][custom_fields][2][name]", "UTM_CAMPAIGN"),
    ("leads[add][0][custom_fields][2][values][0][value]", "brand"),
    ("leads[add][0][custom_fields][3][name]", "Бюджет"),
    ("leads[add][0][custom_fields][3][values][0][value]", "до 100 тысяч"),
    ("account[subdomain]", "example"),
]


def amocrm_status(status: str, *, price: str = "15000") -> list[tuple[str, str]]:
    """Write the hook of a deal that moved to a status."""
    return [
        ("leads[status][0][id]", "50010"),
        ("leads[status][0][name]", "Заявка с сайта"),
        ("leads[status][0][status_id]", status),
        ("leads[status][0][old_status_id]", "40"),
        ("leads[status][0][price]", price),
    ]


BITRIX = {
    "fields": {
        "ID": "901",
        "TITLE": "Заявка 901",
        "NAME": "Пробный",
        "LAST_NAME": "Клиент",
        "PHONE": [{"VALUE": PHONE, "VALUE_TYPE": "WORK"}],
        "EMAIL": [{"VALUE": "client@example.com", "VALUE_TYPE": "WORK"}],
        "COMPANY_TITLE": "ООО Проба",
        "SOURCE_ID": "WEB",
        "UTM_SOURCE": "yandex",
        "UTM_CAMPAIGN": "spring",
        "COMMENTS": "Перезвоните",
        "DATE_CREATE": "2026-03-02T11:30:00+03:00",
        "UF_CRM_CITY": "Тверь",
    }
}
BITRIX_EVENT = [
    ("event", "ONCRMLEADADD"),
    ("data[FIELDS][ID]", "901"),
    ("ts", "1772442000"),
    ("auth[domain]", "example.bitrix24.ru"),
    ("auth[application_token]", "app-token"),
]

CALL = {
    "callId": "7701",
    "callerphone": "79000000017",
    "source": "yandex",
    "medium": "cpc",
    "utmCampaign": "spring",
    "calltime": "2026-03-02 11:30:00",
    "duration": "63",
    "targetcall": "1",
    "tags": "целевой,печи",
}

FACEBOOK_NOTICE = {
    "object": "page",
    "entry": [
        {
            "id": "100",
            "time": 1772442000,
            "changes": [
                {
                    "field": "leadgen",
                    "value": {"leadgen_id": "600700", "form_id": "31", "ad_id": "32", "created_time": 1772442000},
                }
            ],
        }
    ],
}
FACEBOOK_LEAD = {
    "id": "600700",
    "created_time": "2026-03-02T09:00:00+0000",
    "campaign_name": "Spring",
    "campaign_id": "33",
    "form_id": "31",
    "field_data": [
        {"name": "full_name", "values": ["Пробный Клиент"]},
        {"name": "phone_number", "values": ["+79000000017"]},
        {"name": "email", "values": ["client@example.com"]},
        {"name": "какой_объём", "values": ["до 10", "больше"]},
    ],
}

GOOGLE = {
    "lead_id": "TeSter-1-abc",
    "user_column_data": [
        {"column_id": "FULL_NAME", "column_name": "Full Name", "string_value": "Пробный Клиент"},
        {"column_id": "PHONE_NUMBER", "string_value": "+79000000017"},
        {"column_id": "EMAIL", "string_value": "client@example.com"},
        {"column_id": "CITY", "string_value": "Тверь"},
    ],
    "api_version": "1.0",
    "form_id": 40000000000,
    "campaign_id": 10000000000,
    "gcl_id": "click-1",
    "google_key": "agreed-key",
    "is_test": False,
}

VK = {
    "type": "lead_forms_new",
    "group_id": 55,
    "secret": "agreed-secret",
    "event_id": "aa",
    "object": {
        "lead_id": 9,
        "group_id": 55,
        "user_id": 12,
        "form_id": 3,
        "form_name": "Весна",
        "ad_id": 77,
        "answers": [
            {"key": "first_name", "question": "Имя", "answer": "Пробный"},
            {"key": "last_name", "question": "Фамилия", "answer": "Клиент"},
            {"key": "phone_number", "question": "Телефон", "answer": "+79000000017"},
            {"key": "custom_0", "question": "Объём", "answer": [{"value": "до 10"}, {"value": "больше"}]},
        ],
    },
}

GENERIC = {
    "request_id": "r-1",
    "contact": {"title": "Пробный Клиент", "phones": [{"value": PHONE}]},
    "comment": "Перезвоните",
    "page_url": "https://example.com/?utm_source=vk&utm_campaign=autumn",
    "when": "2026-03-02T11:30:00+03:00",
}
GENERIC_MAP = {
    "name": "contact.title",
    "phone": "contact.phones.0.value",
    "received_at": "when",
    "segment": "=B2B",
    "attributes.kind": "=callback",
}
