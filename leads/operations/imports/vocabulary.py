"""The codes a spreadsheet may use in a funnel: looked up once a batch, and checked before the first row."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from crm.rules.errors import DomainError
from funnels.models import Funnel, LossReason, Stage
from funnels.queries import criteria_of, current_definition, first_stage, stages_of, won_stage
from leads.intake.documents import MappingRefused
from leads.intake.mapping import ImportMapping
from leads.queries.stages import UnknownStage
from leads.rules.search import fold

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise


class UnknownReason(DomainError):
    """A row that names a reason of loss the funnel does not have."""

    def __init__(self, *, name: str, known: Iterable[str]) -> None:
        message = format_lazy(
            _("There is no reason of loss “{name}” in this funnel. Known reasons: {known}."),
            name=name,
            known=", ".join(known),
        )
        super().__init__("unknown_reason", message, "lost_reason")


class ReasonNotAtStage(DomainError):
    """A row lost at a stage that does not list its reason: told by names, and what to do in the pages."""

    def __init__(self, *, reason: str, stage: str) -> None:
        message = format_lazy(
            _(
                "“{reason}” is no reason of loss at the stage “{stage}”. Choose another reason or “not lost” for this "
                "value, or give the row a stage that has this reason."
            ),
            reason=reason,
            stage=stage,
        )
        super().__init__("reason_not_of_this_stage", message, "lost_reason")


class ReasonWithoutNote(DomainError):
    """A row lost for a reason that says too little by itself, and no note."""

    def __init__(self, *, reason: str) -> None:
        message = format_lazy(
            _("The reason “{reason}” needs a note: fill it in, or choose another reason or “not lost” for this value."),
            reason=reason,
        )
        super().__init__("reason_needs_note", message, "lost_note")


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """Stages and reasons by code and by folded name, and the criteria in force."""

    stages: Mapping[str, Stage]
    reasons: Mapping[str, str]
    reason_names: Mapping[str, str]
    reason_codes: tuple[str, ...]
    criteria: tuple[str, ...]
    blocking: tuple[str, ...]

    def stage(self, name: str) -> Stage:
        """Find a stage by its code or name."""
        stage = self.stages.get(fold(name))
        if stage is None:
            raise UnknownStage(code=name, known=dict.fromkeys(found.code for found in self.stages.values()))
        return stage

    def reason(self, name: str) -> str:
        """Find the code of a reason by its code or name."""
        code = self.reasons.get(fold(name))
        if code is None:
            raise UnknownReason(name=name, known=self.reason_codes)
        return code


def vocabulary_of(*, funnel: Funnel, at: datetime) -> Vocabulary:
    """Read what may be named in a funnel; a funnel in which no lead could be judged or won is refused."""
    first_stage(funnel=funnel)
    won_stage(funnel=funnel)
    criteria = criteria_of(definition=current_definition(funnel=funnel, at=at))
    stages = list(stages_of(funnel=funnel))
    reasons = list(LossReason.objects.filter(funnel=funnel, archived_at__isnull=True))
    # A code is stronger than a name: it is put in last.
    return Vocabulary(
        stages={fold(stage.name): stage for stage in stages} | {fold(stage.code): stage for stage in stages},
        reasons={fold(reason.name): reason.code for reason in reasons}
        | {fold(reason.code): reason.code for reason in reasons},
        reason_names={reason.code: reason.name for reason in reasons},
        reason_codes=tuple(reason.code for reason in reasons),
        criteria=tuple(criterion.code for criterion in criteria),
        blocking=tuple(criterion.code for criterion in criteria if criterion.is_blocking),
    )


def check_mapping(*, mapping: ImportMapping, vocabulary: Vocabulary) -> None:
    """Refuse a mapping that names a criterion or a reason the funnel does not have."""
    for tag, meaning in mapping.tag_values.items():
        for code in (*meaning.fails, *meaning.meets):
            if code not in vocabulary.criteria:
                _refuse(
                    _("tag_values.{tag} names the criterion “{code}”; the criteria in force are {known}."),
                    tag,
                    code,
                    vocabulary.criteria,
                )
        for code in meaning.lost:
            if code not in vocabulary.reason_codes:
                _refuse(
                    _("tag_values.{tag}.lost names the reason “{code}”; the reasons of this funnel are {known}."),
                    tag,
                    code,
                    vocabulary.reason_codes,
                )


def _refuse(message: "str | _StrPromise", tag: str, code: str, known: Iterable[str]) -> None:
    raise MappingRefused(format_lazy(message, tag=tag, code=code, known=", ".join(known)))
