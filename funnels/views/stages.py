"""Stages of a funnel: add, rename, move up and down."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from crm.rules.permissions import Permission
from crm.views.guards import actor, domain_errors_to_form, require
from funnels.forms.dictionaries import NameForm, StageForm
from funnels.models import Funnel
from funnels.operations import stages
from funnels.queries.overview import stages_known
from funnels.rules.moves import Milestone
from funnels.views.acts import act


@require(Permission.DRAFT_RULES)
def create(request: HttpRequest, code: str) -> HttpResponse:
    """Add a stage to a funnel."""
    funnel = get_object_or_404(Funnel, code=code)
    form = StageForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        with domain_errors_to_form(form):
            stages.add_stage(
                funnel=funnel,
                name=form.cleaned_data["name"],
                milestone=Milestone(form.cleaned_data["milestone"]),
                by=actor(request),
                at=timezone.now(),
            )
        if form.is_valid():
            messages.success(request, _("The stage is there, with the reasons of the stage before it."))
            return redirect(_back(funnel))
    context = {"form": form, "title": _("New stage"), "back": _back(funnel), "action": _("Add the stage")}
    return render(request, "rules/simple_edit.html", context)


@require(Permission.DRAFT_RULES)
def edit(request: HttpRequest, pk: int) -> HttpResponse:
    """Call a stage something else."""
    stage = get_object_or_404(stages_known(), pk=pk)
    form = NameForm(request.POST or None, initial={"name": stage.name})
    if request.method == "POST" and form.is_valid():
        with domain_errors_to_form(form):
            stages.rename_stage(stage=stage, name=form.cleaned_data["name"], by=actor(request), at=timezone.now())
        if form.is_valid():
            messages.success(request, _("Saved."))
            return redirect(_back(stage.funnel))
    context = {
        "form": form,
        "title": _("Stage “%(name)s”") % {"name": form.initial["name"]},
        "back": _back(stage.funnel),
        "action": _("Save"),
        "text": _("Its milestone stays: numbers of the past and of the future are counted as before."),
    }
    return render(request, "rules/simple_edit.html", context)


@require(Permission.DRAFT_RULES)
@require_POST
def move(request: HttpRequest, pk: int) -> HttpResponse:
    """Move a stage one place up or down."""
    stage = get_object_or_404(stages_known(), pk=pk)
    up = request.POST.get("to") == "up"
    return act(
        request,
        lambda: stages.move_stage(stage=stage, up=up, by=actor(request), at=timezone.now()),
        done=_("“%(name)s” is moved.") % {"name": stage.name},
        to=_back(stage.funnel),
    )


@require(Permission.DRAFT_RULES)
@require_POST
def restore(request: HttpRequest, pk: int) -> HttpResponse:
    """Take an archived stage into use again."""
    stage = get_object_or_404(stages_known(), pk=pk)
    return act(
        request,
        lambda: stages.restore_stage(stage=stage, by=actor(request), at=timezone.now()),
        done=_("“%(name)s” is in use again.") % {"name": stage.name},
        to=_back(stage.funnel),
    )


def _back(funnel: Funnel) -> str:
    return f"{reverse('rules:funnel', args=[funnel.code])}#stages"
