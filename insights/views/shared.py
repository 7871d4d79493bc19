"""A board as people without an account see it: sums only, nothing to open, nobody's name."""

from datetime import datetime
from http import HTTPStatus
from math import ceil
from zoneinfo import ZoneInfo

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from crm.operations.buckets import SharedBuckets
from crm.queries.organisation import settings_at
from crm.queries.snapshot import one_snapshot
from crm.rules import formats
from crm.views.visitors import visitor_digest
from insights.models import BoardLink
from insights.operations.board_links import note_opening
from insights.queries.board_links import LinkState, link_named, state_of
from insights.views.shared_panels import shared_context

# An office behind one address may open a link together; whoever guesses links gets nowhere near one.
of_an_address = SharedBuckets(per_second=1 / 5, burst=30)


@never_cache
@require_safe
def shared(request: HttpRequest, token: str) -> HttpResponse:
    """Show the board of a link; say kindly that a link opens nothing, or nothing any more."""
    wait = of_an_address.wait(f"shared:{visitor_digest(request, salt='insights.shared')}")
    if wait:
        response = render(request, "board/shared_over.html", {"is_busy": True}, status=HTTPStatus.TOO_MANY_REQUESTS)
        response.headers["Retry-After"] = str(ceil(wait))
    else:
        response = _answer(request, token, at=timezone.now())
    response.headers["Referrer-Policy"] = "no-referrer"
    response.headers["X-Robots-Tag"] = "noindex, nofollow, noarchive"
    return response


def _answer(request: HttpRequest, token: str, *, at: datetime) -> HttpResponse:
    link = link_named(token=token)
    if link is None:
        return render(request, "board/shared_over.html", {"is_unknown": True}, status=HTTPStatus.NOT_FOUND)
    if state_of(link=link, at=at) is not LinkState.OPEN:
        return render(request, "board/shared_over.html", status=HTTPStatus.GONE)
    response = _board(request, link, at=at)
    if request.method == "GET":
        note_opening(link=link, at=at)
    return response


def _board(request: HttpRequest, link: BoardLink, *, at: datetime) -> HttpResponse:
    """Show the page at the organisation's clock and with its smallest sample: a stranger's request has neither."""
    organisation = settings_at(at)
    with timezone.override(ZoneInfo(organisation.time_zone)), formats.shown_from(organisation.minimum_sample_to_show):
        with one_snapshot():
            context = shared_context(board=link.board, organisation=organisation, at=at)
        return render(request, "board/shared.html", {**context, "link": link})
