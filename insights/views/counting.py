"""A question that takes longer than a page may: it is counted in the background, and the page says how far it is."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST
from django_htmx.http import HttpResponseClientRedirect

from crm.rules.permissions import Permission
from crm.views.guards import require
from insights.forms import just_settled
from insights.models import Counting
from insights.operations import countings, restating
from insights.queries.restating import is_lengthy
from insights.rules.slice import GroupBy, Slice
from insights.rules.words import period_words
from insights.views.links import board_url
from insights.views.questions import as_of_words

QUIET_FOR = timedelta(minutes=1)


def counted_first(
    request: HttpRequest, *, slice: Slice, by: GroupBy | None, at: datetime, url_of: Callable[[Slice], str]
) -> HttpResponse | None:
    """Have what a page reads counted; answer instead of it as long as that takes.

    What is read unusually of today changes with every judgement, so many leads are counted as of a moment ago.
    """
    if not is_lengthy(slice=slice):
        restating.make_ready(slice=slice, at=at)
        return None
    if slice.as_of is None:
        return redirect(url_of(replace(slice, as_of=just_settled(at))))
    counting = countings.begin(slice=slice, by=by, at=at)
    if counting.done_at is not None:
        return None
    context = {
        **_said(counting, at, back=request.get_full_path()),
        "slice": slice,
        "period": period_words(slice),
        "as_of": as_of_words(slice, at),
        "judged_url": board_url(replace(slice.usual, as_of=None)),
    }
    return render(request, "board/counting.html", context)


@require(Permission.VIEW_BOARD)
@never_cache
@require_POST
def progress(request: HttpRequest, code: UUID) -> HttpResponse:
    """Tell how far a counting has come; where no worker does it, count the next part."""
    at = timezone.now()
    counting = countings.carry_on(code=code, at=at)
    if counting is None:
        raise Http404
    back = request.POST.get("back", "")
    if not url_has_allowed_host_and_scheme(back, allowed_hosts=None):
        back = reverse("insights:board")
    if not getattr(request, "htmx", False):
        return redirect(back)
    if counting.done_at is not None:
        return HttpResponseClientRedirect(back)
    return render(request, "board/counting_progress.html", _said(counting, at, back=back))


def _said(counting: Counting, at: datetime, *, back: str) -> dict[str, object]:
    return {
        "counting": counting,
        "back": back,
        "needs_looking_on": countings.needs_looking_on(),
        "is_quiet": at - counting.moved_at > QUIET_FOR,
    }
