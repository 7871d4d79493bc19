"""Bytes → a document, or a reason why not: broken, cut off, of an unknown charset, told twice, made to hurt."""

import json
from contextlib import suppress
from typing import Any
from urllib.parse import urlencode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm.rules.errors import DomainError
from leads.intake import fields, utm
from leads.intake.hook import Hook, Setup, Translated
from leads.intake.payload import read
from leads.intake.profiles import PROFILES, translate
from tests.leads.hooks import payloads
from tests.leads.hooks.payloads import FORM, JSON, document, form


def refused(body: bytes, content_type: str = JSON) -> str:
    with pytest.raises(DomainError) as caught:
        read(hook=Hook(body=body, content_type=content_type))
    return caught.value.code


@pytest.mark.parametrize("body", [b"{", b'{"a": 1', b'{"a": "', b"{'a': 1}", b"[1, 2", b"null", b"12", b'{"a": NaN}'])
def test_json_that_is_none_is_refused(body: bytes) -> None:
    assert refused(body) == "broken_body"


@pytest.mark.parametrize("body", [b"", b"  \r\n"])
def test_an_empty_body_is_refused(body: bytes) -> None:
    assert refused(body) == "empty_body"


def test_json_made_to_hurt_is_refused() -> None:
    assert refused(b'{"a":' * 100_000) == "broken_body"
    assert refused(b'{"a": ' + b"9" * 10_000 + b"}") == "broken_body"
    assert refused(f"a{'[b]' * 100}=1".encode(), FORM) == "broken_body"
    assert refused("&".join(f"a{n}=1" for n in range(2_000)).encode(), FORM) == "broken_body"


def test_a_form_cut_off_inside_a_letter_is_refused() -> None:
    whole = form({"phone": "79000000017", "name": "Пробный"}).body
    assert refused(whole[:-1], FORM) == "broken_body"  # %B
    assert refused(whole[:-3], FORM) == "broken_body"  # half of й
    body = json.dumps({"name": "Пробный"}, ensure_ascii=False).encode()
    assert [refused(body[:end]) for end in range(1, len(body))] == ["broken_body"] * (len(body) - 1)


@pytest.mark.parametrize("text", ["Müller", "Grüße aus Köln", "Пробный".encode("koi8-r").decode("latin-1")])
def test_a_charset_that_cannot_be_told_is_refused(text: str) -> None:
    assert refused(urlencode({"name": text}, encoding="latin-1").encode(), FORM) == "charset_not_recognised"


def test_a_charset_that_is_told_is_believed() -> None:
    hook = form({"name": "Müller"}, charset="latin-1", told="iso-8859-1")
    assert read(hook=hook) == {"name": "Müller"}
    assert read(hook=form({"name": "Пробный"}, charset="koi8-r", told="koi8-r")) == {"name": "Пробный"}
    assert read(hook=form({"name": "A"}, told="no-such-charset")) == {"name": "A"}


@pytest.mark.parametrize("word", ["Анна", "ООО Проба", "Ёжик", "печь №5", "Имя"])
def test_a_word_in_windows_1251_is_enough(word: str) -> None:
    assert read(hook=form({"name": word}, charset="cp1251")) == {"name": word}


def test_a_repeated_field_keeps_both_values_once() -> None:
    pairs = [("phone", "1"), ("phone", ""), ("phone", "2"), ("phone", "1"), ("a", "x"), ("a[b]", "y"), ("a", "z")]
    assert read(hook=form(pairs)) == {"phone": "1; 2", "a": {"": "x", "b": "y"}}
    assert read(hook=Hook(body=b'{"phone": "1", "phone": "2"}')) == {"phone": "1; 2"}


def test_what_no_database_keeps_is_left_out() -> None:
    assert read(hook=Hook(body=b'{"a\\u0000": "b\\u0000\\ud800"}')) == {"a": "b"}
    assert read(hook=form({"a": "b\x00"})) == {"a": "b"}


def test_json_under_a_wrong_name_is_json() -> None:
    assert read(hook=Hook(body=b'{"a": 1}', content_type=FORM)) == {"a": 1}
    assert read(hook=Hook(body=b"a=1", content_type="text/plain")) == {"a": "1"}


def test_a_path_is_followed_however_it_is_written() -> None:
    held = {"a": {"b": [{"C": "x"}]}, "p.q": "y", "n": 5, "yes": True, "none": None}
    paths = {
        "a.b.0.C": "x",
        "a[b][0][c]": "x",
        "p.q": "y",
        "n": "5",
        "yes": "true",
        "none": "",
        "a.b.9.C": "",
        "a.z": "",
    }
    assert {path: fields.find(document=held, path=path) for path in paths} == paths


