"""A funnel's stages by code."""

from collections.abc import Iterable

from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from crm.rules.errors import DomainError
from funnels.models import Funnel, Stage


class UnknownStage(DomainError):
    """A stage the funnel does not have."""

    def __init__(self, *, code: str, known: Iterable[str]) -> None:
        message = format_lazy(
            _("There is no stage “{name}” in this funnel. Known stages: {known}."), name=code, known=", ".join(known)
        )
        super().__init__("unknown_stage", message, "to")


def stage_by_code(*, funnel: Funnel, code: str) -> Stage:
    """Find a stage of a funnel; raises UnknownStage with the codes there are."""
    stages = {stage.code: stage for stage in Stage.objects.filter(funnel=funnel)}
    if code not in stages:
        raise UnknownStage(code=code, known=stages)
    return stages[code]
