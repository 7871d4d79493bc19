"""Phones as people and spreadsheets write them."""

import pytest

from leads.intake.phone import normalise, read_all


@pytest.mark.parametrize(
    "text",
    [
        "8 (917) 220-14-08",
        "+7 917 220 14 08",
        "79172201408",
        "9172201408",
        "79172201408.0",
        "7 917 220-14-08 доб. 12",
        "'+79172201408",
        "\u202a+7 917 220-14-08\u202c",
        "8(917)220-14-08; 8(917)220-14-09",
        "8(917)220-14-08, 8(917)220-14-09",
        "8(917)220-14-08 / 09",
        "нет; 8(917)220-14-08",
        "0079172201408",
    ],
)
def test_one_number_has_one_form(text: str) -> None:
    assert normalise(text, "RU") == "+79172201408"


@pytest.mark.parametrize(
    "text",
    ["", "-", "нет", "123", "7.9172E+10", "7,9172e+10", "79172201408E0", "+7 000 000 00 00", "9" * 5000],
)
def test_what_is_not_a_phone_is_empty(text: str) -> None:
    assert normalise(text, "RU") == ""


def test_a_complete_foreign_number_without_plus_is_read() -> None:
    assert normalise("4915112345678", "RU") == "+4915112345678"
    assert normalise("380442345678", "DE") == "+380442345678"


def test_a_national_number_is_read_in_the_region_of_the_company() -> None:
    assert normalise("0151 12345678", "DE") == "+4915112345678"


FIRST, SECOND = "+79172200011", "+79172200012"


@pytest.mark.parametrize(
    "text",
    [
        "+7 917 220-00-11, +7 917 220-00-12",
        "8 917 220-00-11 / 8 917 220-00-12",
        "8 917 220-00-11/8 917 220-00-12",
        "8 917 220-00-11; 8 (917) 220-00-12",
        "8 917 220-00-11 или 8 917 220-00-12",
        "8 917 220-00-11\n8 917 220-00-12",
        "8 917 220-00-11, 8 917 220-00-12, +7 917 220-00-11",
        f"8 917 220-00-11 {'(' * 300}, 8 917 220-00-11; 8 917 220-00-12; дома никого",
    ],
)
def test_every_number_of_a_cell_is_read_once(text: str) -> None:
    assert read_all(text, "RU")[0] == [FIRST, SECOND]


@pytest.mark.parametrize(
    ("text", "understood"),
    [
        ("8 917 220-00-11, Анна", True),
        ("нет; 8 917 220-00-11", True),
        ("8 917 220-00-11, 8 917 220-00", False),
        ("8 917 220-00-11 / 12", False),
        ("доб. 15", False),
        ("нет", False),
        ("", False),
    ],
)
def test_it_is_told_when_digits_were_left_unread(text: str, understood: bool) -> None:
    assert read_all(text, "RU")[1] is understood


def test_a_slash_may_be_a_hyphen() -> None:
    assert read_all("0151/12345678", "DE") == (["+4915112345678"], True)