def test_a_digest_stays_from_delivery_to_delivery() -> None:
    one = {"name": "A", "timestamp": 1}
    assert fields.digest(document=one) == fields.digest(document={"timestamp": 2, "name": "A"})
    assert fields.digest(document=one) != fields.digest(document={"name": "B", "timestamp": 1})


@pytest.mark.parametrize(
    ("field_map", "code"),
    [({"phne": "a"}, "field_map_wrong"), ({"attributes.": "a"}, "field_map_wrong"), ({"phone": " = "}, "path_missing")],
)
def test_a_map_with_a_slip_is_refused(field_map: dict[str, str], code: str) -> None:
    with pytest.raises(DomainError) as caught:
        fields.check_map(field_map=field_map)
    assert caught.value.code == code


def test_utm_marks_wherever_they_travel() -> None:
    marks = {"utm_source": "ya", "utm_campaign": "весна"}
    assert utm.from_url("https://example.com/?a=1&utm_source=ya&utm_campaign=%D0%B2%D0%B5%D1%81%D0%BD%D0%B0") == marks
    assert utm.from_url("https://example.com/#/page?utm_source=ya&utm_campaign=весна") == marks
    assert utm.from_mapping({"UTM_SOURCE": "ya", "utmCampaign": " весна ", "utm": {}, "utm_medium": None}) == marks
    assert utm.from_cookie("x=1; TILDAUTM=utm_source%3Dya%7C%7C%7Cutm_campaign%3Dвесна") == marks
    assert utm.from_cookie("x=1") == utm.from_url("http://[") == {}


EXAMPLES: list[tuple[str, Hook]] = [
    ("tilda", form(payloads.TILDA)),
    ("amocrm", form(payloads.AMOCRM)),
    ("bitrix24", document(payloads.BITRIX)),
    ("bitrix24", form(payloads.BITRIX_EVENT)),
    ("calltouch", form(payloads.CALL)),
    ("facebook", document(payloads.FACEBOOK_NOTICE)),
    ("facebook", document(payloads.FACEBOOK_LEAD)),
    ("google-ads", document(payloads.GOOGLE)),
    ("vk", document(payloads.VK)),
    ("generic", document(payloads.GENERIC)),
]


# A form that ends early may be a shorter form: there the length that was announced tells.
@pytest.mark.parametrize(("profile", "hook"), [one for one in EXAMPLES if not one[1].content_type.startswith(FORM)])
def test_json_cut_off_anywhere_is_never_a_lead(profile: str, hook: Hook) -> None:
    for end in range(0, len(hook.body) - 1, 7):
        cut = Hook(body=hook.body[:end], content_type=hook.content_type)
        with pytest.raises(DomainError):
            translate(profile=PROFILES[profile], hook=cut, setup=Setup())


JUNK = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)
# fmt: off
NAMES = st.sampled_from(
    (
        "leads", "add", "0", "entry", "changes", "value", "field_data", "object", "answers", "fields", "PHONE", "type",
        "user_column_data", "id", "name", "phone", "values", "custom_fields", "event", "data", "utm", "COOKIES",
    )
)
# fmt: on
NEAR = st.recursive(
    JUNK,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAMES, inner, max_size=4),
    max_leaves=12,
)


@pytest.mark.parametrize("profile", PROFILES)
@given(content=NEAR)
def test_any_json_is_a_lead_or_a_refusal(profile: str, content: Any) -> None:
    _never_breaks(profile, Hook(body=json.dumps(content).encode(), content_type=JSON))


@pytest.mark.parametrize("profile", PROFILES)
@given(body=st.binary(max_size=80), kind=st.sampled_from([FORM, JSON, "", "multipart/form-data; boundary=x", "\r\n"]))
def test_any_bytes_are_a_lead_or_a_refusal(profile: str, body: bytes, kind: str) -> None:
    _never_breaks(profile, Hook(body=body, content_type=kind))


def _never_breaks(profile: str, hook: Hook) -> None:
    deals: Translated = ()
    with suppress(DomainError):
        deals = translate(profile=PROFILES[profile], hook=hook, setup=Setup())
    for deal in deals if isinstance(deals, tuple) else ():
        assert deal.row.external_id
        assert "\x00" not in repr(deal.row)
