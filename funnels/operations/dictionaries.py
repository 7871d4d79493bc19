"""Write funnels, stages, criteria and reasons. Nothing here is ever deleted: what is out of use is archived."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime
from decimal import Decimal

from django.db import models, transaction
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from crm.models import User
from crm.operations import agreements
from crm.rules.errors import DomainError
from funnels.models import Criterion, CriterionVersion, DefinitionCriterion, Funnel, LossReason, Stage, StageLossReason
from funnels.queries import definitions_agreed, first_stage, in_force, won_stage
from funnels.rules.criteria import AnswerType, EvidenceRule, JudgedBy, check_content
from funnels.rules.definitions import Side, next_bit
from funnels.rules.moves import Milestone


class CodeIsTaken(DomainError):
    """A code that already names something else; codes of archived things stay taken."""

    def __init__(self, *, code: str) -> None:
        super().__init__("code_taken", format_lazy(_("The code “{code}” is already in use."), code=code), "code")


class CriterionIsInForce(DomainError):
    """Archiving a criterion that the definition in force, or one that waits for its date, asks."""

    def __init__(self) -> None:
        super().__init__(
            "criterion_in_force", _("The current definition asks this criterion; publish one without it first.")
        )


class StageIsNeeded(DomainError):
    """Archiving the stage at which leads arrive or are won."""

    def __init__(self) -> None:
        super().__init__("stage_needed", _("A funnel cannot be without its first and its won stage."))


class BelongsToAnotherFunnel(DomainError):
    """Joining rules of two funnels."""

    def __init__(self) -> None:
        super().__init__("belongs_to_another_funnel", _("Stages, criteria and reasons must be of one funnel."))


@dataclass(frozen=True, slots=True, kw_only=True)
class CriterionContent:
    """What a version of a criterion says."""

    name: str
    failed_name: str
    wording: str
    example_met: str = ""
    example_failed: str = ""
    is_blocking: bool = True
    evidence: EvidenceRule = EvidenceRule.NONE
    answer_type: AnswerType = AnswerType.YES_NO
    options: Sequence[Mapping[str, object]] = ()
    threshold: Decimal | None = None
    unit: str = ""
    judged_by: JudgedBy = JudgedBy.PERSON
    rule: Mapping[str, object] = field(default_factory=dict)


@transaction.atomic
def create_funnel(*, code: str, name: str, by: User | None, at: datetime) -> Funnel:
    """Create a funnel, still without stages."""
    if Funnel.objects.filter(code=code).exists():
        raise CodeIsTaken(code=code)
    funnel = Funnel.objects.create(code=code, name=name, created_at=at)
    agreements.record(action="funnel.create", obj=funnel, by=by, at=at, changes={"code": code})
    return funnel


@transaction.atomic
def create_stage(
    *, funnel: Funnel, code: str, name: str, milestone: Milestone, position: int, by: User | None, at: datetime
) -> Stage:
    """Add a stage to a funnel."""
    _refuse_taken(Stage.objects.filter(funnel=funnel), code)
    stage = Stage.objects.create(funnel=funnel, code=code, name=name, milestone=milestone.value, position=position)
    agreements.record(
        action="stage.create", obj=stage, by=by, at=at, changes={"code": code, "milestone": milestone.value}
    )
    return stage


@transaction.atomic
def archive_stage(*, stage: Stage, by: User | None, at: datetime) -> None:
    """Take a stage out of use; leads that stand there keep it until they move on."""
    if stage in (first_stage(funnel=stage.funnel), won_stage(funnel=stage.funnel)):
        raise StageIsNeeded
    _archive("stage.archive", stage, by=by, at=at)


@transaction.atomic
def create_criterion(
    *,
    funnel: Funnel,
    code: str,
    content: CriterionContent,
    answerable_at: Stage | None = None,
    by: User | None,
    at: datetime,
) -> CriterionVersion:
    """Add a criterion with its own bit and write its first version."""
    Funnel.objects.select_for_update().get(pk=funnel.pk)  # two people must not be given one bit
    _refuse_taken(Criterion.objects.filter(funnel=funnel), code)
    bit = next_bit(used=list(Criterion.objects.filter(funnel=funnel).values_list("bit", flat=True)))
    criterion = Criterion.objects.create(funnel=funnel, code=code, bit=bit, created_at=at)
    agreements.record(action="criterion.create", obj=criterion, by=by, at=at, changes={"code": code, "bit": bit})
    return _write_version(criterion, content, answerable_at, by=by, at=at)


@transaction.atomic
def revise_criterion(
    *,
    criterion: Criterion,
    content: CriterionContent,
    answerable_at: Stage | None = None,
    by: User | None,
    at: datetime,
) -> CriterionVersion:
    """Write the next version of a criterion; leads keep the version they were judged by.

    Said again word for word it stays the version it is: a resent form writes nothing twice.
    """
    Criterion.objects.select_for_update().get(pk=criterion.pk)
    newest = criterion.versions.order_by("-number").first()
    if newest is not None and _says(newest, content, answerable_at):
        return newest
    return _write_version(criterion, content, answerable_at, by=by, at=at)


@transaction.atomic
def archive_criterion(*, criterion: Criterion, by: User | None, at: datetime) -> None:
    """Take a criterion out of use; its bit stays its own for ever."""
    Funnel.objects.select_for_update().get(pk=criterion.funnel_id)  # a definition with it may be published just now
    agreed = definitions_agreed(funnel_id=criterion.funnel_id)
    upcoming = [definition for definition in agreed if definition.effective_from_at > at]
    standing = [in_force(agreed, at=at), *upcoming] if agreed else []
    if DefinitionCriterion.objects.filter(definition__in=standing, criterion_version__criterion=criterion).exists():
        raise CriterionIsInForce
    _archive("criterion.archive", criterion, by=by, at=at)


@transaction.atomic
def restore_criterion(*, criterion: Criterion, by: User | None, at: datetime) -> None:
    """Take an archived criterion into use again; drafts may ask it."""
    restore("criterion.restore", criterion, by=by, at=at)


@transaction.atomic
def create_reason(
    *,
    funnel: Funnel,
    code: str,
    name: str,
    side: Side,
    stages: Sequence[Stage],
    group: str = "",
    needs_note: bool = False,
    implied_criterion: Criterion | None = None,
    position: int = 0,
    by: User | None,
    at: datetime,
) -> LossReason:
    """Add a reason of loss and offer it at the given stages."""
    _refuse_taken(LossReason.objects.filter(funnel=funnel), code)
    owners = {stage.funnel_id for stage in stages} | ({implied_criterion.funnel_id} if implied_criterion else set())
    if owners - {funnel.pk}:
        raise BelongsToAnotherFunnel
    reason = LossReason.objects.create(
        funnel=funnel,
        code=code,
        name=name,
        side=side.value,
        group=group,
        needs_note=needs_note,
        implied_criterion=implied_criterion,
        position=position,
    )
    StageLossReason.objects.bulk_create([StageLossReason(stage=stage, loss_reason=reason) for stage in stages])
    changes = {"code": code, "side": side.value, "stages": [stage.code for stage in stages]}
    agreements.record(action="loss_reason.create", obj=reason, by=by, at=at, changes=changes)
    return reason


@transaction.atomic
def archive_reason(*, reason: LossReason, by: User | None, at: datetime) -> None:
    """Stop offering a reason; losses that gave it keep it."""
    _archive("loss_reason.archive", reason, by=by, at=at)


def _write_version(
    criterion: Criterion, content: CriterionContent, answerable_at: Stage | None, *, by: User | None, at: datetime
) -> CriterionVersion:
    check_content(
        answer_type=content.answer_type,
        options=content.options,
        threshold=content.threshold,
        judged_by=content.judged_by,
        rule=content.rule,
    )
    if answerable_at is not None and answerable_at.funnel_id != criterion.funnel_id:
        raise BelongsToAnotherFunnel
    last = CriterionVersion.objects.filter(criterion=criterion).aggregate(last=models.Max("number"))["last"] or 0
    version = CriterionVersion.objects.create(
        criterion=criterion,
        number=last + 1,
        answerable_at=answerable_at,
        created_at=at,
        created_by=by,
        **asdict(content) | {"options": [dict(option) for option in content.options]},
    )
    changes = {"criterion": criterion.code, "number": version.number, "is_blocking": version.is_blocking}
    agreements.record(action="criterion.add_version", obj=version, by=by, at=at, changes=changes)
    return version


def _says(version: CriterionVersion, content: CriterionContent, answerable_at: Stage | None) -> bool:
    said = asdict(content) | {"options": [dict(option) for option in content.options], "answerable_at": answerable_at}
    return all(getattr(version, name) == value for name, value in said.items())


def _refuse_taken(
    same_kind: models.QuerySet[Stage] | models.QuerySet[Criterion] | models.QuerySet[LossReason], code: str
) -> None:
    if same_kind.filter(code=code).exists():
        raise CodeIsTaken(code=code)


def restore(action: str, row: Stage | Criterion | LossReason, *, by: User | None, at: datetime) -> None:
    """Take an archived rule into use again and write that down; once is enough."""
    if row.archived_at is None:
        return
    row.archived_at = None
    row.save(update_fields=["archived_at"])
    agreements.record(action=action, obj=row, by=by, at=at, changes={"code": row.code})


def _archive(action: str, row: Stage | Criterion | LossReason, *, by: User | None, at: datetime) -> None:
    if row.archived_at is not None:
        return
    row.archived_at = at
    row.save(update_fields=["archived_at"])
    agreements.record(action=action, obj=row, by=by, at=at, changes={"code": row.code})
