"""One table for the page, the chart, the JSON and the file."""

import pytest

from insights.rules.table import safe_cell


@pytest.mark.parametrize("text", ["=1+1", "+7 900", "-2+3", "@SUM(A1)", "\t=1", "\r=1", "\n=1", "-"])
def test_a_name_cannot_become_a_formula(text: str) -> None:
    assert safe_cell(text) == f"'{text}"


@pytest.mark.parametrize(
    ("value", "cell"), [(None, ""), (0, "0"), (-0.0625, "-0.0625"), (1e-05, "1e-05"), ("Сайт", "Сайт")]
)
def test_numbers_stay_numbers_and_nothing_stays_empty(value: object, cell: str) -> None:
    assert safe_cell(value) == cell  # type: ignore[arg-type]
