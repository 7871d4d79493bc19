"""A spreadsheet is brought, read and explained: every step a page of its own, so nothing said is lost between them."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from crm.rules.errors import DomainError
from crm.rules.permissions import Permission
from crm.views.guards import actor, domain_errors_to_form, require
from leads.forms.imports import ColumnsForm, FileForm, UploadForm, WordsForm
from leads.intake.limits import MAXIMUM_BYTES, MAXIMUM_COLUMNS, MAXIMUM_ROWS
from leads.models import ImportDraft
from leads.operations.imports import background, drafts
from leads.operations.imports.files import preview, samples
from leads.operations.imports.words import vocabularies
from leads.queries import imports as queries
from leads.rules.imports import DRAFT_KEPT_FOR, FILE_KEPT_FOR, STARTED

LIMITS = {
    "megabytes": MAXIMUM_BYTES // 1_000_000,
    "rows": MAXIMUM_ROWS,
    "columns": MAXIMUM_COLUMNS,
    "draft_days": DRAFT_KEPT_FOR.days,
    "file_days": FILE_KEPT_FOR.days,
}


@require(Permission.IMPORT_LEADS)
@never_cache
def imports(request: HttpRequest) -> HttpResponse:
    """List the imports."""
    return render(request, "leads/imports.html", {"rows": queries.imports_shown(actor=actor(request))})


@require(Permission.IMPORT_LEADS)
@never_cache
def upload(request: HttpRequest) -> HttpResponse:
    """Take a file."""
    form = UploadForm(request.POST, request.FILES) if request.method == "POST" else UploadForm()
    if form.is_bound and form.is_valid():
        with domain_errors_to_form(form):
            language = get_language() or "en"
            draft = drafts.upload(**form.values(), language=language, by=actor(request), at=timezone.now())
        if form.is_valid():
            return redirect("imports:file", draft.public_id)
    return render(request, "leads/import_upload.html", {"form": form, "limits": LIMITS, "step": 1})


@require(Permission.IMPORT_LEADS)
@never_cache
def file(request: HttpRequest, code: UUID) -> HttpResponse:
    """Show how a file is read, and read it another way."""
    draft = draft_or_404(request, code)
    if draft.state in STARTED:
        return redirect("imports:run", code)
    form = FileForm(request.POST if request.method == "POST" else None, draft=draft)
    if form.is_bound and form.is_valid():
        with domain_errors_to_form(form):
            drafts.read_as(draft=draft, reading=form.reading())
        if form.is_valid():
            return redirect("imports:columns" if "go" in request.POST else "imports:file", code)
    context = {"draft": draft, "form": form, "preview": preview(draft=draft), "step": 2}
    return render(request, "leads/import_file.html", context)


@require(Permission.IMPORT_LEADS)
@never_cache
def columns(request: HttpRequest, code: UUID) -> HttpResponse:
    """Ask what every column holds."""
    draft = draft_or_404(request, code)
    if draft.state in STARTED:
        return redirect("imports:run", code)
    form = ColumnsForm(request.POST if request.method == "POST" else None, draft=draft, samples=samples(draft=draft))
    if form.is_bound and form.is_valid():
        with domain_errors_to_form(form):
            draft = drafts.say_columns(draft=draft, **form.values(), at=timezone.now())
        if form.is_valid():
            return redirect("imports:words" if draft.word_meanings else "imports:trial", code)
    return render(request, "leads/import_columns.html", {"draft": draft, "form": form, "step": 3})


@require(Permission.IMPORT_LEADS)
@never_cache
def words(request: HttpRequest, code: UUID) -> HttpResponse:
    """Ask what the words of tags, stages, sources and people mean."""
    draft = draft_or_404(request, code)
    if draft.state in STARTED:
        return redirect("imports:run", code)
    now = timezone.now()
    known = vocabularies(draft=draft, at=now, actor=actor(request))
    form = WordsForm(request.POST if request.method == "POST" else None, draft=draft, vocabularies=known)
    if form.is_bound and form.is_valid():
        with domain_errors_to_form(form):
            background.say_and_try(draft=draft, told=form.told(), by=actor(request), at=now)
        if form.is_valid():
            return redirect("imports:trial", code)
    return render(request, "leads/import_words.html", {"draft": draft, "form": form, "step": 4})


@require(Permission.IMPORT_LEADS)
@require_POST
def discard(request: HttpRequest, code: UUID) -> HttpResponse:
    """Forget a file."""
    try:
        drafts.discard(draft=draft_or_404(request, code))
    except DomainError as refusal:
        messages.error(request, str(refusal))
        return redirect("imports:run", code)
    messages.success(request, _("The file is forgotten; nothing was imported."))
    return redirect("imports:list")


def draft_or_404(request: HttpRequest, code: UUID) -> ImportDraft:
    """Find an import among those this person may see."""
    draft = queries.import_by_code(code=code, actor=actor(request))
    if draft is None:
        raise Http404
    return draft


def said(draft: ImportDraft, *, last: queries.Look | None = None) -> dict[str, Any]:
    """Give the pages of the check and the run what they have in common."""
    return {
        "draft": draft,
        "needs_looking_on": background.needs_looking_on(),
        "outcome": queries.outcome(draft=draft),
        "progress": queries.progress(draft=draft, at=timezone.now(), last=last),
    }
