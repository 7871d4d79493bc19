"""The tagging queue: one lead at a time. With scripts its addresses answer JSON, without them pages."""

from collections.abc import Callable, Mapping
from datetime import datetime
from functools import wraps
from http import HTTPStatus
from typing import Concatenate, ParamSpec

from django.contrib import messages
from django.forms import BaseForm
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.cache import add_never_cache_headers
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from crm.models import User
from crm.rules.permissions import Permission
from crm.views.guards import actor, domain_errors_to_form, require
from funnels.rules.verdict import VERDICT_LABELS, Verdict
from leads.forms.queue import BesidesForm, QueueJudgeForm, QueueLoseForm, QueueTouchForm, UndoForm, WhoseForm
from leads.models import Assessment, Lead, Transition
from leads.operations import claims, retractions, tagging, touches
from leads.queries import queue
from leads.queries.queue_shown import Desk, around, desk
from leads.rules.facts import AssessmentKind
from leads.views.card import lead_or_404

P = ParamSpec("P")
View = Callable[Concatenate[HttpRequest, P], HttpResponse]

PARTS = ("call", "lose", "help")  # what may lie open over the page without scripts: ?do=lose


def of_the_same_person(view: View[P]) -> View[P]:
    """Refuse a form that was filled in by whoever was signed in before, ere its lead is looked for."""

    @wraps(view)
    def guarded(request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
        form = WhoseForm(request.POST, actor=actor(request))
        return view(request, *args, **kwargs) if form.is_valid() else _refuse_outright(request, form)

    return guarded


@require(Permission.JUDGE_LEAD)
@require_safe
def take(request: HttpRequest) -> HttpResponse:
    """Go to the next lead of the person's queue, or say that there is none."""
    now, person = timezone.now(), actor(request)
    form = BesidesForm(request.GET)
    besides = form.cleaned_data["besides"] if form.is_valid() else []
    lead = claims.take(by=person, at=now, besides=besides)
    if lead is not None:
        return _uncached(redirect("queue:lead", lead.code))
    context = {"around": around(actor=person, at=now), "is_empty": True, "person": person}
    return _uncached(render(request, "leads/queue.html", context))


@require(Permission.JUDGE_LEAD)
@require_safe
def lead(request: HttpRequest, code: str) -> HttpResponse:
    """Show one lead and keep it for the person."""
    now, person = timezone.now(), actor(request)
    found = lead_or_404(person, code, Permission.JUDGE_LEAD)
    claims.hold(lead=found, by=person, at=now)
    return _show(request, desk(lead=found, actor=person, at=now))


@require(Permission.JUDGE_LEAD)
@require_POST
@of_the_same_person
def judge(request: HttpRequest, code: str) -> HttpResponse:
    """Record the answers and go on."""
    now, person = timezone.now(), actor(request)
    found = lead_or_404(person, code, Permission.JUDGE_LEAD)
    before = desk(lead=found, actor=person, at=now)
    form = QueueJudgeForm(request.POST, desk=before, actor=person)
    made: list[Assessment] = []
    if form.is_valid():
        with domain_errors_to_form(form), form.refusals_beside_their_answers():
            kind = AssessmentKind(form.cleaned_data["kind"])
            made.append(tagging.judge(lead=found, kind=kind, by=person, at=now, **form.values(at=now)))
    if not made or not form.is_valid():
        return _refuse(request, found, form, name="judge")
    said = _("Saved. Verdict: %(verdict)s.") % {"verdict": VERDICT_LABELS[Verdict(made[0].verdict)]}
    return _done(request, person, at=now, said=said, act=made[0])


@require(Permission.JUDGE_LEAD)
@require_POST
@of_the_same_person
def lose(request: HttpRequest, code: str) -> HttpResponse:
    """Lose the lead for the reasons given and go on."""
    now, person = timezone.now(), actor(request)
    found = lead_or_404(person, code, Permission.JUDGE_LEAD)
    form = QueueLoseForm(request.POST, desk=desk(lead=found, actor=person, at=now), actor=person)
    made: list[Transition] = []
    if form.is_valid():
        with domain_errors_to_form(form):
            made.append(tagging.lose(lead=found, by=person, at=now, **form.values(at=now)))
    if not made or not form.is_valid():
        return _refuse(request, found, form, name="lose")
    said = _("The lead is lost; why is in its history.")
    return _done(request, person, at=now, said=said, act=made[0])


@require(Permission.JUDGE_LEAD)
@require_POST
@of_the_same_person
def call(request: HttpRequest, code: str) -> HttpResponse:
    """Log an attempt to reach the person and stay with the lead."""
    now, person = timezone.now(), actor(request)
    found = lead_or_404(person, code, Permission.JUDGE_LEAD)
    form = QueueTouchForm(request.POST, actor=person)
    if form.is_valid():
        with domain_errors_to_form(form):
            touches.log(lead=found, by=person, at=now, **form.values(at=now))
    if not form.is_valid():
        return _refuse(request, found, form, name="call")
    said = _("The attempt is in the log.")
    return _done(request, person, at=now, said=said, to=reverse("queue:lead", args=[found.code]))


@require(Permission.JUDGE_LEAD)
@require_POST
def skip(request: HttpRequest, code: str) -> HttpResponse:
    """Leave the lead for later and go on."""
    now, person = timezone.now(), actor(request)
    tagging.skip(lead=lead_or_404(person, code, Permission.JUDGE_LEAD), by=person, at=now)
    return _done(request, person, at=now, said=_("Set aside for half an hour."))


@require(Permission.JUDGE_LEAD)
@require_POST
def hold(request: HttpRequest, code: str) -> HttpResponse:
    """Keep the lead for the person who still has it open."""
    now, person = timezone.now(), actor(request)
    claims.hold(lead=lead_or_404(person, code, Permission.JUDGE_LEAD), by=person, at=now)
    return HttpResponse(status=HTTPStatus.NO_CONTENT)


@require(Permission.JUDGE_LEAD)
@require_POST
def again(request: HttpRequest) -> HttpResponse:
    """Offer what was set aside again."""
    claims.take_up_again(by=actor(request))
    return redirect("queue:next")


@require(Permission.JUDGE_LEAD)
@require_POST
def undo(request: HttpRequest) -> HttpResponse:
    """Undo the last judgement or loss and go back to its lead."""
    now, person = timezone.now(), actor(request)
    form = UndoForm(request.POST)
    found = queue.undoable(actor=person, at=now, code=form.cleaned_data["act"]) if form.is_valid() else None
    if found is None:
        form.add_error(None, _("There is nothing to undo: only what you did in the last ten minutes can be."))
    else:
        with domain_errors_to_form(form):
            retractions.take_back(act=found.act, by=person, at=now)
    if found is None or not form.is_valid():
        return _refuse_outright(request, form)
    to = reverse("queue:lead", args=[found.lead.code])
    return _done(request, person, at=now, said=_("Undone: the lead is in front of you again."), to=to)


@require(Permission.JUDGE_LEAD)
@require_safe
def count(request: HttpRequest) -> HttpResponse:
    """Tell how many leads wait, for the menu."""
    return _uncached(render(request, "leads/queue_count.html", {"waiting": queue.count(actor=actor(request))}))


def _show(request: HttpRequest, shown: Desk, **refused: BaseForm) -> HttpResponse:
    person = actor(request)
    forms: dict[str, BaseForm] = {"call": QueueTouchForm(actor=person)}
    if shown.card.questions:
        forms["judge"] = QueueJudgeForm(desk=shown, actor=person)
    if shown.is_open:
        forms["lose"] = QueueLoseForm(desk=shown, actor=person)
    do = next((name for name in PARTS if name in refused), request.GET.get("do", ""))
    context = {
        "desk": shown,
        "card": shown.card,
        "around": shown.around,
        "forms": forms | refused,
        "refusals": [refusal for form in refused.values() for refusal in _refusals(form)],
        "do": do if do in PARTS else "",
        "person": person,
    }
    return _uncached(render(request, "leads/queue.html", context))


def _done(
    request: HttpRequest,
    person: User,
    *,
    at: datetime,
    said: str,
    act: Assessment | Transition | None = None,
    to: str = "",
) -> HttpResponse:
    """Go on, or tell a script what it needs in order to."""
    if not _wants_json(request):
        messages.success(request, said)
        return redirect(to or "queue:next")
    today, last = queue.today(actor=person, at=at), queue.undoable(actor=person, at=at)
    answer = {
        "said": said,
        "to": to,
        "verdict": act.verdict.lower() if isinstance(act, Assessment) else "",
        "undoable": last.code if last else "",
        "judged": today.judged,
        "seconds": round(today.seconds) if today.seconds is not None else None,
    }
    return JsonResponse(answer)


def _refuse(request: HttpRequest, found: Lead, form: BaseForm, *, name: str) -> HttpResponse:
    """Show what was refused with what was typed; the lead is read anew, for it may have changed meanwhile."""
    if _wants_json(request):
        return JsonResponse({"refusals": _refusals(form)}, status=HTTPStatus.UNPROCESSABLE_ENTITY)
    now, person = timezone.now(), actor(request)
    fresh = desk(lead=lead_or_404(person, found.code, Permission.JUDGE_LEAD), actor=person, at=now)
    if isinstance(form, QueueJudgeForm):
        form = QueueJudgeForm.again(form, desk=fresh, actor=person)
    return _show(request, fresh, **{name: form})


def _refuse_outright(request: HttpRequest, form: BaseForm) -> HttpResponse:
    """Say what is wrong where there is no form to show it in."""
    if _wants_json(request):
        return JsonResponse({"refusals": _refusals(form)}, status=HTTPStatus.UNPROCESSABLE_ENTITY)
    messages.error(request, " ".join(refusal["text"] for refusal in _refusals(form)))
    return redirect("queue:next")


def _refusals(form: BaseForm) -> list[Mapping[str, str]]:
    return [
        {"field": name, "text": message, "code": error.code or ""}
        for name, errors in form.errors.as_data().items()
        for error in errors
        for message in error.messages
    ]


def _wants_json(request: HttpRequest) -> bool:
    return request.headers.get("Accept") == "application/json"


def _uncached(response: HttpResponse) -> HttpResponse:
    """Keep pages of people's leads out of the browser's cache: going back must show what is true now."""
    add_never_cache_headers(response)
    return response
