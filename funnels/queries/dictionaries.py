"""Funnels, their stages and the reasons offered at each stage."""

from django.db.models import Case, IntegerField, QuerySet, Value, When
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from crm.rules.errors import DomainError
from funnels.models import Funnel, LossReason, Stage
from funnels.rules.definitions import Side
from funnels.rules.moves import Milestone


class UnknownFunnel(DomainError):
    """A funnel code that does not exist; the message names those that do."""

    def __init__(self, *, code: str, known: list[str]) -> None:
        message = format_lazy(
            _("There is no funnel “{code}”. Known funnels: {known}."), code=code, known=", ".join(known) or "—"
        )
        super().__init__("unknown_funnel", message, "funnel")


class FunnelNotNamed(DomainError):
    """Several funnels, and nobody says which."""

    def __init__(self) -> None:
        super().__init__(
            "funnel_not_named", _("Say which funnel the leads go to: there are several, or none."), "funnel"
        )


class FunnelHasNoStage(DomainError):
    """A funnel without a first or a won stage."""

    def __init__(self) -> None:
        super().__init__("funnel_has_no_stage", _("This funnel lacks a first or a won stage."), "funnel")


def funnels_in_use() -> QuerySet[Funnel]:
    """List the funnels that are not archived, the oldest first."""
    return Funnel.objects.filter(archived_at__isnull=True).order_by("id")


def funnel_by_code(*, code: str) -> Funnel:
    """Find a funnel in use by its code; an unknown code is refused with the list of known ones."""
    funnel = funnels_in_use().filter(code=code).first()
    if funnel is None:
        raise UnknownFunnel(code=code, known=list(funnels_in_use().values_list("code", flat=True)))
    return funnel


def funnel_named(*, code: str) -> Funnel:
    """Find the funnel of a code, or the only one there is when none is named."""
    if code:
        return funnel_by_code(code=code)
    funnels = list(funnels_in_use()[:2])
    if len(funnels) != 1:
        raise FunnelNotNamed
    return funnels[0]


def stages_of(*, funnel: Funnel) -> QuerySet[Stage]:
    """List the stages in use, in their order."""
    return Stage.objects.filter(funnel=funnel, archived_at__isnull=True).order_by("position")


def first_stage(*, funnel: Funnel) -> Stage:
    """Find the stage at which a lead arrives."""
    stage = stages_of(funnel=funnel).exclude(milestone=Milestone.WON).first()
    if stage is None:
        raise FunnelHasNoStage
    return stage


def won_stage(*, funnel: Funnel) -> Stage:
    """Find the stage of a won lead."""
    stage = stages_of(funnel=funnel).filter(milestone=Milestone.WON).last()
    if stage is None:
        raise FunnelHasNoStage
    return stage


def reasons_of(*, stage: Stage) -> QuerySet[LossReason]:
    """List the reasons offered at a stage: marketing's first, then of sales, the product and the client."""
    by_side = Case(
        *(When(side=side.value, then=Value(rank)) for rank, side in enumerate(Side)),
        default=Value(len(Side)),
        output_field=IntegerField(),
    )
    return (
        LossReason.objects.filter(stages=stage, archived_at__isnull=True)
        .select_related("implied_criterion")
        .order_by(by_side, "position", "id")
    )
