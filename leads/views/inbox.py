"""The list of leads, the newest first."""

from collections.abc import Sequence
from http import HTTPStatus

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone

from crm.models import User
from crm.queries.organisation import settings_at
from crm.rules.permissions import Permission, is_granted
from crm.views.guards import actor, domain_errors_to_form, require
from leads.exports import MOST_EXPORTED
from leads.forms.bulk import ACT_LABELS
from leads.forms.inbox import InboxForm
from leads.models.lead import LeadQuerySet
from leads.operations.bulk import most_of
from leads.queries import presentation
from leads.queries.inbox import MOST_COUNTED, Page, count, page
from leads.queries.narrowing import narrowed
from leads.queries.presentation import LeadRow
from leads.queries.saved_filters import columns_chosen, filters_at_hand
from leads.rules.columns import COLUMNS, columns_offered, columns_shown
from leads.views.list_lines import lines


@require(Permission.READ_LEADS)
def leads(request: HttpRequest) -> HttpResponse:
    """List the leads the person may see, narrowed as asked; what is not understood is refused with 400."""
    now, person = timezone.now(), actor(request)
    form = InboxForm(request.GET, actor=person, region=settings_at(now).default_region, at=now)
    found, asked = Page((), None, None), None
    if form.is_valid():
        with domain_errors_to_form(form):
            asked = narrowed(actor=person, by=form.narrowing(), at=now)
            found = page(
                leads=asked,
                older_than=form.place("before"),
                newer_than=form.place("after"),
                columns=presentation.LISTED,
            )
    rows = presentation.listed_rows(leads=found.leads, actor=person, at=now)
    context = {
        "form": form,
        "rows": rows,
        "newer_url": _url(request, after=found.newer) if found.newer else "",
        "older_url": _url(request, before=found.older) if found.older else "",
        **_offered(person, rows),
        **_counted(request, asked),
    }
    status = HTTPStatus.OK if form.is_valid() else HTTPStatus.BAD_REQUEST
    return render(request, "leads/list.html", context, status=status)


def _offered(person: User, rows: Sequence[LeadRow]) -> dict[str, object]:
    """Draw the list as this person likes it, and tell what they may do with it."""
    may_know = is_granted(person.role, Permission.SEE_CONTACTS)
    shown = columns_shown(chosen=columns_chosen(actor=person), with_contacts=may_know)
    may_act = is_granted(person.role, Permission.BULK_ACT)
    return {
        "may_create": is_granted(person.role, Permission.CREATE_LEAD),
        "may_know": may_know,
        "may_export": is_granted(person.role, Permission.EXPORT_ROWS),
        "acts": [(act.value, label) for act, label in ACT_LABELS.items()] if may_act else [],
        "most": most_of(by=person) if may_act else 0,
        "most_exported": MOST_EXPORTED,
        "saved": filters_at_hand(actor=person),
        "columns": [(name, COLUMNS[name]) for name in shown],
        "lines": lines(rows=rows, columns=shown, may_choose=may_act),
        "all_columns": [(name, COLUMNS[name], name in shown) for name in columns_offered(with_contacts=may_know)],
    }


def _counted(request: HttpRequest, asked: LeadQuerySet | None) -> dict[str, object]:
    """Count only when asked to: of a million leads an exact number is what takes longest."""
    if "count" not in request.GET or asked is None:
        return {"count_url": _url(request, count="yes")}
    number = count(leads=asked)
    return {"counted": min(number, MOST_COUNTED), "is_more": number > MOST_COUNTED, "is_counted": True}


def _url(request: HttpRequest, **place: object) -> str:
    query = request.GET.copy()
    for name in ("before", "after", "count"):
        query.pop(name, None)
    for name, value in place.items():
        query[name] = str(value)
    return f"?{query.urlencode()}"
