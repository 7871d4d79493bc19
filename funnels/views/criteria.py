"""Word criteria anew, and take them out of use."""

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from crm.rules.permissions import Permission
from crm.views.guards import actor, domain_errors_to_form, require
from funnels.forms.criteria import CriterionForm
from funnels.models import Criterion, Funnel
from funnels.operations import criteria, dictionaries
from funnels.queries.overview import criterion_by_id
from funnels.views.acts import act


@require(Permission.DRAFT_RULES)
def create(request: HttpRequest, code: str) -> HttpResponse:
    """Add a criterion to a funnel."""
    funnel = get_object_or_404(Funnel, code=code)
    form = CriterionForm(request.POST or None, funnel=funnel)
    if request.method == "POST" and form.is_valid():
        with domain_errors_to_form(form):
            version = criteria.add_criterion(
                funnel=funnel,
                content=form.content(),
                answerable_at=form.from_stage(),
                by=actor(request),
                at=timezone.now(),
            )
        if form.is_valid():
            messages.success(request, _("The criterion is there. It is asked once a definition with it is published."))
            return redirect("rules:criterion", version.criterion_id)
    return render(request, "rules/criterion_edit.html", {"form": form, "funnel": funnel})


@require(Permission.DRAFT_RULES)
def edit(request: HttpRequest, pk: int) -> HttpResponse:
    """Write the next version of a criterion."""
    criterion = criterion_by_id(pk=pk)
    if criterion is None:
        raise Http404
    newest = criterion.versions.all()[0]
    form = CriterionForm(request.POST or None, funnel=criterion.funnel, version=newest)
    if request.method == "POST" and form.is_valid():
        with domain_errors_to_form(form):
            version = dictionaries.revise_criterion(
                criterion=criterion,
                content=form.content(),
                answerable_at=form.from_stage(),
                by=actor(request),
                at=timezone.now(),
            )
        if form.is_valid():
            if version.pk == newest.pk:
                messages.info(request, _("Nothing changed: this is what the newest version says."))
            else:
                said = _("Version %(number)s is written. It is asked once a definition with it is published.")
                messages.success(request, said % {"number": version.number})
            return redirect("rules:criterion", criterion.pk)
    context = {"form": form, "funnel": criterion.funnel, "criterion": criterion, "newest": newest}
    return render(request, "rules/criterion_edit.html", context)


@require(Permission.DRAFT_RULES)
@require_POST
def archive(request: HttpRequest, pk: int) -> HttpResponse:
    """Take a criterion out of use."""
    criterion = get_object_or_404(Criterion, pk=pk)
    return act(
        request,
        lambda: dictionaries.archive_criterion(criterion=criterion, by=actor(request), at=timezone.now()),
        done=_("The criterion is archived; what was answered stays."),
        to=reverse("rules:criterion", args=[pk]),
    )


@require(Permission.DRAFT_RULES)
@require_POST
def restore(request: HttpRequest, pk: int) -> HttpResponse:
    """Take an archived criterion into use again."""
    criterion = get_object_or_404(Criterion, pk=pk)
    return act(
        request,
        lambda: dictionaries.restore_criterion(criterion=criterion, by=actor(request), at=timezone.now()),
        done=_("The criterion is in use again: drafts may ask it."),
        to=reverse("rules:criterion", args=[pk]),
    )
