"""No number is shown that is not explained."""

from pathlib import Path

import pytest
from django.conf import settings

from insights.queries.catalogue import CATALOGUE, UnknownMetric, metric_by_code
from insights.rules.columns import Column
from insights.rules.contrast import CONTRAST_COLUMNS
from insights.rules.control import CONTROL_COLUMNS
from insights.rules.durations import DURATION_COLUMNS
from insights.rules.flow import FLOW_COLUMNS, WIN_COLUMNS
from insights.rules.hygiene import HYGIENE_COLUMNS
from insights.rules.losses import LOSS_COLUMNS
from insights.rules.mix import MIX_COLUMNS
from insights.rules.previous import CHANGE_COLUMNS
from insights.rules.quality import CRITERION_COLUMNS, QUALITY_COLUMNS
from insights.rules.speed import SPEED_COLUMNS
from insights.rules.stages import STEP_COLUMNS
from insights.rules.strictness import STRICTNESS_COLUMNS
from insights.rules.work import CONTACT_COLUMNS, WORK_COLUMNS

COLUMNS = {
    "quality": QUALITY_COLUMNS,
    "control": CONTROL_COLUMNS,
    "criteria": CRITERION_COLUMNS,
    "previous": CHANGE_COLUMNS,
    "sources": CONTRAST_COLUMNS,
    "stages": STEP_COLUMNS,
    "losses": LOSS_COLUMNS,
    "durations": DURATION_COLUMNS,
    "throughput": FLOW_COLUMNS,
    "wins": WIN_COLUMNS,
    "speed": SPEED_COLUMNS,
    "work": WORK_COLUMNS,
    "contactability": CONTACT_COLUMNS,
    "strictness": STRICTNESS_COLUMNS,
    "hygiene": HYGIENE_COLUMNS,
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
