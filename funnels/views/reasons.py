"""Reasons of loss: what they say, and at which stages they are offered."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from crm.rules.permissions import Permission
from crm.views.guards import actor, domain_errors_to_form, require
from funnels.forms.dictionaries import NewReasonForm, OffersForm, ReasonForm
from funnels.models import Funnel, LossReason
from funnels.operations import dictionaries, reasons
from funnels.queries.overview import archived_reasons, reasons_in_use, reasons_known, stages_shown
from funnels.views.acts import act


@require(Permission.DRAFT_RULES)
def matrix(request: HttpRequest, code: str) -> HttpResponse:
    """Show which reason is offered at which stage, and change it."""
    funnel = get_object_or_404(Funnel, code=code)
    form = OffersForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        with domain_errors_to_form(form):
            changed = reasons.offer_reasons(funnel=funnel, **form.cleaned_data, by=actor(request), at=timezone.now())
        if form.is_valid():
            messages.success(request, _("Saved.") if changed else _("Nothing changed."))
            return redirect("rules:reasons", code)
    stages = [shown for shown in stages_shown(funnel=funnel) if not shown.is_won]
    offered = {(shown.stage.pk, reason.pk) for shown in stages for reason in shown.reasons}
    ticked = set(form.cleaned_data.get("chosen", ())) if form.is_bound else offered
    context = {
        "form": form,
        "funnel": funnel,
        "stages": stages,
        "rows": [
            (reason, [(shown.stage, (shown.stage.pk, reason.pk) in ticked) for shown in stages])
            for reason in reasons_in_use(funnel=funnel)
        ],
        "shown_cells": " ".join(f"{stage}:{reason}" for stage, reason in sorted(offered)),
        "archived": archived_reasons(funnel=funnel),
    }
    return render(request, "rules/reasons.html", context)


@require(Permission.DRAFT_RULES)
def create(request: HttpRequest, code: str) -> HttpResponse:
    """Add a reason."""
    funnel = get_object_or_404(Funnel, code=code)
    form = NewReasonForm(request.POST or None, funnel=funnel)
    if request.method == "POST" and form.is_valid():
        with domain_errors_to_form(form):
            reasons.add_reason(
                funnel=funnel, content=form.content(), stages=form.chosen(), by=actor(request), at=timezone.now()
            )
        if form.is_valid():
            messages.success(request, _("The reason is there."))
            return redirect("rules:reasons", code)
    context = {
        "form": form,
        "title": _("New reason of loss"),
        "back": reverse("rules:reasons", args=[code]),
        "action": _("Add the reason"),
    }
    return render(request, "rules/simple_edit.html", context)


@require(Permission.DRAFT_RULES)
def edit(request: HttpRequest, pk: int) -> HttpResponse:
    """Change what a reason says."""
    reason = _reason(pk)
    form = ReasonForm(request.POST or None, funnel=reason.funnel, reason=reason)
    back = reverse("rules:reasons", args=[reason.funnel.code])
    if request.method == "POST" and form.is_valid():
        with domain_errors_to_form(form):
            reasons.change_reason(reason=reason, content=form.content(), by=actor(request), at=timezone.now())
        if form.is_valid():
            messages.success(request, _("Saved."))
            return redirect(back)
    context = {
        "form": form,
        "title": _("Reason “%(name)s”") % {"name": form.initial["name"]},
        "back": back,
        "action": _("Save"),
        "text": _("Losses that gave this reason show its new name and side."),
        "reason": reason,
    }
    return render(request, "rules/simple_edit.html", context)


@require(Permission.DRAFT_RULES)
@require_POST
def move(request: HttpRequest, pk: int) -> HttpResponse:
    """Move a reason one place up or down among those of its side."""
    reason = _reason(pk)
    up = request.POST.get("to") == "up"
    return act(
        request,
        lambda: reasons.move_reason(reason=reason, up=up, by=actor(request), at=timezone.now()),
        done=_("“%(name)s” is moved.") % {"name": reason.name},
        to=reverse("rules:reasons", args=[reason.funnel.code]),
    )


@require(Permission.DRAFT_RULES)
@require_POST
def archive(request: HttpRequest, pk: int) -> HttpResponse:
    """Stop offering a reason."""
    reason = _reason(pk)
    return act(
        request,
        lambda: dictionaries.archive_reason(reason=reason, by=actor(request), at=timezone.now()),
        done=_("“%(name)s” is archived; losses that gave it keep it.") % {"name": reason.name},
        to=reverse("rules:reasons", args=[reason.funnel.code]),
    )


@require(Permission.DRAFT_RULES)
@require_POST
def restore(request: HttpRequest, pk: int) -> HttpResponse:
    """Offer an archived reason again."""
    reason = _reason(pk)
    return act(
        request,
        lambda: reasons.restore_reason(reason=reason, by=actor(request), at=timezone.now()),
        done=_("“%(name)s” is in use again.") % {"name": reason.name},
        to=reverse("rules:reasons", args=[reason.funnel.code]),
    )


def _reason(pk: int) -> LossReason:
    return get_object_or_404(reasons_known(), pk=pk)
