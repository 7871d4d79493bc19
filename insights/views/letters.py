"""Weekly letters: asked for and stopped on the page of saved boards, and stopped from the letter itself."""

from http import HTTPStatus

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_POST

from crm.rules.permissions import Permission
from crm.views.guards import actor, require
from crm.views.visitors import origin_of
from insights.forms import LetterForm
from insights.operations import letters as operations
from insights.queries.letters import letter_to_stop, letters_of
from insights.queries.saved_boards import board_of
from insights.rules.letters import subscription_of


@require_POST
@require(Permission.VIEW_BOARD)
def subscribe(request: HttpRequest, pk: int) -> HttpResponse:
    """Have a board sent once a week."""
    board, form = board_of(actor=actor(request), pk=pk), LetterForm(request.POST)
    if board is None:
        raise Http404
    if form.is_valid():
        operations.subscribe(
            board=board,
            origin=origin_of(request),
            language=translation.get_language() or "",
            by=actor(request),
            at=timezone.now(),
            **form.cleaned_data,
        )
        messages.success(request, _("“%(name)s” comes by e-mail once a week.") % {"name": board.name})
    else:
        messages.error(request, _("Choose a day of the week and an hour."))
    return redirect("insights:boards")


@require_POST
@require(Permission.VIEW_BOARD)
def stop(request: HttpRequest, pk: int) -> HttpResponse:
    """Stop a letter of one's own."""
    letter = letters_of(person=actor(request)).get(pk)
    if letter is None:
        raise Http404
    operations.unsubscribe(subscription=letter, by=actor(request), at=timezone.now())
    messages.success(request, _("This letter comes no more."))
    return redirect("insights:boards")


# Exempt from CSRF: mail programs send this form for their readers, and the signed address is all its authority. A GET
# stops nothing, since programs that look for viruses open the links of every letter.
@csrf_exempt
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def stop_by_link(request: HttpRequest, token: str) -> HttpResponse:
    """Stop a letter without signing in; one that is stopped already stays so."""
    if subscription_of(token=token) is None:
        return render(request, "board/letter_stop.html", {"is_unknown": True}, status=HTTPStatus.NOT_FOUND)
    letter = letter_to_stop(token=token)
    if letter is not None and request.method == "POST":
        operations.unsubscribe(subscription=letter, by=None, at=timezone.now())
        letter = None
    return render(request, "board/letter_stop.html", {"letter": letter})
