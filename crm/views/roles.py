"""What each role may do."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from crm.queries.roles import rights
from crm.rules.permissions import Permission
from crm.rules.roles import ROLE_LABELS
from crm.views.guards import require


@require(Permission.ADMINISTER)
@require_safe
def roles(request: HttpRequest) -> HttpResponse:
    """Show the table of grants in words."""
    return render(request, "crm/roles.html", {"roles": ROLE_LABELS.values(), "rights": rights()})
