"""Links by which people without an account see a board: made, listed, taken back."""

from http import HTTPStatus

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from crm.rules.permissions import Permission
from crm.views.guards import actor, domain_errors_to_form, require
from insights.forms import LinkForm
from insights.operations import board_links as operations
from insights.operations.board_links import MadeLink
from insights.queries.board_links import link_to_revoke, links_of
from insights.queries.saved_boards import boards_of


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@require(Permission.VIEW_BOARD, Permission.SHARE_BOARD)
def links(request: HttpRequest) -> HttpResponse:
    """List the links, and make one; the answer to the form is the only page that ever shows it."""
    person, now, made = actor(request), timezone.now(), None
    boards = boards_of(actor=person)
    form = LinkForm(request.POST or None, boards=boards, initial={"board": request.GET.get("board"), "days": 30})
    if form.is_valid():
        with domain_errors_to_form(form):
            told = form.cleaned_data
            board = next(board for board in boards if board.pk == told["board"])
            made = operations.make_link(board=board, days=told["days"], note=told["note"], by=person, at=now)
    is_refused = form.is_bound and made is None
    context = {
        "form": form,
        "boards": boards,
        "made": made,
        "url": _absolute_url(request, made) if made else "",
        "lines": links_of(actor=person, at=now),
    }
    return render(request, "board/links.html", context, status=HTTPStatus.BAD_REQUEST if is_refused else HTTPStatus.OK)


@require_POST
@require(Permission.VIEW_BOARD, Permission.SHARE_BOARD)
def revoke(request: HttpRequest, pk: int) -> HttpResponse:
    """Take a link back."""
    link = link_to_revoke(actor=actor(request), pk=pk)
    if link is None:
        raise Http404
    operations.revoke_link(link=link, by=actor(request), at=timezone.now())
    messages.success(request, _("The link opens nothing any more."))
    return redirect("insights:links")


def _absolute_url(request: HttpRequest, made: MadeLink) -> str:
    return request.build_absolute_uri(reverse("insights:shared", args=[made.token]))
