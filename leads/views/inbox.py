"""The plain list of leads, the newest first."""

from http import HTTPStatus

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone

from crm.queries.organisation import settings_at
from crm.rules.permissions import Permission, is_granted
from crm.views.guards import actor, domain_errors_to_form, require
from leads.forms.inbox import InboxForm
from leads.queries import presentation
from leads.queries.inbox import Page, narrowed, page


@require(Permission.READ_LEADS)
def leads(request: HttpRequest) -> HttpResponse:
    """List the leads the person may see, narrowed as asked; what is not understood is refused with 400."""
    now, person = timezone.now(), actor(request)
    form = InboxForm(request.GET, actor=person, region=settings_at(now).default_region)
    found = Page((), None, None)
    if form.is_valid():
        with domain_errors_to_form(form):
            asked = narrowed(actor=person, by=form.narrowing())
            shown = presentation.with_shown(leads=asked, actor=person)
            found = page(leads=shown, older_than=form.place("before"), newer_than=form.place("after"))
    context = {
        "form": form,
        "rows": presentation.rows(leads=found.leads, actor=person, at=now),
        "newer_url": _url(request, after=found.newer) if found.newer else "",
        "older_url": _url(request, before=found.older) if found.older else "",
        "may_create": is_granted(person.role, Permission.CREATE_LEAD),
        "may_know": is_granted(person.role, Permission.SEE_CONTACTS),
    }
    return render(
        request, "leads/list.html", context, status=HTTPStatus.OK if form.is_valid() else HTTPStatus.BAD_REQUEST
    )


def _url(request: HttpRequest, **place: object) -> str:
    query = request.GET.copy()
    for name in ("before", "after"):
        query.pop(name, None)
    for name, value in place.items():
        query[name] = str(value)
    return f"?{query.urlencode()}"
