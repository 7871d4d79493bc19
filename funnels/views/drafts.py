"""Drafts of a definition: write, compare, sign for one side, publish."""

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from crm.models import User
from crm.queries.people import names_with
from crm.rules.errors import DomainError
from crm.rules.permissions import NotAllowed, Permission, is_granted
from crm.views.guards import actor, domain_errors_to_form, require, signed_in
from funnels.forms.drafts import DraftForm
from funnels.models import Definition, Funnel
from funnels.operations import definitions
from funnels.queries import criteria_of, last_agreed, stamp_of
from funnels.queries.overview import definition_by_id, draft_shown
from funnels.rules.definitions import (
    SIDE_LABELS,
    SIGNING_PERMISSIONS,
    AlreadySigned,
    DefinitionAlreadyPublished,
    DraftChangedMeanwhile,
    Side,
)
from funnels.views.acts import act
from funnels.views.overview import may_draft
from funnels.views.words import rows_in_words

SEEN = "seen"  # the text a form was sent by looking at


@require(Permission.DRAFT_RULES)
def create(request: HttpRequest, code: str) -> HttpResponse:
    """Draft the next definition, starting from the one agreed on last."""
    funnel = get_object_or_404(Funnel, code=code)
    now = timezone.now()
    agreed = last_agreed(funnel_id=funnel.pk)
    asked = [criterion.version_id for criterion in criteria_of(definition=agreed)] if agreed else []
    form = DraftForm(request.POST or None, funnel=funnel, at=now, asked=asked)
    if request.method == "POST" and form.is_valid():
        with domain_errors_to_form(form):
            draft = definitions.draft_definition(
                funnel=funnel,
                versions=form.versions(),
                note=form.cleaned_data["note"],
                effective_from_at=form.effective_from_at(),
                by=actor(request),
                at=now,
            )
        if form.is_valid():
            messages.success(request, _("The draft is written. Compare it, then let both sides sign."))
            return redirect("rules:draft", draft.pk)
    return render(request, "rules/draft_edit.html", {"form": form, "funnel": funnel, "agreed": agreed})


@require(Permission.DRAFT_RULES)
def edit(request: HttpRequest, pk: int) -> HttpResponse:
    """Rewrite a draft; signatures under the old text go."""
    draft = _definition_or_404(pk)
    now = timezone.now()
    asked = [criterion.version_id for criterion in criteria_of(definition=draft)]
    form = DraftForm(request.POST or None, funnel=draft.funnel, at=now, asked=asked, draft=draft)
    stamp = stamp_of(definition=draft, asked=asked)
    seen = request.POST.get(SEEN) or stamp
    is_changed = False
    if request.method == "POST" and form.is_valid():
        with domain_errors_to_form(form):
            changed = definitions.change_draft(
                definition=draft,
                versions=form.versions(),
                note=form.cleaned_data["note"],
                effective_from_at=form.effective_from_at(),
                by=actor(request),
                at=now,
                seen=seen,
            )
        if form.has_error("__all__", DraftChangedMeanwhile().code):
            seen, is_changed = stamp, True  # what is sent once more is sent by somebody who was told
        if form.is_valid():
            lost = _signed_sides(draft) - _signed_sides(changed)
            messages.success(
                request, _("Saved. The text is another one, so both sides sign anew.") if lost else _("Saved.")
            )
            return redirect("rules:draft", pk)
    context = {
        "form": form,
        "funnel": draft.funnel,
        "draft": draft,
        "agreed": last_agreed(funnel_id=draft.funnel_id),
        "seen": seen,
        "is_changed": is_changed,
    }
    return render(request, "rules/draft_edit.html", context)


