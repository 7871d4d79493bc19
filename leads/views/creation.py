"""A request taken by hand."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _

from crm.rules.permissions import Permission
from crm.views.guards import actor, domain_errors_to_form, require
from leads.forms.creation import LeadForm
from leads.operations import arrivals
from leads.rules.facts import Channel


@require(Permission.CREATE_LEAD)
def create(request: HttpRequest) -> HttpResponse:
    """Take a request in, and say so when its sender is known."""
    person = actor(request)
    form = LeadForm(request.POST or None, actor=person)
    if request.method == "POST" and form.is_valid():
        with domain_errors_to_form(form):
            received = arrivals.receive(
                row=form.row(), funnel=form.funnel_chosen, by=person, at=timezone.now(), channel=Channel.PAGE
            )
        if form.is_valid():
            _say(request, received.outcome)
            return redirect("leads:card", received.lead.code)
    return render(request, "leads/new.html", {"form": form})


def _say(request: HttpRequest, outcome: arrivals.Outcome) -> None:
    match outcome:
        case "created":
            messages.success(request, _("The lead is in."))
        case "duplicate":
            text = _("This person's request is already being worked on: kept as a duplicate and not counted twice.")
            messages.warning(request, text)
        case "repeat":
            messages.info(request, _("The lead is in. This person has sent a request before."))
        case "existing":
            messages.info(request, _("This request was already in; nothing was added."))
