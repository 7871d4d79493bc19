"""What has been agreed on, as the pages of the rules show it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Prefetch, QuerySet

from funnels.models import Criterion, CriterionVersion, Definition, Funnel, LossReason, Stage, StageLossReason
from funnels.queries.definitions import (
    CriterionInForce,
    criteria_by_definition,
    criteria_of,
    in_force,
    last_agreed,
    stamp_of,
)
from funnels.rules.definitions import Side
from funnels.rules.differences import Difference, differences
from funnels.rules.moves import Milestone

Compared = Difference[CriterionInForce]


@dataclass(frozen=True, slots=True)
class StageShown:
    """A stage with the reasons for which a lead may be lost there."""

    stage: Stage
    reasons: Sequence[LossReason]

    @property
    def is_won(self) -> bool:
        return self.stage.milestone == Milestone.WON

    @property
    def is_without_reasons(self) -> bool:
        """Whether nobody could lose a lead here."""
        return not self.is_won and not self.reasons


@dataclass(frozen=True, slots=True)
class Overview:
    """Everything agreed on in one funnel."""

    funnel: Funnel
    current: Definition | None
    asked: Sequence[CriterionInForce]
    upcoming: Sequence[Definition]
    drafts: Sequence[Definition]
    discarded: Sequence[Definition]
    stages: Sequence[StageShown]
    spare: Sequence[CriterionVersion]
    archived_stages: Sequence[Stage]
    archived_criteria: Sequence[CriterionVersion]
    archived_reasons: Sequence[LossReason]


@dataclass(frozen=True, slots=True)
class Agreement:
    """One published definition, and what it changed."""

    definition: Definition
    previous: Definition | None
    rows: Sequence[Compared]
    is_current: bool
    is_upcoming: bool

    @property
    def changed(self) -> Sequence[Compared]:
        return [row for row in self.rows if row.changes]


@dataclass(frozen=True, slots=True)
class Draft:
    """A draft beside the definition it would replace."""

    definition: Definition
    previous: Definition | None
    rows: Sequence[Compared]
    stamp: str
    is_outdated: bool
    meanwhile: Sequence[Compared]

    @property
    def changed(self) -> Sequence[Compared]:
        return [row for row in self.rows if row.changes]


def overview(*, funnel: Funnel, at: datetime) -> Overview:
    """Read everything agreed on in a funnel."""
    definitions = list(_with_people().filter(funnel=funnel).order_by("effective_from_at", "number"))
    agreed = [one for one in definitions if one.published_at is not None]
    current = in_force(agreed, at=at) if agreed else None
    asked = criteria_of(definition=current) if current else []
    newest = newest_versions(funnel=funnel)
    in_definition = {criterion.criterion_id for criterion in asked}
    stages = stages_shown(funnel=funnel)
    waiting = [one for one in definitions if one.published_at is None]
    return Overview(
        funnel=funnel,
        current=current,
        asked=asked,
        upcoming=[one for one in agreed if current and one != current and one.effective_from_at > at],
        drafts=[one for one in waiting if one.discarded_at is None],
        discarded=[one for one in waiting if one.discarded_at is not None],
        stages=stages,
        spare=[
            version
            for version in newest
            if version.criterion.archived_at is None and version.criterion_id not in in_definition
        ],
        archived_stages=list(Stage.objects.filter(funnel=funnel, archived_at__isnull=False).order_by("position")),
        archived_criteria=[version for version in newest if version.criterion.archived_at is not None],
        archived_reasons=list(archived_reasons(funnel=funnel)),
    )


def stages_shown(*, funnel: Funnel) -> Sequence[StageShown]:
    """List the stages in use with the reasons in use at each, marketing's first."""
    stages = list(Stage.objects.filter(funnel=funnel, archived_at__isnull=True).order_by("position"))
    reasons = {reason.pk: reason for reason in reasons_in_use(funnel=funnel)}
    listed: dict[int, set[int]] = {}
    for stage, reason in StageLossReason.objects.filter(stage__in=stages).values_list("stage_id", "loss_reason_id"):
        listed.setdefault(stage, set()).add(reason)
    return [
        StageShown(stage, [reason for pk, reason in reasons.items() if pk in listed.get(stage.pk, set())])
        for stage in stages
    ]


