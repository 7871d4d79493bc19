"""Who did what, when."""

from http import HTTPStatus

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from crm.forms.audit_log import AuditForm
from crm.queries.audit_log import AuditPage, audit_page
from crm.queries.organisation import settings_at
from crm.rules.permissions import Permission
from crm.views.guards import require


@require(Permission.ADMINISTER)
@require_safe
def audit_log(request: HttpRequest) -> HttpResponse:
    """Show the log, the newest first; what is not understood is refused with 400."""
    form = AuditForm(request.GET)
    page, older_url = AuditPage((), None), ""
    if form.is_valid():
        zone = settings_at(timezone.now()).time_zone
        page = audit_page(by=form.asked(), zone=zone, before=form.cleaned_data["before"])
    if page.older is not None:
        query = request.GET.copy()
        query["before"] = str(page.older)
        older_url = f"?{query.urlencode()}"
    context = {"form": form, "page": page, "older_url": older_url}
    status = HTTPStatus.OK if form.is_valid() else HTTPStatus.BAD_REQUEST
    return render(request, "crm/audit_log.html", context, status=status)
