"""The shared board, the leads behind its numbers, and what the numbers mean."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from crm.queries.organisation import settings_at
from crm.queries.snapshot import one_snapshot
from crm.rules.errors import DomainError
from crm.rules.permissions import Permission, is_granted
from crm.views.guards import actor, require
from insights.forms import NoFunnel, board_conversion, board_slice, leads_question, page_number
from insights.queries.criteria import criteria
from insights.queries.drilldown import leads_behind
from insights.queries.quality import quality
from insights.queries.rows import PAGE, rows
from insights.queries.sources import sources
from insights.rules.slice import GroupBy
from insights.views.definitions import DEFINITIONS
from insights.views.drilldowns import drill_words, pages
from insights.views.facts import facts_of
from insights.views.links import board_url
from insights.views.notes import notes_of
from insights.views.pages import PAGES, Asking, framed
from insights.views.panels import headline_of, headline_take
from insights.views.questions import asked, scope_words
from insights.views.refusals import refused


@require_safe
@require(Permission.VIEW_BOARD)
def board(request: HttpRequest) -> HttpResponse:
    """Show the board of a slice."""
    at = timezone.now()
    try:
        query = dict(request.GET.lists())
        conversion = board_conversion(query.pop("conversion", []))
        slice = board_slice(query=query, at=at)
        may_confirm = is_granted(actor(request).role, Permission.ADMINISTER)
        with one_snapshot():
            asking = Asking(slice=slice, at=at, organisation=settings_at(at), conversion=conversion)
            context = _board(asking, may_confirm=may_confirm)
    except NoFunnel:
        return render(request, "board/empty.html")
    except DomainError as refusal:
        return refused(request, refusal)
    return render(request, "board/board.html", context)


def _board(asking: Asking, *, may_confirm: bool) -> dict[str, object]:
    weekly = asking.read(quality, GroupBy.WEEK)
    more: dict[str, object] = {}
    frames = []
    for page in PAGES.values():
        frame, own = framed(page, asking)
        frames.append(frame)
        more |= own
    return {
        **more,
        "asked": asked(
            slice=asking.slice,
            table=weekly,
            organisation=asking.organisation,
            at=asking.at,
            url_of=asking.url_of,
            kept=asking.kept,
        ),
        "facts": [
            *facts_of(weekly=weekly, by_source=asking.read(sources, GroupBy.SOURCE), url_of=asking.url_of),
            *notes_of(by_criterion=asking.read(criteria), may_confirm=may_confirm),
        ],
        "numbers": weekly.total,
        "headline": headline_of(weekly),
        "headline_take": headline_take(weekly.total),
        "frames": frames,
        "scope": scope_words(asking.slice),
    }


@require_safe
@require(Permission.VIEW_BOARD, Permission.DRILL_DOWN)
def leads(request: HttpRequest) -> HttpResponse:
    """List exactly the leads a number counted."""
    at = timezone.now()
    query = dict(request.GET.lists())
    try:
        page = page_number(query.pop("page", []))
        slice, pick = leads_question(query=query, at=at)
        found = leads_behind(slice=slice, pick=pick, at=at)
    except DomainError as refusal:
        return refused(request, refusal)
    count = found.count()
    context = {
        "words": drill_words(slice=slice, pick=pick),
        "count": count,
        "rows": rows(leads=found, slice=slice, actor=actor(request), page=page, at=at),
        "pages": pages(request.GET, page=page, count=count, size=PAGE),
        "board_url": board_url(slice),
    }
    return render(request, "board/leads.html", context)


@require_safe
@require(Permission.VIEW_BOARD)
def definitions(request: HttpRequest) -> HttpResponse:
    """Explain every number of the board in plain words."""
    return render(request, "board/definitions.html", {"definitions": DEFINITIONS})
