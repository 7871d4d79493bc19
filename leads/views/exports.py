"""The list of leads, as narrowed, as a file."""

from collections.abc import Iterator
from datetime import datetime
from http import HTTPStatus
from tempfile import SpooledTemporaryFile

from django.http import FileResponse, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.utils import timezone
from django.utils.formats import date_format, number_format
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache

from crm.models import User
from crm.queries.organisation import settings_at
from crm.rules.permissions import Permission, is_granted
from crm.views.guards import actor, require
from leads import exports
from leads.forms.inbox import InboxForm
from leads.models.lead import LeadQuerySet
from leads.operations.exports import hand_out
from leads.queries import presentation
from leads.queries.narrowing import narrowed
from leads.queries.presentation import LeadRow
from leads.queries.saved_filters import columns_chosen
from leads.rules.columns import columns_shown

CHUNK = 500
IN_MEMORY = 2_000_000  # bytes; what is larger waits on the disk
TYPES = {
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "csv": "text/csv; charset=utf-8",
}


@require(Permission.READ_LEADS, Permission.EXPORT_ROWS)
@never_cache
def export(request: HttpRequest, kind: str) -> HttpResponseBase:
    """Hand the list out as it is narrowed; what is not understood is refused with 400."""
    now, person = timezone.now(), actor(request)
    form = InboxForm(request.GET, actor=person, region=settings_at(now).default_region, at=now)
    if not form.is_valid():
        return _refused(request, form)
    leads = narrowed(actor=person, by=form.narrowing(), at=now)
    filters = [name for name in form.fields if form.data.get(name)]
    most = exports.MOST_EXPORTED
    found, is_cut = hand_out(leads=leads, most=most, kind=kind, filters=filters, by=person, at=now)
    with_contacts = is_granted(person.role, Permission.SEE_CONTACTS)
    columns = columns_shown(chosen=columns_chosen(actor=person), with_contacts=with_contacts)
    remark = _("Only the newest %(most)s leads are here.") % {"most": number_format(most)} if is_cut else ""
    file = SpooledTemporaryFile(max_size=IN_MEMORY)  # noqa: SIM115  the answer closes it
    shown = _rows(found, person, at=now)
    if kind == "csv":
        exports.to_csv(rows=shown, columns=columns, remark=remark, into=file)
    else:
        about = [
            (_("Leads"), form.question),
            (_("As of"), date_format(timezone.localtime(now), "DATETIME_FORMAT")),
            (_("Taken by"), person.name),
            (_("At most"), remark or number_format(most)),
        ]
        exports.to_xlsx(rows=shown, columns=columns, about=about, into=file)
    file.seek(0)
    name = f"razbor-leads-{timezone.localtime(now):%Y-%m-%d}.{kind}"
    return FileResponse(file, as_attachment=True, filename=name, content_type=TYPES[kind])


def _rows(leads: LeadQuerySet, person: User, *, at: datetime) -> Iterator[LeadRow]:
    newest = leads.only(*presentation.LISTED).order_by("-received_at", "-id")
    for chunk in exports.in_chunks(newest[: exports.MOST_EXPORTED].iterator(CHUNK), CHUNK):
        yield from presentation.listed_rows(leads=chunk, actor=person, at=at)


def _refused(request: HttpRequest, form: InboxForm) -> HttpResponse:
    context = {"form": form, "rows": ()}
    return render(request, "leads/list.html", context, status=HTTPStatus.BAD_REQUEST)
