"""Every number shown, by its code. `docs/metrics.md` says in words what each means; a test checks that it does."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from crm.rules.errors import DomainError
from insights.queries.contactability import contactability
from insights.queries.control import control
from insights.queries.criteria import criteria
from insights.queries.hygiene import hygiene
from insights.queries.losses import losses
from insights.queries.mix import mix
from insights.queries.previous import previous
from insights.queries.quality import quality
from insights.queries.sources import sources
from insights.queries.speed import speed
from insights.queries.stages import durations, stages
from insights.queries.strictness import strictness
from insights.queries.throughput import throughput, wins
from insights.queries.work import work
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
    """A question the product answers: `query` takes slice, at and by; `name` is short enough for a sheet or a link.

    Of verdicts it may be asked restated.
    """

    code: str
    name: "_StrPromise"
    title: "_StrPromise"
    query: Callable[..., Table[Any]]
    groups: tuple[GroupBy, ...] = tuple(GroupBy)

    @property
    def is_of_verdicts(self) -> bool:
        """Whether its numbers change when leads are judged anew; others count what was done then."""
        return self.code in OF_VERDICTS


OF_VERDICTS = frozenset({"quality", "control", "criteria", "previous", "sources", "mix"})


CATALOGUE: Mapping[str, Metric] = {
    metric.code: metric
    for metric in (
        Metric("quality", pgettext_lazy("file", "three shares"), _("How many leads are non-target"), quality),
        Metric(
            "control",
            pgettext_lazy("file", "control chart"),
            _("Is it a signal or the usual wobble"),
            control,
            (GroupBy.WEEK,),
        ),
        Metric("criteria", pgettext_lazy("file", "criteria"), _("In what they are non-target"), criteria),
        Metric(
            "previous",
            pgettext_lazy("file", "against the period before"),
            _("What changed against the period before"),
            previous,
            (),
        ),
        Metric(
            "sources",
            pgettext_lazy("file", "sources"),
            _("Which source breaks what"),
            sources,
            (GroupBy.SOURCE, GroupBy.CAMPAIGN, GroupBy.SEGMENT, GroupBy.OWNER),
        ),
        Metric("stages", pgettext_lazy("file", "stages"), _("How far leads come"), stages),
        Metric("losses", pgettext_lazy("file", "losses"), _("Why leads are lost, and where"), losses),
        Metric("durations", pgettext_lazy("file", "times at a stage"), _("How long leads stay at a stage"), durations),
        Metric("throughput", pgettext_lazy("file", "what was done"), _("What was done within the period"), throughput),
        Metric("wins", pgettext_lazy("file", "won leads"), _("Won leads: of the closed, of the qualified"), wins),
        Metric("speed", pgettext_lazy("file", "first contact"), _("How soon somebody contacts a lead"), speed),
        Metric("work", pgettext_lazy("file", "work"), _("Whether sales did their part"), work),
        Metric("contactability", pgettext_lazy("file", "contacts"), _("Whether leads can be reached"), contactability),
        Metric(
            "strictness",
            pgettext_lazy("file", "managers"),
            _("Who tags more strictly at the same sources"),
            strictness,
            (GroupBy.OWNER,),
        ),
        Metric("hygiene", pgettext_lazy("file", "hygiene"), _("How clean the records are"), hygiene),
        Metric(
            "mix",
            pgettext_lazy("file", "mix and quality"),
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
