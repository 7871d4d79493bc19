"""A small set of rules to test against, made by the same operations as a real one."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from funnels.models import CriterionVersion, Definition, Funnel, LossReason, Stage
from funnels.operations.definitions import draft_definition, publish_preset_definition
from funnels.operations.dictionaries import (
    CriterionContent,
    create_criterion,
    create_funnel,
    create_reason,
    create_stage,
)
from funnels.rules.definitions import Side
from funnels.rules.moves import Milestone

LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Rules:
    """A funnel with everything in it by its code."""

    funnel: Funnel
    stages: Mapping[str, Stage]
    versions: Mapping[str, CriterionVersion]
    reasons: Mapping[str, LossReason]
    definition: Definition

    def bit(self, code: str) -> int:
        """Tell a criterion's bit."""
        return self.versions[code].criterion.bit

    def mask(self, *codes: str) -> int:
        """Pack criteria into a mask."""
        return sum(1 << self.bit(code) for code in codes)


def make_rules(
    *,
    code: str = "sales",
    criteria: Sequence[str] = ("contact_valid", "need", "budget"),
    soft: Collection[str] = (),
    contents: Mapping[str, Mapping[str, Any]] | None = None,
    milestones: Sequence[Milestone] = tuple(Milestone),
    at: datetime = LONG_AGO,
) -> Rules:
    """Make a funnel with a published definition.

    Stages are named by their milestone in lower case. `soft` criteria do not block; `contents` overrides what a
    criterion says. Reasons: `price` and `competitor` at every open stage, `early` at the first only, `other` needs a
    note.
    """
    funnel = create_funnel(code=code, name=code.title(), by=None, at=at)
    stages = {
        milestone.value.lower(): create_stage(
            funnel=funnel,
            code=milestone.value.lower(),
            name=milestone.value.title(),
            milestone=milestone,
            position=position,
            by=None,
            at=at,
        )
        for position, milestone in enumerate(milestones, start=1)
    }
    versions = {
        name: create_criterion(
            funnel=funnel,
            code=name,
            content=content_of(name, is_blocking=name not in soft, **(contents or {}).get(name, {})),
            by=None,
            at=at,
        )
        for name in criteria
    }
    reasons = _make_reasons(funnel, [stage for stage in stages.values() if stage.milestone != Milestone.WON], at=at)
    draft = draft_definition(
        funnel=funnel, versions=list(versions.values()), note="First", effective_from_at=at, by=None, at=at
    )
    definition = publish_preset_definition(definition=draft, at=at)
    return Rules(funnel=funnel, stages=stages, versions=versions, reasons=reasons, definition=definition)


def content_of(code: str, **overrides: Any) -> CriterionContent:
    """Say something about a criterion."""
    words = code.replace("_", " ")
    return CriterionContent(
        **{"name": words, "failed_name": f"no {words}", "wording": f"Is there {words}?"} | overrides
    )


def _make_reasons(funnel: Funnel, stages: Sequence[Stage], *, at: datetime) -> dict[str, LossReason]:
    listed = {
        "price": (Side.CLIENT, stages, False),
        "competitor": (Side.PRODUCT, stages, False),
        "early": (Side.MARKETING, stages[:1], False),
        "other": (Side.SALES, stages, True),
    }
    return {
        code: create_reason(
            funnel=funnel,
            code=code,
            name=code.title(),
            side=side,
            stages=where,
            needs_note=needs_note,
            position=position,
            by=None,
            at=at,
        )
        for position, (code, (side, where, needs_note)) in enumerate(listed.items(), start=1)
    }
