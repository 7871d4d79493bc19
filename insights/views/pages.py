"""A page of its own for each panel of the board: the same question, everything it has to say.

A new panel needs an entry in `PAGES`: its template, the metrics it shows, and what makes the context of its template.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe

from crm.models import OrganisationSettings
from crm.queries.organisation import settings_at
from crm.queries.snapshot import one_snapshot
from crm.rules.errors import DomainError
from crm.rules.permissions import Permission
from crm.views.guards import require
from insights.forms import NoFunnel, board_slice, group_by
from insights.queries.catalogue import metric_by_code
from insights.queries.control import control
from insights.queries.criteria import criteria
from insights.queries.mix import mix
from insights.queries.previous import is_redefined, previous
from insights.queries.quality import quality
from insights.queries.sources import sources
from insights.queries.work import work
from insights.rules.slice import GroupBy, Slice
from insights.rules.table import Table
from insights.rules.words import age_words, period_words
from insights.views.control import control_panel
from insights.views.counting import counted_first
from insights.views.heat import heat_of
from insights.views.links import board_url, export_url, panel_url
from insights.views.meanings import meanings
from insights.views.option import Option
from insights.views.panels import criteria_panel, weeks_panel
from insights.views.previous import comparison_of
from insights.views.questions import asked
from insights.views.refusals import refused
from insights.views.shift import group_heading, shift_of
from insights.views.sources import sources_panel
from insights.views.whole import whole_table
from insights.views.work import work_parts

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise


@dataclass(frozen=True, slots=True)
class Asking:
    """What a page is asked: of which leads, laid out by what, at which instant."""

    slice: Slice
    by: GroupBy | None
    at: datetime
    organisation: OrganisationSettings


@dataclass(frozen=True, slots=True)
class Answer:
    """The context of a panel's template, and the table all of whose numbers stand below it."""

    context: Mapping[str, object]
    table: Table[Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class PanelPage:
    """A panel of the board. `groups` are what its table may be laid out by, the first unless told otherwise.

    `draws_groups` says that the drawing is laid out by them as well. One that does not restate tells what was done,
    whatever definition is in force now. `more` are templates that stand only on the page.
    `metrics` are offered as files and explained.
    """

    code: str
    question: "_StrPromise"
    template: str
    metrics: tuple[str, ...]
    make: Callable[[Asking], Answer]
    groups: tuple[GroupBy | None, ...] = (None,)
    draws_groups: bool = False
    restates: bool = True
    more: tuple[str, ...] = ()


def _weeks(asking: Asking) -> Answer:
    weekly = quality(slice=asking.slice, at=asking.at, by=GroupBy.WEEK)
    table = weekly if asking.by is GroupBy.WEEK else quality(slice=asking.slice, at=asking.at, by=asking.by)
    return Answer({"weeks": weeks_panel(weekly)}, table)


def _control(asking: Asking) -> Answer:
    table = control(slice=asking.slice, at=asking.at)
    return Answer({"control": control_panel(table, second_age=asking.organisation.age_a2_days)}, table)


def _work(asking: Asking) -> Answer:
    slice = asking.slice.as_judged
    parts, _contacts = work_parts(slice=slice, at=asking.at)
    return Answer({"work": parts}, work(slice=slice, at=asking.at))


def _criteria(asking: Asking) -> Answer:
    found = criteria(slice=asking.slice, at=asking.at)
    table = found if asking.by is None else criteria(slice=asking.slice, at=asking.at, by=asking.by)
    comparison = comparison_of(previous(slice=asking.slice, at=asking.at), slice=asking.slice)
    _work, contacts = work_parts(slice=asking.slice.as_judged, at=asking.at)
    panel = criteria_panel(found, compared=comparison)
    return Answer({"criteria": panel, "comparison": comparison, "contacts": contacts}, table)


def _sources(asking: Asking) -> Answer:
    enough = asking.organisation.minimum_sample_to_rank
    table = sources(slice=asking.slice, at=asking.at, by=asking.by)
    split = mix(slice=asking.slice, at=asking.at, by=asking.by)
    then = split.compared_with
    redefined = then is not None and is_redefined(before=then, after=split.slice, at=asking.at)
    shift = shift_of(split, asked=asking.slice, enough=enough, redefined=redefined)
    panel = sources_panel(table, shift, enough=enough, whole=True)
    return Answer({"sources": panel, "shift": shift, "heat": heat_of(table, enough=enough)}, table)


KINDS: Final = (GroupBy.SOURCE, GroupBy.CAMPAIGN, GroupBy.SEGMENT, GroupBy.OWNER)
PAGES: Final[Mapping[str, PanelPage]] = {
    page.code: page
    for page in (
        PanelPage(
            code="weeks",
            question=gettext_lazy("Who came and what became of them?"),
            template="board/weeks.html",
            metrics=("quality",),
            make=_weeks,
            groups=(GroupBy.WEEK, *KINDS),
        ),
        PanelPage(
            code="control",
            question=gettext_lazy("Is it a signal or the usual wobble?"),
            template="board/control.html",
            metrics=("control",),
            make=_control,
        ),
        PanelPage(
            code="criteria",
            question=gettext_lazy("In what exactly are they non-target?"),
            template="board/criteria.html",
            metrics=("criteria", "contactability"),
            make=_criteria,
            groups=(None, *KINDS, GroupBy.WEEK),
        ),
        PanelPage(
            code="sources",
            question=gettext_lazy("Did we buy a worse channel, or did the channels get worse?"),
            template="board/sources.html",
            metrics=("sources", "mix"),
            make=_sources,
            groups=KINDS,
            draws_groups=True,
            more=("board/mix.html", "board/heat.html"),
        ),
        PanelPage(
            code="work",
            question=gettext_lazy("Have we done our part of the work?"),
            template="board/work.html",
            metrics=("work", "speed", "strictness", "hygiene", "contactability"),
            make=_work,
            restates=False,
        ),
    )
}


def page_urls(slice: Slice) -> dict[str, str]:
    """Tell where each panel has its page."""
    return {code: panel_url(slice, code) for code in PAGES}


@require_safe
@require(Permission.VIEW_BOARD)
def panel(request: HttpRequest, code: str) -> HttpResponse:
    """Show a panel on a page of its own."""
    if code not in PAGES:
        raise Http404
    at, page = timezone.now(), PAGES[code]
    query = dict(request.GET.lists())
    try:
        by = group_by(query.pop("group_by", ()), groups=page.groups)
        slice = board_slice(query=query, at=at)
        asking = Asking(slice, by, at, settings_at(at))
        waiting = counted_first(
            request,
            slice=slice,
            by=by if by is not page.groups[0] else None,
            at=at,
            url_of=lambda other: panel_url(other, code, by.value if by else ""),
        )
        if waiting is not None:
            return waiting
        with one_snapshot():
            context = _context(page, asking)
    except NoFunnel:
        return render(request, "board/empty.html")
    except DomainError as refusal:
        return refused(request, refusal)
    return render(request, "board/page.html", context)


def _context(page: PanelPage, asking: Asking) -> dict[str, object]:
    answer = page.make(asking)
    slice, by = asking.slice, asking.by.value if asking.by else ""

    def url_of(other: Slice) -> str:
        return panel_url(other, page.code, by)

    return {
        **answer.context,
        "page": page,
        "asked": asked(
            slice=slice,
            table=answer.table,
            organisation=asking.organisation,
            at=asking.at,
            url_of=url_of,
            kept=[("group_by", by)] if by else [],
            restates=page.restates,
        ),
        "groups": _groups(page, asking),
        "board_url": board_url(slice),
        "numbers": answer.table.total,
        "whole_table": whole_table(answer.table),
        "definitions": meanings(page.metrics),
        "scope": _("age %(age)s · %(period)s") % {"age": age_words(slice.age), "period": period_words(slice)},
        "exports": _exports(page, slice, by),
    }


def _exports(page: PanelPage, slice: Slice, by: str) -> dict[str, str]:
    """Offer each metric as a file under its own name, and under the panel's what the panel itself shows."""
    found = {metric: export_url(slice, metric, by if by in _groupings(metric) else "") for metric in page.metrics}
    if page.draws_groups:
        return {**found, page.code: found[page.metrics[0]]}
    first = page.groups[0]
    return {**found, page.code: export_url(slice, page.metrics[0], first.value if first else "")}


def _groupings(metric: str) -> list[str]:
    """Tell by what a metric may be laid out."""
    return [by.value for by in metric_by_code(code=metric).groups]


def _groups(page: PanelPage, asking: Asking) -> Sequence[Option]:
    """Lay out by what the page may be grouped; a page that may not be has no choice to show."""
    if len(page.groups) < 2:
        return ()
    return [
        Option(
            group_heading(by).capitalize() if by else _("All together"),
            panel_url(asking.slice, page.code, by.value if by else "") + ("" if page.draws_groups else "#numbers"),
            by is asking.by,
        )
        for by in page.groups
    ]
