"""What a draft would have made of the last twelve weeks: a table whose every cell opens to its leads."""

from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import urlencode

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.cache import patch_vary_headers
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_safe

from crm.rules import formats
from crm.rules.errors import DomainError
from crm.rules.permissions import Permission
from crm.views.guards import actor, require
from funnels.models import Definition
from funnels.queries.overview import definition_by_id
from funnels.rules.verdict import VERDICT_LABELS, Verdict
from insights.forms import page_number
from insights.queries.rows import PAGE, rows
from insights.queries.whatif import Effect
from insights.queries.whatif import effect as effect_of
from insights.rules.pick import VERDICTS
from insights.rules.slice import UnknownValue
from insights.views.drilldowns import Words, pages
from insights.views.refusals import refused

WAS, NOW = "was", "now"


@dataclass(frozen=True, slots=True)
class Cell:
    """How many leads were one thing and would be another; no address where there are none."""

    count: int
    url: str
    is_change: bool
    label: str


@require_safe
@require(Permission.VIEW_BOARD)
def effect(request: HttpRequest, pk: int) -> HttpResponse:
    """Count what the leads of the last weeks would be under a draft; as a part of its page or by itself."""
    draft = _draft_or_404(pk)
    found = effect_of(definition=draft, at=timezone.now())
    context = {
        "definition": draft,
        "effect": found,
        "verdicts": [VERDICT_LABELS[verdict] for verdict in Verdict],
        "table": [(VERDICT_LABELS[was], _row(found, draft, was)) for was in Verdict],
        "totals": [_cell(found, draft, None, now) for now in Verdict],
        "whole": _cell(found, draft, None, None),
        "take": _take(found),
        "missing": found.missing,
        "sources": [
            (moved.name, moved.mover.changed, [(VERDICT_LABELS[to], count) for to, count in moved.mover.to.items()])
            for moved in found.sources
        ],
    }
    part = "HX-Request" in request.headers
    response = render(request, "rules/_effect.html" if part else "rules/effect.html", context)
    patch_vary_headers(response, ["HX-Request"])
    return response


@require_safe
@require(Permission.VIEW_BOARD, Permission.DRILL_DOWN)
def leads(request: HttpRequest, pk: int) -> HttpResponse:
    """List exactly the leads of one cell."""
    at = timezone.now()
    draft = _draft_or_404(pk)
    query = dict(request.GET.lists())
    try:
        page = page_number(query.pop("page", []))
        was, now = _verdict(query, WAS), _verdict(query, NOW)
    except DomainError as refusal:
        return refused(request, refusal)
    found = effect_of(definition=draft, at=at)
    chosen = found.leads(was=was, now=now)
    count = chosen.count()
    context = {
        "words": Words(_what(was, now), [_where(draft), _("funnel %(name)s") % {"name": draft.funnel.name}]),
        "count": count,
        "rows": rows(leads=chosen, slice=found.slice, actor=actor(request), page=page, at=at),
        "pages": pages(request.GET, page=page, count=count, size=PAGE),
        "back_url": reverse("rules:draft", args=[pk]) + "#effect",
    }
    return render(request, "rules/effect_leads.html", context)


def _draft_or_404(pk: int) -> Definition:
    found = definition_by_id(pk=pk)
    if found is None:
        raise Http404
    return found


def _row(found: Effect, draft: Definition, was: Verdict) -> Sequence[Cell]:
    return [*(_cell(found, draft, was, now) for now in Verdict), _cell(found, draft, was, None)]


def _cell(found: Effect, draft: Definition, was: Verdict | None, now: Verdict | None) -> Cell:
    count = sum(number for (one, other), number in found.table.items() if was in (None, one) and now in (None, other))
    asked = {name: verdict.lower() for name, verdict in ((WAS, was), (NOW, now)) if verdict is not None}
    url = f"{reverse('insights:effect_leads', args=[draft.pk])}?{urlencode(asked)}" if count else ""
    is_change = was is not None and now is not None and was is not now and count > 0
    return Cell(count=count, url=url, is_change=is_change, label=_what(was, now))


def _take(found: Effect) -> str:
    """Say in one line what would change."""
    changed = dict.fromkeys(Verdict, 0)
    for move in found.moves:
        if move.is_changed:
            changed[move.now.verdict] += 1
    total = sum(changed.values())
    if not total:
        return _("Nothing would change: every lead keeps its verdict.")
    words = {
        Verdict.TARGET: ngettext(
            "%(count)s lead would become target", "%(count)s leads would become target", changed[Verdict.TARGET]
        ),
        Verdict.NON_TARGET: ngettext(
            "%(count)s would become non-target", "%(count)s would become non-target", changed[Verdict.NON_TARGET]
        ),
        Verdict.UNDECIDED: ngettext(
            "%(count)s would be undecided", "%(count)s would be undecided", changed[Verdict.UNDECIDED]
        ),
    }
    parts = [words[verdict] % {"count": formats.number(count)} for verdict, count in changed.items() if count]
    return f"{', '.join(parts)}."


def _what(was: Verdict | None, now: Verdict | None) -> str:
    if was is None and now is None:
        return _("Leads restated")
    if was is None:
        return _("Would be “%(now)s”") % {"now": VERDICT_LABELS[now]} if now else ""
    if now is None:
        return _("Is “%(was)s” now") % {"was": VERDICT_LABELS[was]}
    if was is now:
        return _("Stays “%(was)s”") % {"was": VERDICT_LABELS[was]}
    return _("“%(was)s” would become “%(now)s”") % {"was": VERDICT_LABELS[was], "now": VERDICT_LABELS[now]}


def _where(draft: Definition) -> str:
    return _("draft v%(number)s over the last 12 weeks") % {"number": draft.number}


def _verdict(query: dict[str, list[str]], name: str) -> Verdict | None:
    given = [value for value in query.get(name, []) if value]
    if not given:
        return None
    if len(given) > 1 or given[0] not in VERDICTS:
        raise UnknownValue(name, ", ".join(given))
    return VERDICTS[given[0]]
