"""Which definition of "target" is in force, and what it asks."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from django.utils.translation import gettext_lazy as _

from crm.rules.errors import DomainError
from funnels.models import CriterionVersion, Definition, DefinitionCriterion, Funnel
from funnels.rules.criteria import AnswerType, Comparison, EvidenceRule, JudgedBy, comparison_of
from funnels.rules.definitions import text_stamp


class NoDefinition(DomainError):
    """A funnel in which nothing has been agreed on yet."""

    def __init__(self) -> None:
        super().__init__("no_definition", _("This funnel has no published definition of a target lead yet."))


@dataclass(frozen=True, slots=True)
class CriterionInForce:
    """One criterion as a definition asks it."""

    bit: int
    code: str
    criterion_id: int
    version_id: int
    version_number: int
    position: int
    name: str
    failed_name: str
    wording: str
    example_met: str
    example_failed: str
    is_blocking: bool
    evidence: EvidenceRule
    answer_type: AnswerType
    options: Sequence[Mapping[str, object]]
    threshold: Decimal | None
    unit: str
    answerable_at_id: int | None
    judged_by: JudgedBy
    rule: Mapping[str, object]

    @property
    def comparison(self) -> Comparison:
        """On which side of the threshold a number is met."""
        return comparison_of(rule=self.rule)


def current_definition(*, funnel: Funnel, at: datetime) -> Definition:
    """Find the definition in force at an instant, as `in_force` tells it."""
    return in_force(definitions_agreed(funnel_id=funnel.pk), at=at)


def definitions_agreed(*, funnel_id: int) -> Sequence[Definition]:
    """List the published definitions of a funnel by the time they take effect: for whoever asks about many instants."""
    published = Definition.objects.filter(funnel=funnel_id, published_at__isnull=False)
    return list(published.order_by("effective_from_at", "number"))


def last_agreed(*, funnel_id: int) -> Definition | None:
    """Find the published definition that takes effect last: the one a draft would replace."""
    published = Definition.objects.filter(funnel=funnel_id, published_at__isnull=False)
    return published.order_by("effective_from_at", "number").last()


def in_force(definitions: Sequence[Definition], *, at: datetime) -> Definition:
    """Pick the definition in force at an instant; raises NoDefinition when nothing was ever agreed on.

    What came before anything was agreed on is judged by the first agreement: a company that installs its rules today
    imports last year's leads.
    """
    if not definitions:
        raise NoDefinition
    return next((one for one in reversed(definitions) if one.effective_from_at <= at), definitions[0])


def stamp_of(*, definition: Definition, asked: Sequence[int]) -> str:
    """Name the text of a draft that asks these versions in this order."""
    return text_stamp(
        asked=asked,
        note=definition.note,
        effective_from_at=definition.effective_from_at,
        based_on=definition.based_on_id,
    )


def criteria_of(*, definition: Definition) -> list[CriterionInForce]:
    """List what a definition asks, in the order it is asked."""
    entries = DefinitionCriterion.objects.filter(definition=definition).order_by("position")
    return [_in_force(entry) for entry in entries.select_related("criterion_version__criterion")]


def criteria_by_definition(*, definitions: Sequence[Definition]) -> Mapping[int, list[CriterionInForce]]:
    """List what each of several definitions asks, read at once."""
    entries = DefinitionCriterion.objects.filter(definition__in=definitions).order_by("position")
    found: dict[int, list[CriterionInForce]] = {definition.pk: [] for definition in definitions}
    for entry in entries.select_related("criterion_version__criterion"):
        found[entry.definition_id].append(_in_force(entry))
    return found


def versions_asked(*, funnel_id: int) -> Mapping[int, CriterionInForce]:
    """Read every version of a funnel's criteria by its id, as a definition would ask it."""
    versions = CriterionVersion.objects.filter(criterion__funnel=funnel_id).select_related("criterion")
    return {version.pk: _asked(version, position=0) for version in versions}


def blocking_bits(*, criteria: Sequence[CriterionInForce]) -> frozenset[int]:
    """Pick the bits that decide the verdict."""
    return frozenset(criterion.bit for criterion in criteria if criterion.is_blocking)


def _in_force(entry: DefinitionCriterion) -> CriterionInForce:
    return _asked(entry.criterion_version, position=entry.position)


def _asked(version: CriterionVersion, *, position: int) -> CriterionInForce:
    return CriterionInForce(
        bit=version.criterion.bit,
        code=version.criterion.code,
        criterion_id=version.criterion_id,
        version_id=version.pk,
        version_number=version.number,
        position=position,
        name=version.name,
        failed_name=version.failed_name,
        wording=version.wording,
        example_met=version.example_met,
        example_failed=version.example_failed,
        is_blocking=version.is_blocking,
        evidence=EvidenceRule(version.evidence),
        answer_type=AnswerType(version.answer_type),
        options=version.options,
        threshold=version.threshold,
        unit=version.unit,
        answerable_at_id=version.answerable_at_id,
        judged_by=JudgedBy(version.judged_by),
        rule=version.rule,
    )
