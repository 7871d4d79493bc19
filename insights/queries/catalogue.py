"""Every number shown, by its code. `docs/metrics.md` says in words what each means; a test checks that it does."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext_lazy as _

from crm.rules.errors import DomainError
from insights.queries.criteria import criteria
from insights.queries.mix import mix
from insights.queries.quality import quality
from insights.queries.sources import sources
from insights.rules.slice import GroupBy
from insights.rules.table import Table

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise


class UnknownMetric(DomainError):
    """A metric code that does not exist."""

    def __init__(self, code: str) -> None:
        super().__init__("unknown_metric", _("There is no metric “%(code)s”.") % {"code": code}, field="metric")


@dataclass(frozen=True, slots=True)
class Metric:
    """A question the product answers: `query` takes slice, at and by."""

    code: str
    title: "_StrPromise"
    query: Callable[..., Table[Any]]
    groups: tuple[GroupBy, ...] = tuple(GroupBy)


CATALOGUE: Mapping[str, Metric] = {
    metric.code: metric
    for metric in (
        Metric("quality", _("How many leads are non-target"), quality),
        Metric("criteria", _("In what they are non-target"), criteria),
        Metric(
            "sources",
            _("Which source breaks what"),
            sources,
            (GroupBy.SOURCE, GroupBy.CAMPAIGN, GroupBy.SEGMENT, GroupBy.OWNER),
        ),
        Metric(
            "mix",
            _("What the change of the non-target share is made of"),
            mix,
            (GroupBy.SOURCE, GroupBy.CAMPAIGN, GroupBy.SEGMENT, GroupBy.OWNER),
        ),
    )
}


def metric_by_code(*, code: str) -> Metric:
    """Find a metric."""
    if code not in CATALOGUE:
        raise UnknownMetric(code)
    return CATALOGUE[code]
