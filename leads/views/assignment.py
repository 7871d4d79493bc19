"""Who gets the leads that arrive without an owner, and who is away."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from crm.rules.permissions import Permission, is_granted
from crm.views.guards import actor, domain_errors_to_form, require
from leads.forms.assignment import AbsenceForm, RuleForm
from leads.models import Absence, AssignmentRule
from leads.operations import assignment_rules
from leads.queries.assignment import page_of_rules


@require(Permission.IMPORT_LEADS)
@require_safe
def assignment(request: HttpRequest) -> HttpResponse:
    """List the rules, what they would have done, and who is away."""
    return _show(request)


@require(Permission.ADMINISTER)
@require_POST
def create(request: HttpRequest) -> HttpResponse:
    """Add a rule."""
    form = RuleForm(request.POST)
    if form.is_valid():
        with domain_errors_to_form(form):
            assignment_rules.create_rule(content=form.content(), by=actor(request), at=timezone.now())
    if not form.is_valid():
        return _show(request, form=form)
    messages.success(request, _("The rule is in force: it is asked after those above it."))
    return redirect("assignment:rules")


@require(Permission.ADMINISTER)
@require_POST
def move(request: HttpRequest, pk: int) -> HttpResponse:
    """Have a rule asked earlier or later."""
    direction: assignment_rules.Direction = "up" if request.POST.get("direction") == "up" else "down"
    rule = get_object_or_404(AssignmentRule, pk=pk)
    assignment_rules.move_rule(rule=rule, direction=direction, by=actor(request), at=timezone.now())
    return redirect("assignment:rules")


@require(Permission.ADMINISTER)
@require_POST
def archive(request: HttpRequest, pk: int) -> HttpResponse:
    """Take a rule out of use."""
    rule = get_object_or_404(AssignmentRule, pk=pk)
    assignment_rules.archive_rule(rule=rule, by=actor(request), at=timezone.now())
    messages.success(request, _("The rule hands out nothing any more. It can be put back below."))
    return redirect("assignment:rules")


@require(Permission.ADMINISTER)
@require_POST
def restore(request: HttpRequest, pk: int) -> HttpResponse:
    """Put a rule back into use."""
    rule = get_object_or_404(AssignmentRule, pk=pk)
    assignment_rules.restore_rule(rule=rule, by=actor(request), at=timezone.now())
    messages.success(request, _("The rule is in force again."))
    return redirect("assignment:rules")


@require(Permission.IMPORT_LEADS)
@require_POST
def away(request: HttpRequest) -> HttpResponse:
    """Say that somebody is away."""
    form = AbsenceForm(request.POST, actor=actor(request))
    if form.is_valid():
        with domain_errors_to_form(form):
            assignment_rules.add_absence(by=actor(request), at=timezone.now(), **form.cleaned_data)
    if not form.is_valid():
        return _show(request, away_form=form)
    messages.success(request, _("On these days they are given no new leads."))
    return redirect("assignment:rules")


@require(Permission.IMPORT_LEADS)
@require_POST
def back(request: HttpRequest, pk: int) -> HttpResponse:
    """Call an absence off."""
    absence = get_object_or_404(Absence, pk=pk)
    try:
        assignment_rules.call_off_absence(absence=absence, by=actor(request), at=timezone.now())
    except assignment_rules.NotASeller:
        raise Http404 from None  # somebody of another team
    messages.success(request, _("They are given leads again."))
    return redirect("assignment:rules")


def _show(request: HttpRequest, **refused: Any) -> HttpResponse:
    person = actor(request)
    may_change = is_granted(person.role, Permission.ADMINISTER)
    context = {
        "page": page_of_rules(actor=person, at=timezone.now()),
        "may_change": may_change,
        "form": RuleForm() if may_change else None,
        "away_form": AbsenceForm(actor=person),
    }
    return render(request, "leads/assignment.html", context | refused)
