"""The organisation's settings and their versions."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _

from crm.forms.settings import SettingsForm, changes_told
from crm.models import OrganisationSettings
from crm.operations import settings as operations
from crm.queries.organisation import default_settings, number_of, settings_at, versions
from crm.rules.permissions import Permission
from crm.views.guards import actor, domain_errors_to_form, require

SHOWN = 20


@require(Permission.ADMINISTER)
def settings(request: HttpRequest) -> HttpResponse:
    """Show what is in force and what was before; put a new version in force."""
    now = timezone.now()
    in_force = settings_at(now)
    form = SettingsForm.of(in_force, data=request.POST or None)
    if request.method == "POST" and form.is_valid():
        with domain_errors_to_form(form):
            try:
                made = operations.change(by=actor(request), at=now, based_on=form.base, **form.values())
            except operations.SettingsChangedMeanwhile as refusal:
                form = SettingsForm.rebased(base=refusal.base, current=refusal.current, data=request.POST)
                form.add_error(None, str(refusal))
        if form.is_valid():
            if number_of(made) == number_of(in_force):
                messages.info(request, _("Nothing changed: these settings are in force already."))
            else:
                messages.success(request, _("The new settings are in force."))
            return redirect("crm:settings")
    return render(request, "crm/settings.html", {"form": form, "versions": _versions_told()})


def _versions_told() -> list[tuple[OrganisationSettings, list[tuple[Any, Any, Any]]]]:
    """List the newest versions, each with what it changed; the first changed the defaults."""
    known = list(versions()[: SHOWN + 1])
    before = [*known[1:], *(default_settings(at=first.valid_from_at) for first in known[-1:])]
    return [(version, changes_told(before=old, after=version)) for version, old in zip(known, before, strict=True)][
        :SHOWN
    ]
