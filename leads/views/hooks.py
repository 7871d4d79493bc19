"""Addresses of senders, and how each is set up."""

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache

from crm.models import ApiKey
from crm.queries.keys import keys
from crm.rules.permissions import Permission
from crm.views.guards import actor, domain_errors_to_form, require
from leads.forms.hooks import AddressForm, HookForm
from leads.intake.fields import OUR_FIELDS
from leads.intake.profiles import PROFILES
from leads.operations import hook_profiles
from leads.queries.submissions import addresses, hook_profile_of, keys_of_hooks


@require(Permission.ADMINISTER)
@never_cache
def hooks(request: HttpRequest) -> HttpResponse:
    """List the addresses with what came to each; choose a key and a sender for another."""
    form = AddressForm(request.POST or None, keys=keys_of_hooks(at=timezone.now()))
    if request.method == "POST" and form.is_valid():
        return redirect("hooks:change", form.key_chosen.pk, form.cleaned_data["profile"])
    context = {"form": form, "rows": addresses(), "profiles": PROFILES, "start": _start(request)}
    return render(request, "leads/hooks.html", context)


@require(Permission.ADMINISTER)
@never_cache
def change(request: HttpRequest, key: int, profile: str) -> HttpResponse:
    """Show the address to paste; say how its payload is read."""
    held_by = _key_or_404(key)
    if profile not in PROFILES:
        raise Http404
    held = hook_profile_of(key=held_by, profile=profile)
    form = HookForm(request.POST or None, profile=PROFILES[profile], held=held)
    if request.method == "POST" and form.is_valid():
        with domain_errors_to_form(form):
            hook_profiles.configure(
                key=held.api_key if held else held_by,
                profile=profile,
                by=actor(request),
                at=timezone.now(),
                **form.values(),
            )
        if form.is_valid():
            messages.success(request, _("The address is set up. What failed before can be processed again."))
            return redirect("hooks:change", key, profile)
    context = {
        "form": form,
        "key": held_by,
        "profile": PROFILES[profile],
        "address": f"{_start(request)}rz_{held_by.token_id}_…/{profile}",
        "our_fields": OUR_FIELDS,
    }
    return render(request, "leads/hooks_change.html", context)


def _key_or_404(pk: int) -> ApiKey:
    key = keys().filter(pk=pk).first()
    if key is None:
        raise Http404
    return key


def _start(request: HttpRequest) -> str:
    return request.build_absolute_uri("/in/")
