"""What can be done to several leads at once: what their funnels ask, offer and list."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from crm.models import User
from funnels.models import Funnel, LossReason, Stage
from funnels.queries import CriterionInForce, NoDefinition, criteria_of, current_definition, reasons_of, stages_of
from funnels.rules.moves import Milestone
from leads.models import BulkRun, Lead
from leads.models.lead import LeadQuerySet
from leads.queries.presentation import LeadRow, rows, with_shown


@dataclass(frozen=True, slots=True)
class StageReasons:
    """The reasons of one stage, and how many of the leads are at it."""

    stage: Stage
    leads: int
    reasons: Sequence[LossReason]


@dataclass(frozen=True, slots=True)
class Offered:
    """What may be answered, said and chosen for these leads."""

    criteria: Sequence[CriterionInForce]
    losses: Sequence[StageReasons]
    stages: Sequence[Stage]


def offered(*, leads: LeadQuerySet, at: datetime) -> Offered:
    """Read what several leads have to choose from; a code that funnels share is named once."""
    standing = list(leads.order_by().values_list("stage_id", flat=True))
    here = {stage.pk: stage for stage in Stage.objects.filter(pk__in=set(standing)).select_related("funnel")}
    funnels = {stage.funnel_id: stage.funnel for stage in here.values()}.values()
    stages = {
        stage.code: stage for funnel in funnels for stage in stages_of(funnel=funnel).exclude(milestone=Milestone.WON)
    }
    losses = [
        StageReasons(stage, standing.count(stage.pk), list(reasons_of(stage=stage)))
        for stage in sorted(here.values(), key=lambda stage: (stage.funnel_id, stage.position))
    ]
    return Offered(_criteria(funnels, at), losses, list(stages.values()))


def codes_of(*, leads: LeadQuerySet, most: int) -> list[str]:
    """Name the newest leads of a list, one more than may be changed at once if there are so many."""
    newest = leads.only("public_id").order_by("-received_at", "-id")
    return [lead.code for lead in newest[: most + 1]]


def with_codes(*, leads: LeadQuerySet, codes: Iterable[str]) -> LeadQuerySet:
    """Keep the leads of some codes; what is no code names nothing."""
    ids = []
    for code in codes:
        try:
            ids.append(Lead.id_from_code(code))
        except ValueError:
            continue
    return leads.filter(public_id__in=ids)


def run_of(*, actor: User, request_id: UUID) -> BulkRun | None:
    """Find what a person did to many leads; somebody else's is not there."""
    return BulkRun.objects.filter(by=actor, request_id=request_id).first()


def rows_of(*, codes: Iterable[str], actor: User, at: datetime) -> Mapping[str, LeadRow]:
    """Show the leads of some codes, as far as the person may see them."""
    leads = with_codes(leads=LeadQuerySet(Lead).visible_to(actor), codes=codes)
    shown = with_shown(leads=leads, actor=actor)
    return {row.code: row for row in rows(leads=shown, actor=actor, at=at)}


def _criteria(funnels: Iterable[Funnel], at: datetime) -> list[CriterionInForce]:
    named: dict[str, CriterionInForce] = {}
    for funnel in funnels:
        try:
            definition = current_definition(funnel=funnel, at=at)
        except NoDefinition:
            continue
        for criterion in criteria_of(definition=definition):
            named.setdefault(criterion.code, criterion)
    return list(named.values())
