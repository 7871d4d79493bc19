"""Public forms, as an administrator sets them up; and the requests that looked like spam."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from crm.rules.errors import DomainError
from crm.rules.permissions import Permission
from crm.views.guards import actor, domain_errors_to_form, require
from leads.forms.form_settings import FormSettingsForm
from leads.models import PublicForm, Submission
from leads.operations import form_settings, public_forms
from leads.queries.public_forms import form_in_use, forms_shown, releasable, spam, undecided, waiting_count


@require(Permission.ADMINISTER)
def forms(request: HttpRequest) -> HttpResponse:
    """List the forms in use."""
    context = {"rows": forms_shown(), "waiting": waiting_count()}
    return render(request, "leads/forms.html", context)


@require(Permission.ADMINISTER)
def create(request: HttpRequest) -> HttpResponse:
    """Make a form."""
    typed = FormSettingsForm(request.POST or None)
    if request.method == "POST" and typed.is_valid():
        with domain_errors_to_form(typed):
            form = form_settings.create_form(content=typed.content(), by=actor(request), at=timezone.now())
        if typed.is_valid():
            messages.success(request, _("The form is made: below is what to put on your site."))
            return redirect("form_settings:edit", form.pk)
    return render(request, "leads/forms_edit.html", {"typed": typed})


@require(Permission.ADMINISTER)
def edit(request: HttpRequest, pk: int) -> HttpResponse:
    """Change what a form asks and says; show what to put on a site."""
    form = _form_or_404(pk)
    typed = FormSettingsForm(request.POST or None, form=form)
    if request.method == "POST" and typed.is_valid():
        with domain_errors_to_form(typed):
            form_settings.change_form(form=form, content=typed.content(), by=actor(request), at=timezone.now())
        if typed.is_valid():
            messages.success(request, _("Saved: visitors see it from now on."))
            return redirect("form_settings:edit", form.pk)
    return render(request, "leads/forms_edit.html", {"typed": typed, "form": form, **_addresses(request, form)})


@require(Permission.ADMINISTER)
@require_POST
def archive(request: HttpRequest, pk: int) -> HttpResponse:
    """Take a form out of use."""
    form = _form_or_404(pk)
    form_settings.archive_form(form=form, by=actor(request), at=timezone.now())
    messages.success(request, _("The form “{title}” takes no requests any more.").format(title=form.title))
    return redirect("form_settings:list")


@require(Permission.ADMINISTER)
def quarantine(request: HttpRequest) -> HttpResponse:
    """List the requests that wait for a decision."""
    return render(request, "leads/forms_quarantine.html", {"rows": undecided(), "waiting": waiting_count()})


@require(Permission.ADMINISTER)
def called_spam(request: HttpRequest) -> HttpResponse:
    """List what was called spam: a mistake can be mended."""
    return render(request, "leads/forms_quarantine.html", {"rows": spam(), "is_spam": True})


@require(Permission.ADMINISTER)
@require_POST
def release(request: HttpRequest, number: UUID) -> HttpResponse:
    """Make a lead of a request that only looked like spam."""
    try:
        received = public_forms.release(submission=_waiting_or_404(number), by=actor(request), at=timezone.now())
    except DomainError as refusal:
        messages.error(request, str(refusal))
        return redirect("form_settings:quarantine")
    messages.success(request, _("It is a lead now, with the time it came."))
    return redirect("leads:card", received.lead.code)


@require(Permission.ADMINISTER)
@require_POST
def keep(request: HttpRequest, number: UUID) -> HttpResponse:
    """Agree that a request is spam."""
    try:
        public_forms.keep(submission=_waiting_or_404(number), by=actor(request), at=timezone.now())
    except DomainError as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, _("It stays among the submissions and becomes no lead."))
    return redirect("form_settings:quarantine")


def _form_or_404(pk: int) -> PublicForm:
    form = form_in_use(pk=pk)
    if form is None:
        raise Http404
    return form


def _waiting_or_404(number: UUID) -> Submission:
    return get_object_or_404(releasable(), public_id=number)


def _addresses(request: HttpRequest, form: PublicForm) -> dict[str, Any]:
    address = request.build_absolute_uri(reverse("forms:page", args=[form.key]))
    return {"address": address, "script": request.build_absolute_uri(reverse("forms:embed", args=[form.key]))}
