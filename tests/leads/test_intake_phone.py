"""Phones as people and spreadsheets write them."""

import pytest

from leads.intake.phone import normalise


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
