"""The shared board, the leads behind its numbers, and what the numbers mean."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_safe

from crm.queries.organisation import settings_at
from crm.queries.snapshot import one_snapshot
from crm.rules.errors import DomainError
from crm.rules.permissions import Permission, is_granted
from crm.views.guards import actor, require
from insights.forms import NoFunnel, board_conversion, board_slice, leads_question, page_number
from insights.operations import restating
from insights.queries.criteria import criteria
from insights.queries.drilldown import leads_behind
from insights.queries.quality import quality
from insights.queries.rows import PAGE, rows
from insights.queries.saved_boards import start_board
from insights.queries.sources import sources
from insights.rules.slice import GroupBy
from insights.views.counting import counted_first
from insights.views.definitions import DEFINITIONS
from insights.views.drilldowns import drill_words, own_part, pages
from insights.views.facts import facts_of
from insights.views.links import board_url, leads_url
from insights.views.notes import notes_of
from insights.views.pages import PAGES, Asking, framed
from insights.views.panels import headline_of, headline_take
from insights.views.questions import asked, scope_words
from insights.views.refusals import refused
from insights.views.saved_menu import opened_url, saved_menu


@require_safe
@require(Permission.VIEW_BOARD)
def board(request: HttpRequest) -> HttpResponse:
    """Show the board of a slice; without any, the saved one the person begins with."""
    at, person = timezone.now(), actor(request)
    begins_with = None if request.GET else start_board(person=person)
    if begins_with is not None:
        return redirect(opened_url(begins_with))
    try:
        query = dict(request.GET.lists())
        conversion = board_conversion(query.pop("conversion", []))
        slice = board_slice(query=query, at=at)
        asking = Asking(slice=slice, at=at, organisation=settings_at(at), conversion=conversion)
        waiting = counted_first(request, slice=slice, by=None, at=at, url_of=asking.url_of)
        if waiting is not None:
            return waiting
        with one_snapshot():
            context = _board(asking, may_confirm=is_granted(person.role, Permission.ADMINISTER))
        context["saved"] = saved_menu(slice=slice, conversion=conversion, actor=person, at=at)
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
        restating.make_ready(slice=slice, at=at)
        found = leads_behind(slice=slice, pick=pick, at=at)
    except DomainError as refusal:
        return refused(request, refusal)
    count = found.count()
    own = own_part(slice=slice, pick=pick, actor=actor(request))
    context = {
        "words": drill_words(slice=slice, pick=pick),
        "count": count,
        "own_url": leads_url(own, pick) if own else "",
        "own_count": leads_behind(slice=own, pick=pick, at=at).count() if own else 0,
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
