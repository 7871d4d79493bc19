"""Sources, campaigns and segments, among the settings: which there are, what is agreed on, what is joined."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST

from crm.models import User
from crm.rules.errors import DomainError
from crm.rules.permissions import Permission
from crm.views.guards import actor, domain_errors_to_form, require
from leads.forms.names import AliasForm, MergeForm, NameForm
from leads.models import Campaign, Segment, Source
from leads.operations import dictionaries, merges, names
from leads.queries.names import Kind, Named, may_take_in, merge_preview, name_of, name_shown, names_page


@require(Permission.ADMINISTER)
def listed(request: HttpRequest, kind: Kind) -> HttpResponse:
    """List the names of a kind; make a new one by hand."""
    form = NameForm(request.POST or None)
    if request.method == "POST" and form.is_valid() and kind != "campaign":
        create = names.create_source if kind == "source" else names.create_segment
        with domain_errors_to_form(form):
            create(name=form.cleaned_data["name"], by=actor(request), at=timezone.now())
        if form.is_valid():
            messages.success(request, _("“{name}” is in use.").format(name=form.cleaned_data["name"]))
            return redirect(f"dictionaries:{kind}s")
    source = _asked_source(request) if kind == "campaign" else None
    context = {"kind": kind, "page": names_page(kind=kind, source=source), "form": form, "source": source}
    return render(request, f"leads/names_{kind}s.html", context)


@require(Permission.ADMINISTER)
def one(request: HttpRequest, kind: Kind, pk: int) -> HttpResponse:
    """Show one name and everything that can be done with it; rename it."""
    row = _row_or_404(kind, pk)
    form = NameForm(request.POST or None, initial={"name": row.name})
    if request.method == "POST" and form.is_valid():
        with domain_errors_to_form(form):
            names.rename(row=row, name=form.cleaned_data["name"], by=actor(request), at=timezone.now())
        if form.is_valid():
            messages.success(request, _("It is called “{name}” now.").format(name=form.cleaned_data["name"]))
            return redirect(f"dictionaries:{kind}", pk)
    return _show(request, kind, row, form=form)


@require(Permission.ADMINISTER)
@require_POST
def confirm(request: HttpRequest, kind: Kind, pk: int) -> HttpResponse:
    """Agree that a name seen for the first time is one of its own."""
    row = _row_or_404(kind, pk)

    def act(by: User) -> None:
        if isinstance(row, Segment):
            names.confirm_segment(segment=row, by=by, at=timezone.now())
        elif isinstance(row, Source):
            dictionaries.confirm_source(source=row, by=by, at=timezone.now())

    return _done(request, act, _("“{name}” is confirmed.").format(name=row.name), back=f"dictionaries:{kind}s")


@require(Permission.ADMINISTER)
@require_POST
def archive(request: HttpRequest, kind: Kind, pk: int) -> HttpResponse:
    """Put a name out of use."""
    row = _row_or_404(kind, pk)
    said = _("“{name}” is out of use. It can be restored.").format(name=row.name)
    return _done(
        request, lambda by: names.archive(row=row, by=by, at=timezone.now()), said, back=f"dictionaries:{kind}s"
    )


@require(Permission.ADMINISTER)
@require_POST
def restore(request: HttpRequest, kind: Kind, pk: int) -> HttpResponse:
    """Put a name back in use."""
    row = _row_or_404(kind, pk)
    said = _("“{name}” is in use again.").format(name=row.name)
    return _done(
        request, lambda by: names.restore(row=row, by=by, at=timezone.now()), said, back=f"dictionaries:{kind}s"
    )


@require(Permission.ADMINISTER)
@require_POST
def add_alias(request: HttpRequest, pk: int) -> HttpResponse:
    """Agree that a name means this source."""
    row = _source_or_404(pk)
    form = AliasForm(request.POST)
    if form.is_valid():
        with domain_errors_to_form(form):
            names.add_alias(source=row, name=form.cleaned_data["name"], by=actor(request), at=timezone.now())
    if not form.is_valid():
        return _show(request, "source", row, aliasing=form)
    said = _("“{alias}” means “{name}” from now on.").format(alias=form.cleaned_data["name"], name=row.name)
    messages.success(request, said)
    return redirect("dictionaries:source", pk)


@require(Permission.ADMINISTER)
@require_POST
def remove_alias(request: HttpRequest, pk: int) -> HttpResponse:
    """Let a name mean this source no more."""
    row, name = _source_or_404(pk), request.POST.get("name", "")
    said = _("“{alias}” no longer means “{name}”.").format(alias=name, name=row.name)
    return _done(
        request,
        lambda by: names.remove_alias(source=row, name=name, by=by, at=timezone.now()),
        said,
        back="dictionaries:source",
        pk=pk,
    )


@require(Permission.ADMINISTER)
def merge(request: HttpRequest, kind: Kind, pk: int) -> HttpResponse:
    """Show what joining two names would move; join them when asked to."""
    row = _row_or_404(kind, pk)
    if row.merged_into is not None:
        return redirect(f"dictionaries:{kind}", row.merged_into.pk)  # asked twice: it is done
    asked = request.POST or request.GET
    form = MergeForm(asked if "into" in asked else None, others=may_take_in(row=row))
    context: dict[str, Any] = {"kind": kind, "row": name_shown(row=row), "form": form}
    if form.is_valid() and request.method == "POST":
        with domain_errors_to_form(form):
            moved = _merge(row, form.chosen, by=actor(request))
        if form.is_valid():
            messages.success(request, _said_merged(row, form.chosen, moved))
            return redirect(f"dictionaries:{kind}", form.chosen.pk)
    elif form.is_valid():
        context |= {"into": form.chosen, "preview": merge_preview(row=row, into=form.chosen)}
    return render(request, "leads/names_merge.html", context)


def _merge(row: Named, into: Named, *, by: User) -> int:
    now = timezone.now()
    if isinstance(row, Source) and isinstance(into, Source):
        return merges.merge_source_as_alias(source=row, into=into, by=by, at=now)
    if isinstance(row, Campaign) and isinstance(into, Campaign):
        return merges.merge_campaign(campaign=row, into=into, by=by, at=now)
    if isinstance(row, Segment) and isinstance(into, Segment):
        return merges.merge_segment(segment=row, into=into, by=by, at=now)
    raise Http404


def _said_merged(row: Named, into: Named, moved: int) -> str:
    said = ngettext(
        "“{name}” is another name of “{into}” now. {count} lead was moved.",
        "“{name}” is another name of “{into}” now. {count} leads were moved.",
        moved,
    )
    return said.format(name=row.name, into=into.name, count=moved)


def _done(
    request: HttpRequest, act: Callable[[User], object], said: str, *, back: str, pk: int | None = None
) -> HttpResponse:
    try:
        act(actor(request))
    except DomainError as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, said)
    return redirect(back, pk) if pk else redirect(back)


def _show(
    request: HttpRequest, kind: Kind, row: Named, *, form: NameForm | None = None, aliasing: AliasForm | None = None
) -> HttpResponse:
    merged = [(old.code, old.name) for old in row.merged.all()]
    context = {
        "kind": kind,
        "row": name_shown(row=row),
        "form": form or NameForm(initial={"name": row.name}),
        "aliasing": aliasing or AliasForm(auto_id="alias_%s"),
        "kept_aliases": {name for pair in merged for name in pair},
        "merged": merged,
    }
    return render(request, "leads/names_one.html", context)


def _asked_source(request: HttpRequest) -> Source | None:
    asked = request.GET.get("source", "")
    return _source_or_404(int(asked)) if asked.isdecimal() else None


def _source_or_404(pk: int) -> Source:
    row = _row_or_404("source", pk)
    assert isinstance(row, Source)  # noqa: S101  tells the type checker what was asked for
    return row


def _row_or_404(kind: Kind, pk: int) -> Named:
    row = name_of(kind=kind, pk=pk)
    if row is None:
        raise Http404
    return row
