"""Keys of integrations: who has one, a new one, another in its place, one taken back."""

from datetime import datetime

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from crm.models import ApiKey
from crm.operations import keys as operations
from crm.queries.keys import keys as all_keys
from crm.rules.errors import DomainError
from crm.rules.permissions import Permission
from crm.views.guards import actor, domain_errors_to_form, require
from leads.forms.keys import KeyForm, OnceForm
from leads.queries.keys_shown import keys_shown

FORMS_REMEMBERED = 20
ANSWERED = "keys_made"


@require(Permission.ADMINISTER)
@never_cache
def keys(request: HttpRequest) -> HttpResponse:
    """List every key."""
    rows = keys_shown(at=timezone.now())
    return render(request, "leads/keys.html", {"rows": rows})


@require(Permission.ADMINISTER)
@never_cache
def create(request: HttpRequest) -> HttpResponse:
    """Make a key; the answer to the form is the only page that ever shows its token."""
    form = KeyForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        if _was_answered(request, form):
            return _already_told(request)
        with domain_errors_to_form(form):
            issued = operations.issue(by=actor(request), at=timezone.now(), **form.values())
        if form.is_valid():
            return _tell_once(request, form, issued)
    return render(request, "leads/keys_new.html", {"form": form})


@require(Permission.ADMINISTER)
@never_cache
def rotate(request: HttpRequest, pk: int) -> HttpResponse:
    """Ask, then make a key in the place of another, which works on for a while."""
    key = _key_or_404(pk)
    form = OnceForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        if _was_answered(request, form):
            return _already_told(request)
        with domain_errors_to_form(form):
            issued = operations.rotate(key=key, by=actor(request), at=timezone.now())
        if form.is_valid():
            key.refresh_from_db()
            return _tell_once(request, form, issued, old=key, old_until=key.expires_at)
    return render(request, "leads/keys_rotate.html", {"form": form, "key": key, "overlap": operations.OVERLAP})


@require(Permission.ADMINISTER)
@require_POST
def revoke(request: HttpRequest, pk: int) -> HttpResponse:
    """Take a key back."""
    key = _key_or_404(pk)
    try:
        operations.revoke(key=key, by=actor(request), at=timezone.now())
    except DomainError as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, _("The key “{name}” opens nothing any more.").format(name=key.name))
    return redirect("keys:list")


def _key_or_404(pk: int) -> ApiKey:
    key = all_keys().filter(pk=pk).first()
    if key is None:
        raise Http404
    return key


def _tell_once(
    request: HttpRequest,
    form: OnceForm,
    issued: operations.Issued,
    *,
    old: ApiKey | None = None,
    old_until: datetime | None = None,
) -> HttpResponse:
    """Show the token in the answer to the form itself: kept nowhere, it cannot be asked for again."""
    request.session[ANSWERED] = [*_answered(request), form.asked_once][-FORMS_REMEMBERED:]
    context = {"key": issued.key, "token": issued.token, "old": old, "old_until": old_until}
    return render(request, "leads/keys_token.html", context)


def _already_told(request: HttpRequest) -> HttpResponse:
    messages.warning(request, _("This form was already answered: its token is not shown again."))
    return redirect("keys:list")


def _was_answered(request: HttpRequest, form: OnceForm) -> bool:
    return form.asked_once in _answered(request)


def _answered(request: HttpRequest) -> list[str]:
    return list(request.session.get(ANSWERED, []))
