"""No number is shown that is not explained."""

from pathlib import Path

import pytest
from django.conf import settings

from insights.queries.catalogue import CATALOGUE, UnknownMetric, metric_by_code
from insights.rules.table import CONTRAST_COLUMNS, CRITERION_COLUMNS, MIX_COLUMNS, QUALITY_COLUMNS, Column

COLUMNS = {
    "quality": QUALITY_COLUMNS,
    "criteria": CRITERION_COLUMNS,
    "sources": CONTRAST_COLUMNS,
    "mix": MIX_COLUMNS,
}


def _chapter(code: str) -> str:
    text = (Path(settings.BASE_DIR) / "docs" / "metrics.md").read_text(encoding="utf-8")
    _before, heading, rest = text.partition(f"\n## `{code}`\n")
    assert heading, f"docs/metrics.md has no chapter `{code}`"
    return rest.partition("\n## ")[0]


@pytest.mark.parametrize("code", sorted(CATALOGUE))
def test_every_metric_is_documented(code: str) -> None:
    assert _chapter(code).strip()


@pytest.mark.parametrize(("code", "column"), [(code, column) for code in COLUMNS for column in COLUMNS[code]])
def test_every_column_is_documented(code: str, column: Column) -> None:
    assert f"`{column.code}`" in _chapter(code)


def test_every_metric_says_its_columns() -> None:
    assert set(COLUMNS) == set(CATALOGUE)


def test_an_unknown_metric_is_refused() -> None:
    with pytest.raises(UnknownMetric):
        metric_by_code(code="happiness")
