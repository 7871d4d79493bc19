"""E-mail addresses as people and spreadsheets write them."""

import pytest

from leads.intake.email import normalise, read_all


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("  Anna.Petrova@Example.COM ", "anna.petrova@example.com"),
        ("Анна <anna@example.com>", "anna@example.com"),
        ("mailto:anna@example.com", "anna@example.com"),
        ("нет, anna@example.com; b@example.com", "anna@example.com"),
        ("anna+leads@mail.example.com", "anna+leads@mail.example.com"),
        ("Иван@Пример.РФ", "иван@пример.рф"),
        ("иван@xn--e1afmkfd.xn--p1ai", "иван@пример.рф"),
    ],
)
def test_one_address_has_one_form(text: str, expected: str) -> None:
    assert normalise(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "",
        "нет",
        "anna",
        "anna@",
        "@example.com",
        "anna@localhost",
        "a..b@example.com",
        "a@-x.com",
        "a@1.2.3.4",
        "a@b@c",
    ],
)
def test_what_is_not_an_address_is_empty(text: str) -> None:
    assert normalise(text) == ""


@pytest.mark.parametrize(
    ("text", "addresses", "understood"),
    [
        ("A@Example.com, b@example.com", ["a@example.com", "b@example.com"], True),
        ("a@example.com/b@example.com", ["a@example.com", "b@example.com"], True),
        ("a@example.com или b@example.com, a@example.com", ["a@example.com", "b@example.com"], True),
        ("Анна <a@example.com>", ["a@example.com"], True),
        ("a@example.com; b@", ["a@example.com"], False),
        ("нет", [], False),
    ],
)
def test_every_address_of_a_cell_is_read(text: str, addresses: list[str], understood: bool) -> None:
    assert read_all(text) == (addresses, understood)
