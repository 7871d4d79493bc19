"""One act upon many leads: what to do, what would become of each, what became of each."""

from collections.abc import Sequence
from datetime import datetime
from http import HTTPStatus
from urllib.parse import urlencode
from uuid import UUID

from django.forms import BaseForm
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from crm.models import User
from crm.queries.organisation import settings_at
from crm.rules.permissions import Permission
from crm.views.guards import actor, domain_errors_to_form, require
from leads.forms.bulk import ACT_LABELS, BulkForm, ChosenForm
from leads.forms.inbox import InboxForm
from leads.operations import bulk as operations
from leads.operations.bulk import BulkAct, Result
from leads.queries import bulk as queries
from leads.queries.narrowing import narrowed


@require(Permission.BULK_ACT)
@require_POST
def bulk(request: HttpRequest) -> HttpResponse:
    """Ask what to do to the leads chosen, tell what would become of each, and do it when asked to."""
    now, person = timezone.now(), actor(request)
    chosen = ChosenForm(request.POST)
    codes: Sequence[str] = ()
    if chosen.is_valid():
        with domain_errors_to_form(chosen):
            codes = _codes(chosen, person, at=now)
    if not chosen.is_valid():
        context = {"refusals": _refusals(chosen), "query": request.POST.get("query", "")}
        return render(request, "leads/bulk_refused.html", context, status=HTTPStatus.BAD_REQUEST)
    act = BulkAct(chosen.cleaned_data["act"])
    leads = queries.with_codes(leads=operations.reached(by=person, act=act), codes=codes)
    step = request.POST.get("step", "choose")
    form = BulkForm(
        request.POST if step != "choose" else None,
        act=act,
        offered=queries.offered(leads=leads, at=now),
        actor=person,
    )
    results: Sequence[Result] = ()
    if step != "choose" and form.is_valid():
        with domain_errors_to_form(form):
            if step == "do":
                number = form.number_of(codes=codes)
                made = operations.run(codes=codes, bulk=form.bulk(), by=person, at=now, request_id=number)
                return redirect(_result_url(made.request_id, back=chosen.cleaned_data["query"]))
            results = operations.preview(codes=codes, bulk=form.bulk(), by=person, at=now)
    told: dict[str, object] = {
        "form": form,
        "act": act.value,
        "act_label": ACT_LABELS[act],
        "codes": codes,
        "query": chosen.cleaned_data["query"],
        "refusals": _refusals(form),
        **_told(results, person, at=now),
    }
    return render(request, "leads/bulk.html", told)


@require(Permission.BULK_ACT)
@never_cache
def result(request: HttpRequest, number: UUID) -> HttpResponse:
    """Tell what became of each lead of an act of one's own."""
    person = actor(request)
    made = queries.run_of(actor=person, request_id=number)
    if made is None:
        raise Http404
    results = [Result(code, refusal) for code, refusal in made.results]
    context = {
        "made": made,
        "act": made.act,
        "act_label": ACT_LABELS[BulkAct(made.act)],
        "failed": [one.code for one in results if one.refusal],
        "query": request.GET.get("back", ""),
        **_told(results, person, at=timezone.now()),
    }
    return render(request, "leads/bulk_result.html", context)


def _codes(chosen: ChosenForm, person: User, *, at: datetime) -> Sequence[str]:
    most = operations.most_of(by=person)
    codes: Sequence[str] = chosen.ticked()
    if chosen.cleaned_data["everything"]:
        region = settings_at(at).default_region
        asked = InboxForm(QueryDict(chosen.cleaned_data["query"]), actor=person, region=region, at=at)
        if not asked.is_valid():
            for refusal in asked.refusals:
                chosen.add_error(None, refusal)
            return ()
        leads = narrowed(actor=person, by=asked.narrowing(), at=at)
        act = BulkAct(chosen.cleaned_data["act"])
        mine = leads.filter(pk__in=operations.reached(by=person, act=act).order_by().values("pk"))
        codes = queries.codes_of(leads=mine, most=most)
    if len(codes) > most:
        raise operations.TooMany(most=most)
    if not codes:
        raise operations.NoneChosen
    return codes


def _result_url(number: UUID, *, back: str) -> str:
    url = reverse("leads:bulk_result", args=[number])
    return f"{url}?{urlencode({'back': back})}" if back else url


def _told(results: Sequence[Result], person: User, *, at: datetime) -> dict[str, object]:
    """Put each lead's name beside what became, or would become, of it; refusals first."""
    rows = queries.rows_of(codes=[one.code for one in results], actor=person, at=at)
    shown = [(rows.get(one.code), one) for one in sorted(results, key=lambda one: not one.refusal)]
    refused = sum(bool(one.refusal) for one in results)
    return {"results": shown, "done": len(results) - refused, "refused": refused}


def _refusals(form: BaseForm) -> list[str]:
    return [str(error) for errors in form.errors.values() for error in errors]
