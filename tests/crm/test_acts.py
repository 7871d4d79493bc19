"""The audit log speaks in words: whatever is written into it has some."""

import re
from pathlib import Path

import pytest
from django.utils import translation

from crm.forms.audit_log import AREAS
from crm.rules.acts import ACT_LABELS, act_in_words

ROOT = Path(__file__).parents[2]
NAMED = re.compile(
    r"""action=["']([a-z_]+\.[a-z_]+)["']|["']((?:person|import|stage|criterion|loss_reason)\.[a-z_]+)["']"""
)
COMPOSED = [
    *(f"lead.{kind}" for kind in ("advance", "lose", "win", "reopen", "duplicate", "repeat", "merge", "unmerge")),
    *(f"{kind}.{act}" for kind in ("source", "campaign", "segment") for act in ("rename", "archive", "restore")),
    "source.add_alias",
    "source.remove_alias",
]


def written() -> set[str]:
    """Read every act that operations name outright."""
    sources = (
        path for app in ("crm", "funnels", "leads", "insights") for path in (ROOT / app).glob("operations/**/*.py")
    )
    found = (match for path in sources for match in NAMED.findall(path.read_text(encoding="utf-8")))
    return {outright or chosen for outright, chosen in found}


def test_every_act_has_words() -> None:
    acts = written()
    assert {"person.switch_off", "import.finished", "lead.judge", "stage.restore"} <= acts
    assert [act for act in sorted({*acts, *COMPOSED}) if act not in ACT_LABELS] == []


def test_the_log_is_narrowed_to_every_kind_of_act() -> None:
    areas = {area for area, _label in AREAS}
    assert {act.partition(".")[0] for act in ACT_LABELS} <= areas


@pytest.mark.parametrize(("language", "said"), [("en", "Lead judged"), ("ru", "Лид оценён")])
def test_an_act_is_said_in_the_readers_language(language: str, said: str) -> None:
    with translation.override(language):
        assert act_in_words(action="lead.judge") == said


def test_an_act_nobody_knows_any_more_is_said_by_its_code() -> None:
    assert act_in_words(action="lead.forgotten") == "lead.forgotten"
