"""The words for what a slice speaks of in codes and bits."""

from collections.abc import Mapping
from dataclasses import dataclass

from funnels.models import CriterionVersion, Funnel
from insights.rules.slice import Slice


@dataclass(frozen=True, slots=True)
class Failing:
    """What failing a criterion is called, in its newest words."""

    code: str
    name: str


def failings(*, slice: Slice) -> Mapping[int, Failing]:
    """Name what leads of a funnel may fail, also what is asked no more, by bit."""
    versions = CriterionVersion.objects.filter(criterion__funnel__code=slice.funnel)
    columns = ("criterion__bit", "criterion__code", "failed_name")
    by_age = versions.order_by("criterion__bit", "number").values_list(*columns)  # the newest is written last
    return {bit: Failing(code, name) for bit, code, name in by_age}


def failing_name(*, slice: Slice, code: str) -> str:
    """Name what failing one criterion is called."""
    return next((failing.name for failing in failings(slice=slice).values() if failing.code == code), code)


def funnel_name(*, slice: Slice) -> str:
    """Name the funnel of a slice; an archived one too, whose numbers stay."""
    return Funnel.objects.filter(code=slice.funnel).values_list("name", flat=True).first() or slice.funnel
