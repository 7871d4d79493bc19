"""The shared board, the leads behind its numbers, and what the numbers mean."""

from datetime import datetime

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from crm.queries.organisation import settings_at
from crm.queries.snapshot import one_snapshot
from crm.rules.errors import DomainError
from crm.rules.permissions import Permission, is_granted
from crm.views.guards import actor, require
from insights.forms import NoFunnel, board_conversion, board_slice, leads_question, page_number
from insights.operations import restating
from insights.queries.control import control
from insights.queries.criteria import criteria
from insights.queries.drilldown import leads_behind
from insights.queries.mix import mix
from insights.queries.previous import is_redefined, previous
from insights.queries.quality import quality
from insights.queries.rows import PAGE, rows
from insights.queries.saved_boards import start_board
from insights.queries.sources import sources
from insights.rules.slice import GroupBy, Slice
from insights.rules.stages import Conversion
from insights.rules.words import age_words, period_words
from insights.views.control import control_panel
from insights.views.counting import counted_first
from insights.views.definitions import DEFINITIONS
from insights.views.drilldowns import drill_words, own_part, pages
from insights.views.facts import facts_of
from insights.views.links import board_url, export_url, leads_url
from insights.views.notes import notes_of
from insights.views.pages import page_urls
from insights.views.panels import criteria_panel, headline_of, headline_take, weeks_panel
from insights.views.previous import comparison_of
from insights.views.questions import asked
from insights.views.refusals import refused
from insights.views.saved_menu import opened_url, saved_menu
from insights.views.shift import shift_of
from insights.views.sources import sources_panel
from insights.views.where_lost import where_lost_panel
from insights.views.work import work_parts


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
        may_confirm = is_granted(person.role, Permission.ADMINISTER)
        waiting = counted_first(request, slice=slice, by=None, at=at, url_of=board_url)
        if waiting is not None:
            return waiting
        with one_snapshot():
            context = _board(slice, conversion, at, may_confirm=may_confirm)
        context["saved"] = saved_menu(slice=slice, conversion=conversion, actor=person, at=at)
    except NoFunnel:
        return render(request, "board/empty.html")
    except DomainError as refusal:
        return refused(request, refusal)
    return render(request, "board/board.html", context)


def _board(slice: Slice, conversion: Conversion, at: datetime, *, may_confirm: bool) -> dict[str, object]:
    organisation = settings_at(at)
    weekly = quality(slice=slice, at=at, by=GroupBy.WEEK)
    by_criterion = criteria(slice=slice, at=at)
    by_source = sources(slice=slice, at=at)
    comparison = comparison_of(previous(slice=slice, at=at), slice=slice)
    work, contacts = work_parts(slice=slice.as_judged, at=at)
    enough = organisation.minimum_sample_to_rank
    split = mix(slice=slice, at=at)
    then = split.compared_with
    redefined = then is not None and is_redefined(before=then, after=split.slice, at=at)
    shift = shift_of(split, asked=slice, enough=enough, redefined=redefined)
    return {
        "asked": asked(slice=slice, table=weekly, organisation=organisation, at=at),
        "facts": [
            *facts_of(weekly=weekly, by_source=by_source),
            *notes_of(by_criterion=by_criterion, may_confirm=may_confirm),
        ],
        "numbers": weekly.total,
        "headline": headline_of(weekly),
        "headline_take": headline_take(weekly.total),
        "weeks": weeks_panel(weekly),
        "control": control_panel(control(slice=slice, at=at), second_age=organisation.age_a2_days),
        "comparison": comparison,
        "criteria": criteria_panel(by_criterion, compared=comparison),
        "sources": sources_panel(by_source, shift, enough=enough),
        "where_lost": where_lost_panel(slice=slice.as_judged, conversion=conversion, organisation=organisation, at=at),
        "work": work,
        "contacts": contacts,
        "scope": _("age %(age)s · %(period)s") % {"age": age_words(slice.age), "period": period_words(slice)},
        "pages": page_urls(slice),
        "exports": {
            "weeks": export_url(slice, "quality", GroupBy.WEEK.value),
            "control": export_url(slice, "control", GroupBy.WEEK.value),
            "criteria": export_url(slice, "criteria"),
            "sources": export_url(slice, "sources", GroupBy.SOURCE.value),
            "work": export_url(slice, "work"),
            "speed": export_url(slice, "speed"),
            "contactability": export_url(slice, "contactability"),
            "strictness": export_url(slice, "strictness", GroupBy.OWNER.value),
            "hygiene": export_url(slice, "hygiene"),
        },
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
