"""What has been agreed on, for everybody to read: the overview of a funnel, a criterion, the history."""

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.views.decorators.http import require_safe

from crm.rules.permissions import Permission, is_granted
from crm.views.guards import actor, signed_in
from funnels.models import Funnel
from funnels.queries import funnels_in_use
from funnels.queries.definitions import versions_asked
from funnels.queries.overview import archived_funnels, criterion_by_id, history, overview
from funnels.rules.differences import Difference, changes_between
from funnels.views.funnels import known_presets
from funnels.views.words import criterion_shown, rows_in_words


def may_draft(request: HttpRequest) -> bool:
    """Tell whether whoever looks may change the rules."""
    return is_granted(actor(request).role, Permission.DRAFT_RULES)


@require_safe
@signed_in
def rules(request: HttpRequest) -> HttpResponse:
    """Show the oldest funnel in use, or how to begin."""
    first = funnels_in_use().first()
    if first is not None:
        return _page(request, first)
    context = {"presets": known_presets(), "archived": archived_funnels(), "may_draft": may_draft(request)}
    return render(request, "rules/start.html", context)


@require_safe
@signed_in
def funnel(request: HttpRequest, code: str) -> HttpResponse:
    """Show everything agreed on in a funnel."""
    return _page(request, get_object_or_404(Funnel, code=code))


@require_safe
@signed_in
def criterion(request: HttpRequest, pk: int) -> HttpResponse:
    """Show a criterion, and how its wording came to be."""
    found = criterion_by_id(pk=pk)
    if found is None:
        raise Http404
    versions = list(found.versions.all())
    known = versions_asked(funnel_id=found.funnel_id)
    told = []
    for place, version in enumerate(versions):
        after, older = known[version.pk], versions[place + 1 : place + 2]
        before = known[older[0].pk] if older else None
        changes = changes_between(before, after) if before else ()
        told.append((version, rows_in_words([Difference(before, after, changes)])[0].changes))
    context = {
        "criterion": found,
        "newest": versions[0],
        "shown": criterion_shown(known[versions[0].pk]),
        "versions": told,
        "may_draft": may_draft(request),
    }
    return render(request, "rules/criterion.html", context)


@require_safe
@signed_in
def agreements(request: HttpRequest, code: str) -> HttpResponse:
    """Tell what was agreed when, and what each agreement changed."""
    found = get_object_or_404(Funnel, code=code)
    told = [(one, rows_in_words(one.changed)) for one in history(funnel=found, at=timezone.now())]
    return render(request, "rules/history.html", {"funnel": found, "told": told})


def _page(request: HttpRequest, funnel: Funnel) -> HttpResponse:
    shown = overview(funnel=funnel, at=timezone.now())
    context: dict[str, Any] = {
        "shown": shown,
        "asked": [criterion_shown(criterion) for criterion in shown.asked],
        "funnels": funnels_in_use(),
        "archived": archived_funnels(),
        "may_draft": may_draft(request),
    }
    return render(request, "rules/overview.html", context)
