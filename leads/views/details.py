"""What is known of a lead and its contact, put right from its card."""

from django.contrib import messages
from django.core.exceptions import NON_FIELD_ERRORS
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from crm.rules.permissions import Permission
from crm.views.guards import actor, domain_errors_to_form, require
from leads.forms.details import DetailsForm
from leads.operations import details
from leads.views.card import lead_or_404, show


@require(Permission.EDIT_LEAD)
@require_POST
@never_cache
def edit(request: HttpRequest, code: str) -> HttpResponse:
    """Save what was typed; where somebody was faster, say what they changed and lose nothing."""
    now, person = timezone.now(), actor(request)
    lead = lead_or_404(person, code, Permission.EDIT_LEAD)
    form = DetailsForm(request.POST, lead=lead)
    said = _("Nothing changed.")
    if form.is_valid():
        with domain_errors_to_form(form):
            changed = details.amend(
                lead=lead, to=form.amendment(), by=person, at=now, expected_version=form.expected_version
            )
            said = _("Saved.") if changed.version != lead.version else said
    if form.is_valid():
        messages.success(request, said)
        return redirect("leads:card", lead.code)
    if form.has_error(NON_FIELD_ERRORS, "lead_has_changed"):
        lead = lead_or_404(person, code, Permission.EDIT_LEAD)
        form = form.brought_up_to_date(lead=lead)
    return show(request, lead, at=now, details=form)
