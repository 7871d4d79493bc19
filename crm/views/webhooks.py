"""Webhooks: where events are sent, how that goes, and sending again."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from crm.forms.webhooks import ReplayForm, WebhookForm
from crm.models import WebhookEndpoint
from crm.operations import webhooks as operations
from crm.queries.webhooks import deliveries_of, delivery_of, endpoint_lines, endpoint_of, secrets_of
from crm.rules.errors import DomainError
from crm.rules.permissions import Permission
from crm.views.guards import actor, domain_errors_to_form, require


@require(Permission.ADMINISTER)
def webhooks(request: HttpRequest) -> HttpResponse:
    """List every endpoint."""
    return render(request, "crm/webhooks.html", {"lines": endpoint_lines()})


@require(Permission.ADMINISTER)
def create(request: HttpRequest) -> HttpResponse:
    """Subscribe an address."""
    form = WebhookForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        with domain_errors_to_form(form):
            made = operations.subscribe(by=actor(request), at=timezone.now(), **form.cleaned_data)
        if form.is_valid():
            messages.success(request, _("Events are sent there from now on. Give the receiver the secret."))
            return redirect("crm:webhook", made.code)
    return render(request, "crm/webhooks_new.html", {"form": form})


@require(Permission.ADMINISTER)
@never_cache
def webhook(request: HttpRequest, code: str) -> HttpResponse:
    """Show an endpoint, its secret and what was sent to it; change it."""
    endpoint, now = _endpoint_or_404(code), timezone.now()
    form = WebhookForm.of(endpoint, data=request.POST or None)
    if request.method == "POST" and form.is_valid():
        with domain_errors_to_form(form):
            operations.change(endpoint=endpoint, by=actor(request), at=now, **form.cleaned_data)
        if form.is_valid():
            messages.success(request, _("Saved."))
            return redirect("crm:webhook", code)
    before = request.GET.get("before", "")
    page = deliveries_of(endpoint=endpoint, before=int(before) if _is_id(before) else None)
    context = {
        "endpoint": endpoint,
        "form": form,
        "replay_form": ReplayForm(),
        "secret": secrets_of(endpoint=endpoint, at=now)[0],
        "overlaps": len(endpoint.generations(at=now)) > 1,
        "deliveries": page.deliveries,
        "older_url": f"?before={page.older}" if page.older else "",
    }
    return render(request, "crm/webhook.html", context)


@require(Permission.ADMINISTER)
@require_POST
def rotate(request: HttpRequest, code: str) -> HttpResponse:
    """Make a new secret."""
    said = _("The new secret is in force. For 24 hours messages are signed by the old one too.")
    return _act(request, code, operations.rotate, said)


@require(Permission.ADMINISTER)
@require_POST
def enable(request: HttpRequest, code: str) -> HttpResponse:
    """Send to an endpoint again."""
    said = _("Events are sent there again. What happened meanwhile can be replayed.")
    return _act(request, code, operations.enable, said)


@require(Permission.ADMINISTER)
@require_POST
def disable(request: HttpRequest, code: str) -> HttpResponse:
    """Send nothing more to an endpoint."""
    return _act(request, code, operations.disable, _("Nothing is sent there any more."))


@require(Permission.ADMINISTER)
@require_POST
def test(request: HttpRequest, code: str) -> HttpResponse:
    """Send a message that tells of nothing."""
    return _act(request, code, operations.send_test, _("A test message is on its way; the log below tells its fate."))


@require(Permission.ADMINISTER)
@require_POST
def replay(request: HttpRequest, code: str) -> HttpResponse:
    """Send everything since an event once more."""
    endpoint, form = _endpoint_or_404(code), ReplayForm(request.POST)
    if form.is_valid():
        with domain_errors_to_form(form):
            after = form.cleaned_data["after"]
            count = operations.replay(endpoint=endpoint, after=after, by=actor(request), at=timezone.now())
    if form.is_valid():
        said = ngettext("{count} message will be sent.", "{count} messages will be sent.", count)
        messages.success(request, said.format(count=count))
    else:
        for errors in form.errors.values():
            messages.error(request, " ".join(str(error) for error in errors))
    return redirect("crm:webhook", code)


@require(Permission.ADMINISTER)
@require_POST
def redeliver(request: HttpRequest, code: str) -> HttpResponse:
    """Send one message once more."""
    delivery = delivery_of(code=code)
    if delivery is None:
        raise Http404
    try:
        operations.redeliver(delivery=delivery, by=actor(request), at=timezone.now())
    except DomainError as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, _("The message is on its way once more."))
    return redirect("crm:webhook", delivery.endpoint.code)


def _act(request: HttpRequest, code: str, operation: Callable[..., Any], said: str) -> HttpResponse:
    endpoint = _endpoint_or_404(code)
    try:
        operation(endpoint=endpoint, by=actor(request), at=timezone.now())
    except DomainError as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, said)
    return redirect("crm:webhook", code)


def _endpoint_or_404(code: str) -> WebhookEndpoint:
    endpoint = endpoint_of(code=code)
    if endpoint is None:
        raise Http404
    return endpoint


def _is_id(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) < 19
