"""Filters kept under a name, and the columns of the list."""

from http import HTTPStatus

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from crm.queries.organisation import settings_at
from crm.rules.errors import DomainError
from crm.rules.permissions import Permission, is_granted
from crm.views.guards import actor, domain_errors_to_form, require
from leads.forms.inbox import InboxForm
from leads.forms.saved_filters import ColumnsForm, FilterForm, SaveForm
from leads.models import SavedFilter
from leads.operations import saved_filters as operations
from leads.queries.saved_filters import own_filter, saved_filters


@require(Permission.READ_LEADS)
def filters(request: HttpRequest) -> HttpResponse:
    """List the filters offered to the person; their own can be renamed, shared and deleted here."""
    return _page(request)


@require(Permission.READ_LEADS)
@require_POST
def save(request: HttpRequest) -> HttpResponse:
    """Keep what the list is narrowed by."""
    now, person = timezone.now(), actor(request)
    form = SaveForm(request.POST)
    asked = InboxForm(
        QueryDict(request.POST.get("query", "")), actor=person, region=settings_at(now).default_region, at=now
    )
    if not asked.is_valid():
        form.add_error(None, _("This address of the list is not understood, so it is not kept."))
    if form.is_valid():
        with domain_errors_to_form(form):
            told = form.cleaned_data
            kept = operations.keep(name=told["name"], query=asked.query, is_shared=told["is_shared"], by=person, at=now)
            messages.success(request, _("The filter “%(name)s” is kept.") % {"name": kept.name})
            return redirect(f"{reverse('leads:list')}?{kept.query}")
    return _page(request, saving=form)


@require(Permission.READ_LEADS)
@require_POST
def change(request: HttpRequest, pk: int) -> HttpResponse:
    """Rename a filter of one's own, share it or take it back."""
    saved, form = _own(request, pk), FilterForm(request.POST, auto_id=f"filter_{pk}_%s")
    if form.is_valid():
        with domain_errors_to_form(form):
            operations.change(saved=saved, by=actor(request), at=timezone.now(), **form.cleaned_data)
            messages.success(request, _("The filter is changed."))
            return redirect("leads:filters")
    return _page(request, changing=(saved, form))


@require(Permission.READ_LEADS)
@require_POST
def archive(request: HttpRequest, pk: int) -> HttpResponse:
    """Delete a filter of one's own, with a way back."""
    saved = _own(request, pk)
    operations.archive(saved=saved, by=actor(request), at=timezone.now())
    messages.success(request, _("The filter “%(name)s” is deleted.") % {"name": saved.name})
    return redirect(f"{reverse('leads:filters')}?deleted={pk}")


@require(Permission.READ_LEADS)
@require_POST
def restore(request: HttpRequest, pk: int) -> HttpResponse:
    """Bring a deleted filter back."""
    saved = _own(request, pk)
    try:
        operations.restore(saved=saved, by=actor(request), at=timezone.now())
        messages.success(request, _("The filter is back."))
    except DomainError as refusal:
        messages.error(request, str(refusal))
    return redirect("leads:filters")


@require(Permission.READ_LEADS)
@require_POST
def columns(request: HttpRequest) -> HttpResponse:
    """Remember which columns the person wants to see, and go back to the list."""
    person = actor(request)
    form = ColumnsForm(request.POST, with_contacts=is_granted(person.role, Permission.SEE_CONTACTS))
    if form.is_valid():
        operations.choose_columns(columns=form.cleaned_data["columns"], by=person)
    else:
        messages.error(request, _("There is no such column."))
    query = QueryDict(request.POST.get("back", "")).urlencode()
    return redirect(f"{reverse('leads:list')}?{query}" if query else reverse("leads:list"))


def _own(request: HttpRequest, pk: int) -> SavedFilter:
    saved = own_filter(actor=actor(request), pk=pk)
    if saved is None:
        raise Http404
    return saved


def _page(
    request: HttpRequest, *, saving: SaveForm | None = None, changing: tuple[SavedFilter, FilterForm] | None = None
) -> HttpResponse:
    person = actor(request)
    offered = list(saved_filters(actor=person).select_related("owner"))
    own = [
        (saved, changing[1])
        if changing and changing[0].pk == saved.pk
        else (
            saved,
            FilterForm(initial={"name": saved.name, "is_shared": saved.is_shared}, auto_id=f"filter_{saved.pk}_%s"),
        )
        for saved in offered
        if saved.owner_id == person.pk
    ]
    deleted = request.GET.get("deleted", "")
    undo = own_filter(actor=person, pk=int(deleted)) if deleted.isascii() and deleted.isdecimal() else None
    context = {
        "own": own,
        "shared": [saved for saved in offered if saved.owner_id != person.pk],
        "saving": saving,
        "undo": undo if undo and undo.archived_at else None,
    }
    status = HTTPStatus.BAD_REQUEST if saving or changing else HTTPStatus.OK
    return render(request, "leads/filters.html", context, status=status)
