"""A file is checked and taken in while somebody looks on, or not; afterwards it is told what came of it."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render, resolve_url
from django.utils import timezone
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST
from django_htmx.http import HttpResponseClientRedirect

from crm.rules.errors import DomainError
from crm.rules.permissions import Permission
from crm.views.guards import actor, require
from leads.forms.imports import LookForm
from leads.intake import failed_rows
from leads.operations.imports import background, undoing
from leads.operations.imports.files import failed_rows_of, same_file_before, sheet_of
from leads.operations.imports.undo import what_undoing_takes
from leads.rules.imports import STARTED, WORKING, ImportState
from leads.views.imports import draft_or_404, said

CONTENT_TYPES = {
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "csv": "text/csv",
}


@require(Permission.IMPORT_LEADS)
@never_cache
def trial(request: HttpRequest, code: UUID) -> HttpResponse:
    """Show what the import would do; a POST has it found out."""
    draft = draft_or_404(request, code)
    if draft.state in STARTED:
        return redirect("imports:run", code)
    if request.method == "POST":
        try:
            background.start_trial(draft=draft, by=actor(request), at=timezone.now())
        except DomainError as refusal:
            messages.error(request, str(refusal))
        return redirect("imports:trial", code)
    context = {**said(draft), "before": same_file_before(draft=draft), "step": 5}
    return render(request, "leads/import_trial.html", context)


@require(Permission.IMPORT_LEADS)
@require_POST
def start(request: HttpRequest, code: UUID) -> HttpResponse:
    """Start the import: once, however often it is asked."""
    try:
        background.start(draft=draft_or_404(request, code), by=actor(request), at=timezone.now())
    except DomainError as refusal:
        messages.error(request, str(refusal))
        return redirect("imports:trial", code)
    return redirect("imports:run", code)


@require(Permission.IMPORT_LEADS)
@never_cache
def run(request: HttpRequest, code: UUID) -> HttpResponse:
    """Show how far an import has come, and at its end what came of it."""
    draft = draft_or_404(request, code)
    if draft.state not in STARTED:
        return redirect("imports:trial" if draft.state != ImportState.PREPARED else "imports:file", code)
    return render(request, "leads/import_run.html", {**said(draft), "is_kept": draft.parts.exists(), "step": 6})


@require(Permission.IMPORT_LEADS)
@never_cache
@require_POST
def progress(request: HttpRequest, code: UUID) -> HttpResponse:
    """Tell how far the work has come; where no worker does it, do the next piece."""
    draft = background.carry_on(draft=draft_or_404(request, code), at=timezone.now())
    page = resolve_url("imports:run" if draft.state in STARTED else "imports:trial", code)
    if not getattr(request, "htmx", False):
        return redirect(page)
    if draft.state not in WORKING:
        return HttpResponseClientRedirect(page)
    form = LookForm(request.POST)
    return render(request, "leads/_import_progress.html", said(draft, last=form.look() if form.is_valid() else None))


@require(Permission.IMPORT_LEADS)
@require_POST
def cancel(request: HttpRequest, code: UUID) -> HttpResponse:
    """Stop the work."""
    draft = background.cancel(draft=draft_or_404(request, code), by=actor(request), at=timezone.now())
    if draft.state == ImportState.STOPPED:
        messages.success(request, _("Stopped. The rows that are in stay in; you can undo them."))
        return redirect("imports:run", code)
    return redirect("imports:columns", code)


@require(Permission.IMPORT_LEADS)
@never_cache
def failed(request: HttpRequest, code: UUID) -> HttpResponse:
    """Hand back the rows that did not come in, in the form they came."""
    draft = draft_or_404(request, code)
    if draft.batch is None or not draft.parts.exists():
        return redirect("imports:run", code)
    content = failed_rows.write(sheet_of(draft=draft), failed_rows_of(draft=draft))
    stem, _dot, ending = draft.file_name.rpartition(".")
    name = f"{stem or ending}-failed.{draft.kind}"
    headers = {"Content-Disposition": content_disposition_header(as_attachment=True, filename=name) or ""}
    return HttpResponse(content, content_type=CONTENT_TYPES[draft.kind], headers=headers)


@require(Permission.IMPORT_LEADS)
@never_cache
def undo(request: HttpRequest, code: UUID) -> HttpResponse:
    """Say what taking an import out would remove; a POST takes it out."""
    draft = draft_or_404(request, code)
    if draft.batch is None or draft.state in (*WORKING, ImportState.UNDOING) or draft.batch.undone_at is not None:
        return redirect("imports:run", code)
    if request.method != "POST":
        context = {"draft": draft, "undoing": what_undoing_takes(batch=draft.batch), "step": 6}
        return render(request, "leads/import_undo.html", context)
    try:
        undoing.undo(draft=draft, by=actor(request), at=timezone.now())
    except DomainError as refusal:
        messages.error(request, str(refusal))
        return redirect("imports:undo", code)
    return redirect("imports:run", code)
