"""A panel of the board on a page of its own, with all its numbers and what they mean."""

from collections.abc import Sequence

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from crm.queries.organisation import settings_at
from crm.queries.snapshot import one_snapshot
from crm.rules.errors import DomainError
from crm.rules.permissions import Permission
from crm.views.guards import require
from insights.forms import NoFunnel, board_conversion, board_slice, conversion_query, group_by
from insights.views.counting import counted_first
from insights.views.links import board_url, panel_url
from insights.views.meanings import meanings
from insights.views.option import Option
from insights.views.pages import PAGES, Asking, PanelPage, framed, tables_of
from insights.views.questions import asked, scope_words
from insights.views.refusals import refused
from insights.views.shift import group_heading
from insights.views.whole import whole_table


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
        conversion = board_conversion(query.pop("conversion", ()))
        slice = board_slice(query=query, at=at)
        asking = Asking(slice=slice, by=by, at=at, organisation=settings_at(at), conversion=conversion, page=page.code)
        laid_out = by if by is not page.groups[0] else None
        waiting = counted_first(request, slice=slice, by=laid_out, at=at, url_of=asking.url_of)
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
    slice, organisation = asking.slice, asking.organisation
    frame, more = framed(page, asking)
    tables = tables_of(page, asking)
    first = next(table for _metric, table in tables if table.slice in (slice, slice.as_judged))
    return {
        **more,
        "page": page,
        "frame": frame,
        "asked": asked(
            slice=slice,
            table=first,
            organisation=organisation,
            at=asking.at,
            url_of=asking.url_of,
            kept=asking.kept,
            restates=page.restates,
        ),
        "groups": _groups(page, asking),
        "board_url": board_url(slice, conversion_query(asking.conversion)),
        "numbers": first.total,
        "tables": [whole_table(table, name=str(metric.title)) for metric, table in tables],
        "definitions": meanings(page.metrics),
        "scope": scope_words(slice),
    }


def _groups(page: PanelPage, asking: Asking) -> Sequence[Option]:
    """Lay out by what the page may be grouped; a page that may not be has no choice to show."""
    if len(page.groups) < 2:
        return ()
    kept, anchor = conversion_query(asking.conversion), "" if page.draws_groups else "#numbers"
    return [
        Option(
            group_heading(by).capitalize() if by else _("All together"),
            panel_url(asking.slice, page.code, by.value if by else "", kept) + anchor,
            by is asking.by,
        )
        for by in page.groups
    ]
