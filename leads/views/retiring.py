"""Archive a stage or a funnel: refused while open leads stand there, and told where they are."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from crm.rules.errors import DomainError
from crm.rules.permissions import Permission
from crm.views.guards import actor, require
from funnels.models import Funnel
from funnels.queries.overview import stages_known
from leads.operations.retiring import LeadsAreThere, retire_funnel, retire_stage


@require(Permission.DRAFT_RULES)
@require_POST
def stage(request: HttpRequest, pk: int) -> HttpResponse:
    """Take a stage out of use."""
    found = get_object_or_404(stages_known(), pk=pk)
    try:
        retire_stage(stage=found, by=actor(request), at=timezone.now())
    except LeadsAreThere as refusal:
        _tell_where(
            request,
            refusal,
            {"funnel": found.funnel.code, "stage": found.code, "outcome": "open", "duplicates": "shown"},
        )
    except DomainError as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, _("“%(name)s” is archived.") % {"name": found.name})
    return redirect(f"{reverse('rules:funnel', args=[found.funnel.code])}#stages")


@require(Permission.DRAFT_RULES)
@require_POST
def funnel(request: HttpRequest, code: str) -> HttpResponse:
    """Take a funnel out of use."""
    found = get_object_or_404(Funnel, code=code)
    try:
        retire_funnel(funnel=found, by=actor(request), at=timezone.now())
    except LeadsAreThere as refusal:
        _tell_where(request, refusal, {"funnel": found.code, "outcome": "open", "duplicates": "shown"})
    except DomainError as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, _("“%(name)s” is archived.") % {"name": found.name})
    return redirect("rules:funnel", code)


def _tell_where(request: HttpRequest, refusal: LeadsAreThere, query: dict[str, str]) -> None:
    url = f"{reverse('leads:list')}?{urlencode(query)}"
    messages.error(request, format_html('{} <a href="{}">{}</a>', str(refusal), url, _("Show them")))
