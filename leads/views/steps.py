"""Next steps: planned and closed from the card of a lead, closed from one's day as well."""

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from crm.queries.organisation import settings_at
from crm.rules.errors import DomainError
from crm.rules.permissions import Permission
from crm.views.guards import actor, domain_errors_to_form, require
from leads.forms.steps import StepForm, WhenForm
from leads.models import Lead, NextStep
from leads.operations import next_steps
from leads.queries.next_steps import step_of
from leads.views.card import lead_or_404, show

FROM_THE_DAY = "day"


@require(Permission.EDIT_LEAD)
@require_POST
def plan(request: HttpRequest, code: str) -> HttpResponse:
    """Plan a step."""
    now, person = timezone.now(), actor(request)
    lead = lead_or_404(person, code, Permission.EDIT_LEAD)
    form = StepForm(request.POST, actor=person)
    if form.is_valid():
        with domain_errors_to_form(form):
            next_steps.plan(
                lead=lead,
                what=form.cleaned_data["what"],
                due_at=form.due(organisation=settings_at(now), at=now),
                for_person=form.cleaned_data["for_person"],
                by=person,
                at=now,
                request_id=form.cleaned_data["request_id"],
            )
    if not form.is_valid():
        return show(request, lead, at=now, step=form)
    messages.success(request, _("The next step is planned."))
    return _back(request, lead)


@require(Permission.EDIT_LEAD)
@require_POST
def reschedule(request: HttpRequest, code: str, pk: int) -> HttpResponse:
    """Put a step off."""
    now, person = timezone.now(), actor(request)
    lead = lead_or_404(person, code, Permission.EDIT_LEAD)
    step = _step_or_404(lead, pk)
    form = WhenForm(request.POST, auto_id="later_%s")
    if form.is_valid():
        with domain_errors_to_form(form):
            due_at = form.due(organisation=settings_at(now), at=now)
            request_id = form.cleaned_data["request_id"]
            next_steps.reschedule(step=step, due_at=due_at, by=person, at=now, request_id=request_id)
    if not form.is_valid():
        return show(request, lead, at=now, later=form)
    messages.success(request, _("The step is put off."))
    return _back(request, lead)


@require(Permission.EDIT_LEAD)
@require_POST
def finish(request: HttpRequest, code: str, pk: int) -> HttpResponse:
    """Tell that a step is done."""
    lead = lead_or_404(actor(request), code, Permission.EDIT_LEAD)
    step = _step_or_404(lead, pk)
    try:
        next_steps.finish(step=step, by=actor(request), at=timezone.now())
        messages.success(request, _("Done. What comes next for this lead?"))
    except DomainError as refusal:
        messages.error(request, str(refusal))
    return _back(request, lead)


@require(Permission.EDIT_LEAD)
@require_POST
def drop(request: HttpRequest, code: str, pk: int) -> HttpResponse:
    """Tell that a step will not be done."""
    lead = lead_or_404(actor(request), code, Permission.EDIT_LEAD)
    step = _step_or_404(lead, pk)
    try:
        next_steps.drop(step=step, by=actor(request), at=timezone.now())
        messages.success(request, _("The step is dropped."))
    except DomainError as refusal:
        messages.error(request, str(refusal))
    return _back(request, lead)


def _step_or_404(lead: Lead, pk: int) -> NextStep:
    step = step_of(lead=lead, pk=pk)
    if step is None:
        raise Http404
    return step


def _back(request: HttpRequest, lead: Lead) -> HttpResponse:
    if request.POST.get("from") == FROM_THE_DAY:
        return redirect("day:page")
    return redirect("leads:card", lead.code)
