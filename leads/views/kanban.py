"""Open leads by stage, and what is done to one without leaving them."""

from collections.abc import Callable
from datetime import datetime
from http import HTTPStatus
from typing import Any

from django.contrib import messages
from django.forms import Form
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from crm.queries.organisation import settings_at
from crm.rules.permissions import Permission
from crm.views.guards import actor, domain_errors_to_form, require
from funnels.models import Stage
from leads.forms.kanban import KanbanForm, KanbanLoseForm, KanbanMoveForm, KanbanWinForm, VersionForm
from leads.models import Lead
from leads.operations import moves
from leads.queries.kanban import kanban, more_cards
from leads.views.card import lead_or_404

Act = Callable[..., object]


@require(Permission.EDIT_LEAD)
@never_cache
@require_safe
def show(request: HttpRequest) -> HttpResponse:
    """Lay out the open leads a person may act on; a script may ask for the next of one column alone.

    Whoever comes back to it by the browser's button finds it as it is now, not as it was before what they have moved.
    """
    now, person = timezone.now(), actor(request)
    asked = request.GET.copy()
    asked.setdefault("funnel", "")
    form = KanbanForm(asked, actor=person)
    context: dict[str, Any] = {"form": form, "currency": settings_at(now).currency, "here": request.get_full_path()}
    if not form.is_valid():
        return _refused(request, context)
    funnel, by = form.chosen(), form.narrowing()
    if funnel is None:
        return render(request, "kanban/show.html", context)
    stage = next((one for one in funnel.stages.all() if one.code == request.GET.get("stage")), None)
    after = request.GET.get("after")
    if stage is not None and after is not None and _is_script(request):
        return _further(request, form, (stage, after), context, at=now)
    going_on = {stage.pk: after} if stage is not None and after is not None else {}
    with domain_errors_to_form(form):
        context["board"] = kanban(
            funnel=funnel, actor=person, by=by, at=now, going_on=going_on, on_top=request.GET.get("top", "")
        )
    if not form.is_valid():
        return _refused(request, context)
    context |= {"lose": KanbanLoseForm(auto_id="lose_%s"), "win": KanbanWinForm(auto_id="win_%s")}
    return render(request, "kanban/show.html", context)


def _further(
    request: HttpRequest, form: KanbanForm, place: tuple[Stage, str], context: dict[str, Any], *, at: datetime
) -> HttpResponse:
    stage, after = place
    with domain_errors_to_form(form):
        cards, more = more_cards(stage=stage, actor=actor(request), by=form.narrowing(), after=after, at=at)
        context |= {"cards": cards, "more": more, "stage": stage}
    if not form.is_valid():
        return _refused(request, context)
    return render(request, "kanban/_cards.html", context)


def _refused(request: HttpRequest, context: dict[str, Any]) -> HttpResponse:
    return render(request, "kanban/show.html", context, status=HTTPStatus.BAD_REQUEST)


def _is_script(request: HttpRequest) -> bool:
    return request.headers.get("X-Requested-With") == "fetch"


@require(Permission.EDIT_LEAD)
@require_POST
def move(request: HttpRequest, code: str) -> HttpResponse:
    """Move the lead to another stage."""
    return _act(
        request, code, Permission.EDIT_LEAD, KanbanMoveForm(request.POST), moves.advance, _("The lead is moved.")
    )


@require(Permission.JUDGE_LEAD)
@require_POST
def lose(request: HttpRequest, code: str) -> HttpResponse:
    """Lose the lead for the reasons given."""
    said = _("The lead is lost; why is in its history.")
    return _act(request, code, Permission.JUDGE_LEAD, KanbanLoseForm(request.POST), moves.lose, said)


@require(Permission.EDIT_LEAD)
@require_POST
def win(request: HttpRequest, code: str) -> HttpResponse:
    """Win the lead, with the sale when an amount is told."""
    return _act(request, code, Permission.EDIT_LEAD, KanbanWinForm(request.POST), moves.win, _("The lead is won."))


def _act(
    request: HttpRequest, code: str, permission: Permission, form: VersionForm, act: Act, said: str
) -> HttpResponse:
    now: datetime = timezone.now()
    lead = lead_or_404(actor(request), code, permission)
    if form.is_valid():
        with domain_errors_to_form(form):
            told = dict(form.cleaned_data)
            act(lead=lead, by=actor(request), at=now, expected_version=told.pop("version"), **told)
    return _answer(request, lead, form, said=said)


def _answer(request: HttpRequest, lead: Lead, form: Form, *, said: str) -> HttpResponse:
    """Tell a script what became of it; take anybody else back to the board, or to the card to put it right."""
    is_done = form.is_valid()
    wrong = " ".join(str(error) for errors in form.errors.values() for error in errors)
    if _is_script(request):
        status = HTTPStatus.OK if is_done else HTTPStatus.UNPROCESSABLE_ENTITY
        return JsonResponse({"said": said if is_done else wrong}, status=status)
    if not is_done:
        messages.error(request, wrong)
        return redirect("leads:card", lead.code)
    messages.success(request, said)
    back = request.POST.get("back", "")
    return redirect(back if url_has_allowed_host_and_scheme(back, allowed_hosts=None) else reverse("kanban:show"))
