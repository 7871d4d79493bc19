"""Install a ready-made set of rules, so that the first lead can be judged on the first day."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

from django.db import transaction
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from crm.models import User
from crm.operations import agreements
from crm.rules.errors import DomainError
from funnels.models import Criterion, CriterionVersion, Funnel, Stage
from funnels.operations.definitions import draft_definition, publish_preset_definition
from funnels.operations.dictionaries import (
    CriterionContent,
    create_criterion,
    create_funnel,
    create_reason,
    create_stage,
)
from funnels.rules.criteria import AnswerType, EvidenceRule, JudgedBy
from funnels.rules.definitions import Side
from funnels.rules.moves import Milestone

FOLDER = Path(__file__).resolve().parent.parent / "presets"
LANGUAGES = ("en", "ru")
OPEN_STAGES = "open"  # in a reason: offered at every stage but the won one


class UnknownPreset(DomainError):
    """A preset that does not exist; the message names those that do."""

    def __init__(self, *, code: str) -> None:
        message = format_lazy(
            _("There is no preset “{code}”. Known presets: {known}."), code=code, known=", ".join(preset_codes())
        )
        super().__init__("unknown_preset", message, "code")


@dataclass(frozen=True, slots=True)
class Installed:
    """What `use_preset` found or made."""

    funnel: Funnel
    is_new: bool
    stages: int
    criteria: int
    reasons: int


def preset_codes() -> list[str]:
    """List the presets that can be installed."""
    return sorted(path.stem for path in FOLDER.glob("*.json"))


def load_preset(*, code: str, language: str) -> dict[str, Any]:
    """Read a preset with its texts in one language."""
    if code not in preset_codes():
        raise UnknownPreset(code=code)
    raw = json.loads((FOLDER / f"{code}.json").read_text(encoding="utf-8"))
    preset: dict[str, Any] = _in_language(raw, language)
    return preset


@dataclass(frozen=True, slots=True)
class PresetShown:
    """What a preset brings, for whoever chooses one."""

    code: str
    name: str
    stages: Sequence[str]
    criteria: Sequence[str]
    reasons: Sequence[str]


def presets_shown(*, language: str) -> list[PresetShown]:
    """Tell of every preset what it brings, in one language."""
    found = [load_preset(code=code, language=language) for code in preset_codes()]
    return [
        PresetShown(
            preset["code"],
            preset["name"],
            *([item["name"] for item in preset[part]] for part in ("stages", "criteria", "reasons")),
        )
        for preset in found
    ]


@transaction.atomic
def use_preset(*, code: str, language: str, by: User | None, at: datetime) -> Installed:
    """Install a preset as a funnel of the same code.

    A funnel that is already there is left as it is, whatever people have made of it since and in any language.
    """
    preset = load_preset(code=code, language=language)
    agreements.hold()  # whoever installs it at the same moment finds it then
    existing = Funnel.objects.filter(code=code).first()
    if existing is not None:
        return _report(existing, is_new=False)
    funnel = create_funnel(code=code, name=preset["name"], by=by, at=at)
    stages = _install_stages(funnel, preset, by=by, at=at)
    versions = _install_criteria(funnel, stages, preset, by=by, at=at)
    _install_reasons(funnel, stages, versions, preset, by=by, at=at)
    definition = draft_definition(
        funnel=funnel, versions=list(versions.values()), note=preset["note"], effective_from_at=at, by=by, at=at
    )
    publish_preset_definition(definition=definition, at=at)
    agreements.record(
        action="preset.install",
        obj=funnel,
        by=by,
        at=at,
        changes={"code": code, "language": language},
    )
    return _report(funnel, is_new=True)


def _install_stages(funnel: Funnel, preset: Mapping[str, Any], *, by: User | None, at: datetime) -> dict[str, Stage]:
    return {
        stage["code"]: create_stage(
            funnel=funnel,
            code=stage["code"],
            name=stage["name"],
            milestone=Milestone(stage["milestone"]),
            position=position,
            by=by,
            at=at,
        )
        for position, stage in enumerate(preset["stages"], start=1)
    }


def _install_criteria(
    funnel: Funnel, stages: Mapping[str, Stage], preset: Mapping[str, Any], *, by: User | None, at: datetime
) -> dict[str, CriterionVersion]:
    return {
        item["code"]: create_criterion(
            funnel=funnel,
            code=item["code"],
            content=_content(item),
            answerable_at=stages[item["answerable_at"]],
            by=by,
            at=at,
        )
        for item in preset["criteria"]
    }


def _content(item: Mapping[str, Any]) -> CriterionContent:
    return CriterionContent(
        name=item["name"],
        failed_name=item["failed_name"],
        wording=item["wording"],
        example_met=item["example_met"],
        example_failed=item["example_failed"],
        is_blocking=item["is_blocking"],
        evidence=EvidenceRule(item["evidence"]),
        answer_type=AnswerType(item["answer_type"]),
        options=item.get("options", []),
        threshold=Decimal(item["threshold"]) if "threshold" in item else None,
        unit=item.get("unit", ""),
        judged_by=JudgedBy(item["judged_by"]),
        rule=item.get("rule", {}),
    )


def _install_reasons(
    funnel: Funnel,
    stages: Mapping[str, Stage],
    versions: Mapping[str, CriterionVersion],
    preset: Mapping[str, Any],
    *,
    by: User | None,
    at: datetime,
) -> None:
    open_stages = [stage for stage in stages.values() if stage.milestone != Milestone.WON]
    for position, item in enumerate(preset["reasons"], start=1):
        listed = item["stages"]
        create_reason(
            funnel=funnel,
            code=item["code"],
            name=item["name"],
            side=Side(item["side"]),
            group=preset["groups"][item["group"]],
            needs_note=item.get("needs_note", False),
            implied_criterion=_implied(versions, item.get("implies")),
            stages=open_stages if listed == OPEN_STAGES else [stages[code] for code in listed],
            position=position,
            by=by,
            at=at,
        )


def _implied(versions: Mapping[str, CriterionVersion], code: str | None) -> Criterion | None:
    return versions[code].criterion if code else None


def _in_language(node: Any, language: str) -> Any:
    if isinstance(node, dict):
        if set(node) == set(LANGUAGES):
            return node[language]
        return {key: _in_language(value, language) for key, value in node.items()}
    if isinstance(node, list):
        return [_in_language(value, language) for value in node]
    return node


def _report(funnel: Funnel, *, is_new: bool) -> Installed:
    return Installed(
        funnel=funnel,
        is_new=is_new,
        stages=funnel.stages.count(),
        criteria=funnel.criteria.count(),
        reasons=funnel.loss_reasons.count(),
    )
