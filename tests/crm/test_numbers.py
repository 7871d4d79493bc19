"""Numbers as people write them, and when they may be read as two."""

from decimal import Decimal

import pytest

from crm.rules.numbers import read_written


@pytest.mark.parametrize(
    ("text", "value", "is_ambiguous"),
    [
        ("12", "12", False),
        ("12 500,50", "12500.50", False),
        ("12\u202f500", "12500", False),
        ("1'234.5", "1234.5", False),
        ("1,234.5", "1234.5", False),
        ("1.234,5", "1234.5", False),
        ("1,234,567", "1234567", False),
        ("1,234", "1234", True),
        ("1.234", "1234", True),
        ("0,234", "0.234", True),
        ("1234,567", "1234.567", True),
    ],
)
def test_groups_and_marks_are_told_apart(text: str, value: str, is_ambiguous: bool) -> None:
    written = read_written(text=text)
    assert written is not None
    assert (written.value, written.is_ambiguous) == (Decimal(value), is_ambiguous)


@pytest.mark.parametrize("text", ["", "-5", "+5", "1,23,456", "1,234,5", "1.234.5", "5,", ",5", "1e5", "five", "1 2a"])
def test_what_is_no_number_is_none(text: str) -> None:
    assert read_written(text=text) is None
