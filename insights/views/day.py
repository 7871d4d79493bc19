"""My day: what waits for the person who is looking, and the leads behind each number."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe

from crm.rules.errors import DomainError
from crm.rules.permissions import Permission
from crm.views.guards import actor, require
from insights.queries.day import day
from insights.rules.quality import Quality
from insights.rules.table import Table
from insights.views.links import board_url
from insights.views.panels import headline_of
from insights.views.refusals import refused
from leads.queries import presentation
from leads.queries.day import Heap, behind, heap_named
from leads.queries.inbox import Place
from leads.queries.inbox import page as page_of

HEAP_TITLES: dict[Heap, Promise] = {
    Heap.UNTOUCHED: gettext_lazy("Nobody has called or written yet"),
    Heap.QUEUE: gettext_lazy("Waiting for a verdict"),
    Heap.TOUCHED: gettext_lazy("You called or wrote today"),
    Heap.JUDGED: gettext_lazy("You judged today"),
    Heap.CLOSED: gettext_lazy("You won or lost today"),
    Heap.INTAKE: gettext_lazy("Came today"),
    Heap.ESCALATED: gettext_lazy("Overdue for so long that you were told"),
}


@require_safe
@require(Permission.READ_LEADS)
def page(request: HttpRequest) -> HttpResponse:
    """Show what waits for the person."""
    now, person = timezone.now(), actor(request)
    found = day(actor=person, at=now)
    names = (_("Today"), _("This week"))
    context = {
        "day": found,
        "now": now,
        "shares": [_shares(name, table) for name, table in zip(names, found.tables, strict=False)],
    }
    return render(request, "day/day.html", context)


@require_safe
@require(Permission.READ_LEADS)
def leads(request: HttpRequest) -> HttpResponse:
    """List exactly the leads a number of the day counts."""
    now, person = timezone.now(), actor(request)
    try:
        heap = heap_named(name=request.GET.get("what", ""))
        places = {name: Place.parse(text) if (text := request.GET.get(name)) else None for name in ("before", "after")}
    except DomainError as refusal:
        return refused(request, refusal)
    asked = behind(heap=heap, actor=person, at=now)
    shown = presentation.with_shown(leads=asked, actor=person)
    found = page_of(leads=shown, older_than=places["before"], newer_than=places["after"])
    context = {
        "title": HEAP_TITLES[heap],
        "count": asked.count(),
        "rows": presentation.rows(leads=found.leads, actor=person, at=now),
        "newer_url": f"?what={heap}&after={found.newer}" if found.newer else "",
        "older_url": f"?what={heap}&before={found.older}" if found.older else "",
    }
    return render(request, "day/leads.html", context)


def _shares(name: str, table: Table[Quality]) -> dict[str, object]:
    return {"name": name, "numbers": table.total, "links": headline_of(table), "url": board_url(table.slice)}