def reasons_in_use(*, funnel: Funnel) -> Sequence[LossReason]:
    """List the reasons in use by side, each in its order."""
    in_use = LossReason.objects.filter(funnel=funnel, archived_at__isnull=True).select_related("implied_criterion")
    sides = list(Side)
    return sorted(in_use, key=lambda reason: (sides.index(Side(reason.side)), reason.position, reason.pk))


def newest_versions(*, funnel: Funnel) -> Sequence[CriterionVersion]:
    """List the newest version of each criterion of a funnel, archived ones too."""
    versions = CriterionVersion.objects.filter(criterion__funnel=funnel).select_related("criterion", "answerable_at")
    newest = {version.criterion_id: version for version in versions.order_by("criterion__bit", "number")}
    return list(newest.values())


def history(*, funnel: Funnel, at: datetime) -> Sequence[Agreement]:
    """List what was agreed when, the latest first, each with what it changed."""
    agreed = list(
        _with_people().filter(funnel=funnel, published_at__isnull=False).order_by("effective_from_at", "number")
    )
    current = in_force(agreed, at=at) if agreed else None
    asked_by = criteria_by_definition(definitions=agreed)
    told: list[Agreement] = []
    previous: Definition | None = None
    before: Sequence[CriterionInForce] = []
    for definition in agreed:
        after = asked_by[definition.pk]
        told.append(
            Agreement(
                definition=definition,
                previous=previous,
                rows=differences(before=before, after=after),
                is_current=definition == current,
                is_upcoming=definition.effective_from_at > at,
            )
        )
        previous, before = definition, after
    return list(reversed(told))


def draft_shown(*, definition: Definition) -> Draft:
    """Read a draft beside what it would replace; and what was agreed on since it was written."""
    previous = last_agreed(funnel_id=definition.funnel_id)
    before = criteria_of(definition=previous) if previous else []
    after = criteria_of(definition=definition)
    is_outdated = previous is not None and previous.pk != definition.based_on_id
    base = criteria_of(definition=definition.based_on) if is_outdated and definition.based_on else before
    meanwhile = differences(before=base, after=before) if is_outdated else []
    return Draft(
        definition=definition,
        previous=previous,
        rows=differences(before=before, after=after),
        stamp=stamp_of(definition=definition, asked=[criterion.version_id for criterion in after]),
        is_outdated=is_outdated,
        meanwhile=[row for row in meanwhile if row.changes],
    )


def definition_by_id(*, pk: int) -> Definition | None:
    """Find a definition with the people behind it."""
    return _with_people().filter(pk=pk).first()


def criterion_by_id(*, pk: int) -> Criterion | None:
    """Find a criterion with its versions, the newest first."""
    versions = CriterionVersion.objects.select_related("created_by", "answerable_at").order_by("-number")
    published = Prefetch("definitions", Definition.objects.filter(published_at__isnull=False).order_by("number"))
    return (
        Criterion.objects.select_related("funnel")
        .prefetch_related(Prefetch("versions", versions.prefetch_related(published)))
        .filter(pk=pk)
        .first()
    )


def stages_known() -> QuerySet[Stage]:
    """Select every stage, archived ones too, with its funnel."""
    return Stage.objects.select_related("funnel")


def reasons_known() -> QuerySet[LossReason]:
    """Select every reason, archived ones too, with its funnel and the criterion it implies."""
    return LossReason.objects.select_related("funnel", "implied_criterion")


def archived_reasons(*, funnel: Funnel) -> QuerySet[LossReason]:
    """List the reasons of a funnel that are out of use."""
    return LossReason.objects.filter(funnel=funnel, archived_at__isnull=False)


def is_funnel(*, code: str) -> bool:
    """Tell whether a funnel of this code was ever made."""
    return Funnel.objects.filter(code=code).exists()


def archived_funnels() -> QuerySet[Funnel]:
    """List the funnels out of use."""
    return Funnel.objects.filter(archived_at__isnull=False).order_by("id")


def _with_people() -> QuerySet[Definition]:
    people = ("created_by", "marketing_signed_by", "sales_signed_by", "discarded_by")
    return Definition.objects.select_related("funnel", "based_on", *people)