@require_safe
@signed_in
def draft(request: HttpRequest, pk: int) -> HttpResponse:
    """Show a draft beside what it would replace, with who has signed and who may."""
    definition = _definition_or_404(pk)
    if definition.published_at is not None:
        return redirect(_published(definition))
    shown = draft_shown(definition=definition)
    rows = rows_in_words(shown.rows)
    context = {
        "draft": shown,
        "definition": definition,
        "rows": rows,
        "changed": [row for row in rows if row.changes],
        "same": [row for row in rows if not row.changes],
        "meanwhile": rows_in_words(shown.meanwhile),
        "signatures": [_signature(definition, side, actor(request)) for side in SIGNING_PERMISSIONS],
        "is_signed": len(_signed_sides(definition)) == len(SIGNING_PERMISSIONS),
        "is_future": definition.effective_from_at > timezone.now(),
        "may_draft": may_draft(request),
    }
    return render(request, "rules/draft.html", context)


@require(Permission.DRAFT_RULES)
@require_POST
def sign(request: HttpRequest, pk: int) -> HttpResponse:
    """Sign a draft for the side one speaks for."""
    definition = _definition_or_404(pk)
    person = actor(request)
    try:
        side = Side(request.POST.get("side", ""))
        seen = request.POST.get(SEEN, "")
        definitions.sign_definition(definition=definition, side=side, by=person, at=timezone.now(), seen=seen)
    except ValueError:
        messages.error(request, str(NotAllowed()))
    except AlreadySigned as refusal:
        own = _signature(definition, side, person)["by"] == person
        messages.info(request, _("You have signed already.") if own else str(refusal))
    except DomainError as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, _("Signed for %(side)s.") % {"side": str(SIDE_LABELS[side]).lower()})
    return redirect("rules:draft", pk)


@require(Permission.DRAFT_RULES)
@require_POST
def publish(request: HttpRequest, pk: int) -> HttpResponse:
    """Put a draft signed by both sides into force."""
    definition = _definition_or_404(pk)
    try:
        published = definitions.publish_definition(definition=definition, by=actor(request), at=timezone.now())
    except DefinitionAlreadyPublished:
        messages.info(request, _("This definition is published already."))
        return redirect(_published(definition))
    except DomainError as refusal:
        messages.error(request, str(refusal))
        return redirect("rules:draft", pk)
    words = _("Version %(number)s is published.")
    messages.success(request, words % {"number": published.number})
    return redirect(_published(published))


@require(Permission.DRAFT_RULES)
@require_POST
def discard(request: HttpRequest, pk: int) -> HttpResponse:
    """Put a draft away."""
    definition = _definition_or_404(pk)
    return act(
        request,
        lambda: definitions.discard_draft(definition=definition, by=actor(request), at=timezone.now()),
        done=_("The draft is put away; it can be taken back."),
        to=reverse("rules:funnel", args=[definition.funnel.code]),
    )


@require(Permission.DRAFT_RULES)
@require_POST
def take_back(request: HttpRequest, pk: int) -> HttpResponse:
    """Take a discarded draft back."""
    definition = _definition_or_404(pk)
    return act(
        request,
        lambda: definitions.take_back_draft(definition=definition, by=actor(request), at=timezone.now()),
        done=_("The draft is back."),
        to=reverse("rules:draft", args=[pk]),
    )


def _definition_or_404(pk: int) -> Definition:
    found = definition_by_id(pk=pk)
    if found is None:
        raise Http404
    return found


def _published(definition: Definition) -> str:
    return f"{reverse('rules:history', args=[definition.funnel.code])}#v{definition.number}"


def _signed_sides(definition: Definition) -> set[Side]:
    return {side for side in SIGNING_PERMISSIONS if getattr(definition, f"{side}_signed_at") is not None}


def _signature(definition: Definition, side: Side, person: User) -> dict[str, object]:
    """Tell who signed for a side and when, and whether whoever looks may."""
    signed_by = [getattr(definition, f"{other}_signed_by") for other in SIGNING_PERMISSIONS]
    return {
        "side": side.value,
        "label": SIDE_LABELS[side],
        "at": getattr(definition, f"{side}_signed_at"),
        "by": getattr(definition, f"{side}_signed_by"),
        "may_sign": is_granted(person.role, SIGNING_PERMISSIONS[side]) and person not in signed_by,
        "waits_for": names_with(permission=SIGNING_PERMISSIONS[side]),
    }
