"""Funnels with their stages, criteria in force, and reasons of loss, by the codes that facts are told with."""

from collections.abc import Mapping
from typing import ClassVar

from django.utils import timezone
from rest_framework.request import Request
from rest_framework.response import Response

from crm.api.bodies import Told
from crm.api.described import described, query
from crm.api.endpoints import Endpoint
from funnels.models import Funnel, LossReason
from funnels.queries import NoDefinition, criteria_of, current_definition, funnel_named, funnels_in_use, stages_of


class StageOut(Told):
    code: str
    name: str
    milestone: str
    position: int


class FunnelOut(Told):
    code: str
    name: str
    stages: list[StageOut]


class Funnels(Told):
    items: list[FunnelOut]


class CriterionOut(Told):
    """A question about a lead as the definition in force asks it."""

    code: str
    name: str
    wording: str
    is_blocking: bool
    answer_type: str
    judged_by: str
    evidence: str
    options: list[str]
    threshold: str | None


class Criteria(Told):
    funnel: str
    definition: int | None
    items: list[CriterionOut]


class LossReasonOut(Told):
    """A reason, and the stages at which it may be given."""

    code: str
    name: str
    side: str
    group: str
    needs_note: bool
    implies: str | None
    stages: list[str]


class LossReasons(Told):
    funnel: str
    items: list[LossReasonOut]


FUNNEL = query("funnel", "code; may be left out when there is only one")


class FunnelsEndpoint(Endpoint):
    """Funnels in use, with their stages in order."""

    @described("list_funnels", tag="dictionaries", answers={200: Funnels})
    def get(self, request: Request) -> Response:
        """List them."""
        return Response(Funnels(items=[_funnel(funnel) for funnel in funnels_in_use()]))


class CriteriaEndpoint(Endpoint):
    """The criteria of a funnel."""

    parameters: ClassVar[Mapping[str, frozenset[str]]] = {"GET": frozenset({"funnel"})}

    @described("list_criteria", tag="dictionaries", answers={200: Criteria}, parameters=[FUNNEL])
    def get(self, request: Request) -> Response:
        """List what is asked now; the funnel may be left out when there is only one."""
        funnel = funnel_named(code=request.query_params.get("funnel", ""))
        try:
            definition = current_definition(funnel=funnel, at=timezone.now())
        except NoDefinition:
            return Response(Criteria(funnel=funnel.code, definition=None, items=[]))
        items = [
            CriterionOut(
                code=criterion.code,
                name=criterion.name,
                wording=criterion.wording,
                is_blocking=criterion.is_blocking,
                answer_type=criterion.answer_type.value,
                judged_by=criterion.judged_by.value,
                evidence=criterion.evidence.value,
                options=[str(option.get("code", "")) for option in criterion.options],
                threshold=None if criterion.threshold is None else str(criterion.threshold),
            )
            for criterion in criteria_of(definition=definition)
        ]
        return Response(Criteria(funnel=funnel.code, definition=definition.number, items=items))


class LossReasonsEndpoint(Endpoint):
    """The reasons of loss of a funnel."""

    parameters: ClassVar[Mapping[str, frozenset[str]]] = {"GET": frozenset({"funnel"})}

    @described("list_loss_reasons", tag="dictionaries", answers={200: LossReasons}, parameters=[FUNNEL])
    def get(self, request: Request) -> Response:
        """List them with the stages each may be given at; the funnel may be left out when there is only one."""
        funnel = funnel_named(code=request.query_params.get("funnel", ""))
        reasons = LossReason.objects.filter(funnel=funnel, archived_at__isnull=True)
        known = reasons.select_related("implied_criterion").prefetch_related("stages").order_by("position", "id")
        return Response(LossReasons(funnel=funnel.code, items=[_reason(reason) for reason in known]))


def _funnel(funnel: Funnel) -> FunnelOut:
    stages = [
        StageOut(code=stage.code, name=stage.name, milestone=stage.milestone.lower(), position=stage.position)
        for stage in stages_of(funnel=funnel)
    ]
    return FunnelOut(code=funnel.code, name=funnel.name, stages=stages)


def _reason(reason: LossReason) -> LossReasonOut:
    return LossReasonOut(
        code=reason.code,
        name=reason.name,
        side=reason.side,
        group=reason.group,
        needs_note=reason.needs_note,
        implies=reason.implied_criterion.code if reason.implied_criterion else None,
        stages=[stage.code for stage in reason.stages.all()],
    )
