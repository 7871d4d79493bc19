"""Stamps of public forms, what is suspected, and sites that may show a form."""

import json
from datetime import timedelta

import pytest

from crm.rules.errors import DomainError
from leads.rules.public_forms import (
    Suspicion,
    new_stamp,
    read_sites,
    read_stamp,
    suspicion_of,
)
from tests.factories.leads import MONDAY


def test_a_stamp_tells_when_its_own_form_was_opened_and_cannot_be_made_up() -> None:
    text = new_stamp(form_key="a", at=MONDAY)
    stamp = read_stamp(form_key="a", text=text)
    assert stamp is not None
    assert stamp.at == MONDAY
    assert stamp.number
    assert read_stamp(form_key="b", text=text) is None
    for forged in ("", "x", text[:-1], text + "A", json.dumps({"at": 0}), "🙂:🙂", ":" * 100):
        assert read_stamp(form_key="a", text=forged) is None
    assert new_stamp(form_key="a", at=MONDAY) != text


@pytest.mark.parametrize(
    ("trap", "seconds", "expected"),
    [
        ("", 1.9, Suspicion.TOO_FAST),
        ("", -5, Suspicion.TOO_FAST),
        ("", 2, None),
        ("", 48 * 3600, None),
        ("", 48 * 3600 + 1, Suspicion.STALE),
        ("", None, Suspicion.NO_STAMP),
        ("spam", 60, Suspicion.TRAP),
        ("spam", None, Suspicion.TRAP),
    ],
)
def test_what_is_suspected(trap: str, seconds: float | None, expected: Suspicion | None) -> None:
    stamp = None if seconds is None else read_stamp(form_key="a", text=new_stamp(form_key="a", at=MONDAY))
    at = MONDAY + timedelta(seconds=seconds or 0)
    assert suspicion_of(trap=trap, stamp=stamp, at=at) is expected


@pytest.mark.parametrize(
    ("told", "site"),
    [
        ("example.com", "https://example.com"),
        (" https://Example.com/path?x=1 ", "https://example.com"),
        ("http://localhost:8080", "http://localhost:8080"),
        ("https://*.example.com", "https://*.example.com"),
        ("школа.рф", "https://xn--80aa2bfa2e.xn--p1ai"),
    ],
)
def test_sites_are_read_as_people_write_them(told: str, site: str) -> None:
    assert read_sites(told=[told, "", told])[0][:12] == site[:12]
    assert len(read_sites(told=[told, "", told])) == 1
    if told.isascii():
        assert read_sites(told=[told]) == [site]


@pytest.mark.parametrize(
    "told",
    ["*", "https://*", "'self'", "https://a.com; script-src *", "javascript:alert(1)", "data:x", "a b.com", "https://"],
)
def test_what_is_no_site_cannot_get_into_the_policy(told: str) -> None:
    with pytest.raises(DomainError) as refusal:
        read_sites(told=[told])
    assert (refusal.value.code, refusal.value.field) == ("not_a_site", "allowed_sites")
