"""The panels of the board, each with a page of its own: the same question, everything it has to say.

A new panel needs an entry in `PAGES`: its template, the metrics it shows, and what makes the panel. A template extends
`board/panel.html`, the frame of all of them.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final

from django.utils.translation import gettext_lazy

from crm.models import OrganisationSettings
from crm.queries.snapshot import once
from insights.forms import conversion_query
from insights.queries.catalogue import Metric, metric_by_code
from insights.queries.control import control
from insights.queries.criteria import criteria
from insights.queries.mix import mix
from insights.queries.previous import previous
from insights.queries.quality import quality
from insights.queries.sources import sources
from insights.rules.slice import GroupBy, Slice
from insights.rules.stages import Conversion
from insights.rules.table import Table
from insights.views.control import control_panel
from insights.views.heat import heat_of
from insights.views.links import FileUrl, Kept, board_url, export_url, panel_url, workbook_url
from insights.views.panels import criteria_panel, weeks_panel
from insights.views.previous import comparison_of
from insights.views.shift import shift_of
from insights.views.sources import sources_panel
from insights.views.where_lost import OF_RIPE_WEEKS, followed, where_lost_panel
from insights.views.work import work_parts

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise


@dataclass(frozen=True, slots=True, kw_only=True)
class Asking:
    """What a panel is asked: of which leads, laid out by what, at which instant; `page` is that it stands alone on."""

    slice: Slice
    at: datetime
    organisation: OrganisationSettings
    conversion: Conversion = Conversion.STEP
    by: GroupBy | None = None
    page: str = ""

    @property
    def kept(self) -> Kept:
        """The parameters that no part of the slice is and that every way of changing the question keeps."""
        grouped = [("group_by", self.by.value)] if self.by and self.page else []
        return [*grouped, *conversion_query(self.conversion)]

    def url_of(self, slice: Slice, conversion: Conversion | None = None) -> str:
        """Write the address of the same page for another slice, or another conversion."""
        kept = conversion_query(conversion or self.conversion)
        if not self.page:
            return board_url(slice, kept)
        return panel_url(slice, self.page, self.by.value if self.by else "", kept)

    def read(self, query: Callable[..., Table[Any]], by: GroupBy | None = None) -> Table[Any]:
        """Ask a metric of the whole slice; of panels that show the same, the first asks."""
        return once(query, slice=self.slice, at=self.at, by=by)


@dataclass(frozen=True, slots=True)
class Answer:
    """A panel drawn, and what else its template shows."""

    panel: object
    more: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class PanelPage:
    """A panel of the board. `groups` are what its tables may be laid out by, the first unless told otherwise.

    `help` is the anchor of what explains it. `draws_groups` says that the drawing is laid out by the groups as well.
    One that does not restate tells what was done, whatever definition is in force now.
    `more` are templates that stand only on the page. `metrics` are offered as files and explained; `narrowed` tells
    which leads of the slice a metric counts, none when there is nothing to count yet.
    """

    no: int
    code: str
    question: "_StrPromise"
    help: str
    template: str
    metrics: tuple[str, ...]
    make: Callable[[Asking], Answer]
    groups: tuple[GroupBy | None, ...] = (None,)
    draws_groups: bool = False
    restates: bool = True
    more: tuple[str, ...] = ()
    narrowed: Callable[[Asking, str], Slice | None] = lambda asking, _metric: asking.slice


@dataclass(frozen=True, slots=True)
class Files:
    """The tables of a panel as CSV, by name, and all of them as one workbook."""

    tables: Sequence[tuple[str, FileUrl]]
    workbook: str


@dataclass(frozen=True, slots=True)
class Frame:
    """A panel in its frame; `url` is the address of its page, empty there."""

    page: PanelPage
    panel: object
    url: str
    files: Files

    @property
    def is_alone(self) -> bool:
        return not self.url


def _weeks(asking: Asking) -> Answer:
    return Answer(weeks_panel(asking.read(quality, GroupBy.WEEK)))


def _control(asking: Asking) -> Answer:
    return Answer(control_panel(asking.read(control), second_age=asking.organisation.age_a2_days))


def _work(asking: Asking) -> Answer:
    panel, _contacts = once(work_parts, slice=asking.slice.as_judged, at=asking.at)
    return Answer(panel)


def _criteria(asking: Asking) -> Answer:
    comparison = comparison_of(asking.read(previous), slice=asking.slice)
    _panel, contacts = once(work_parts, slice=asking.slice.as_judged, at=asking.at)
    panel = criteria_panel(asking.read(criteria), compared=comparison)
    return Answer(panel, {"comparison": comparison, "contacts": contacts})


def _sources(asking: Asking) -> Answer:
    by, enough = asking.by or GroupBy.SOURCE, asking.organisation.minimum_sample_to_rank
    table = asking.read(sources, by)
    shift = shift_of(
        asking.read(mix, by),
        asked=asking.slice,
        compared=asking.read(previous),
        enough=enough,
        url=f"{panel_url(asking.slice, 'sources', by.value, conversion_query(asking.conversion))}#mix",
    )
    panel = sources_panel(table, shift, enough=enough, whole=bool(asking.page))
    return Answer(panel, {"shift": shift, "heat": heat_of(table, enough=enough)} if asking.page else {})


def _where_lost(asking: Asking) -> Answer:
    return Answer(
        where_lost_panel(
            slice=asking.slice.as_judged,
            conversion=asking.conversion,
            organisation=asking.organisation,
            at=asking.at,
            url_of=lambda conversion: f"{asking.url_of(asking.slice, conversion)}#p5",
        )
    )


def _followed(asking: Asking, metric: str) -> Slice | None:
    if metric not in OF_RIPE_WEEKS:
        return asking.slice
    return followed(asking.slice, organisation=asking.organisation, at=asking.at)


KINDS: Final = (GroupBy.SOURCE, GroupBy.CAMPAIGN, GroupBy.SEGMENT, GroupBy.OWNER)
PAGES: Final[Mapping[str, PanelPage]] = {
    page.code: page
    for page in (
        PanelPage(
            no=1,
            code="weeks",
            question=gettext_lazy("Who came and what became of them?"),
            help="age",
            template="board/weeks.html",
            metrics=("quality",),
            make=_weeks,
            groups=(GroupBy.WEEK, *KINDS),
        ),
        PanelPage(
            no=2,
            code="control",
            question=gettext_lazy("Is it a signal or the usual wobble?"),
            help="control",
            template="board/control.html",
            metrics=("control",),
            make=_control,
        ),
        PanelPage(
            no=3,
            code="criteria",
            question=gettext_lazy("In what exactly are they non-target?"),
            help="criteria",
            template="board/criteria.html",
            metrics=("criteria", "contactability"),
            make=_criteria,
            groups=(None, *KINDS, GroupBy.WEEK),
        ),
        PanelPage(
            no=4,
            code="sources",
            question=gettext_lazy("Did we buy a worse channel, or did the channels get worse?"),
            help="sources",
            template="board/sources.html",
            metrics=("sources", "mix"),
            make=_sources,
            groups=KINDS,
            draws_groups=True,
            more=("board/mix.html", "board/heat.html"),
        ),
        PanelPage(
            no=5,
            code="where_lost",
            question=gettext_lazy("Where and why do we lose?"),
            help="stages",
            template="board/where_lost.html",
            metrics=("stages", "losses", "durations", "wins", "throughput"),
            make=_where_lost,
            groups=(None, *KINDS, GroupBy.WEEK),
            restates=False,
            narrowed=_followed,
        ),
        PanelPage(
            no=6,
            code="work",
            question=gettext_lazy("Have we done our part of the work?"),
            help="work",
            template="board/work.html",
            metrics=("work", "speed", "contactability", "strictness", "hygiene"),
            make=_work,
            restates=False,
        ),
    )
}


def framed(page: PanelPage, asking: Asking) -> tuple[Frame, Mapping[str, object]]:
    """Make a panel with its frame, and what else its template shows."""
    answer = page.make(asking)
    url = "" if asking.page else panel_url(asking.slice, page.code, kept=conversion_query(asking.conversion))
    return Frame(page, answer.panel, url, _files(page, asking)), answer.more


def tables_of(page: PanelPage, asking: Asking) -> list[tuple[Metric, Table[Any]]]:
    """Count every metric of a panel, laid out as is asked where a metric may be."""
    return [
        (metric, once(metric.query, slice=slice, at=asking.at, by=_by(metric, asking.by)))
        for metric, slice in _counted(page, asking)
    ]


def _files(page: PanelPage, asking: Asking) -> Files:
    """Offer what the panel itself shows: laid out by what is asked only where the drawing is, too."""
    by = asking.by if page.draws_groups and asking.page else page.groups[0]
    found = []
    for metric, slice in _counted(page, asking):
        own = _by(metric, by)
        found.append((str(metric.name), export_url(slice, metric.code, own.value if own else "")))
    asked = asking.by if asking.page else page.groups[0]
    return Files(found, workbook_url(asking.slice, page.code, asked.value if asked else ""))


def _counted(page: PanelPage, asking: Asking) -> list[tuple[Metric, Slice]]:
    narrowed = [(metric_by_code(code=code), page.narrowed(asking, code)) for code in page.metrics]
    return [
        (metric, slice if metric.is_of_verdicts else slice.as_judged) for metric, slice in narrowed if slice is not None
    ]


def _by(metric: Metric, by: GroupBy | None) -> GroupBy | None:
    return by if by in metric.groups else None
