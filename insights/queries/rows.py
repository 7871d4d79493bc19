"""The rows of a drill-down: all of them for everybody, with contacts only where the reader may see them."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime

from django.db.models import QuerySet

from crm.models import User
from funnels.rules.verdict import Verdict, bits_of
from insights.queries.scope import VISITS
from insights.queries.states import unpacked, with_state
from insights.queries.words import failings
from insights.rules.slice import Slice
from leads.models import Lead, Source
from leads.queries import presentation
from leads.queries.presentation import LeadRow

PAGE = 50


def rows(*, leads: QuerySet[Lead], slice: Slice, actor: User, page: int, at: datetime) -> list[LeadRow]:
    """Read one page of the leads behind a number; a lead out of the reader's reach has neither code nor contact.

    Verdict, criteria and source are those that were counted, not necessarily today's.
    """
    told = presentation.with_shown(leads=leads, actor=actor).defer("attributes", "message")
    visit = VISITS.get(slice.attribution)
    if visit is not None:
        told = told.select_related(visit)
    known, state = with_state(told, slice=slice, at=at)
    found = list(known.order_by("-received_at", "-pk")[(page - 1) * PAGE : page * PAGE])
    within = Lead.objects.filter(pk__in=[lead.pk for lead in found])
    mine = set(within.visible_to(actor).values_list("pk", flat=True))
    names = {bit: failing.name for bit, failing in failings(slice=slice).items()}
    shown = presentation.rows(leads=found, actor=actor, at=at)
    return [
        _row(
            _counted_under(row, lead, visit),
            unpacked([getattr(lead, name) for name in state]),
            lead.pk in mine,
            names,
        )
        for row, lead in zip(shown, found, strict=True)
    ]


def _counted_under(row: LeadRow, lead: Lead, visit: str | None) -> LeadRow:
    """Show the source of another visit instead of the lead's own, whose the campaign is."""
    told: Source | None = getattr(lead, visit) if visit else None
    return row if told in (None, lead.source) else replace(row, source=told.label, campaign="")


def _row(row: LeadRow, state: tuple[Verdict, int, int], is_mine: bool, names: Mapping[int, str]) -> LeadRow:
    verdict, fail_mask, _assessed_mask = state
    return replace(
        row,
        code=row.code if is_mine else "",
        contact=row.contact if is_mine else None,
        verdict=verdict.lower(),
        failed=tuple(names[bit] for bit in bits_of(fail_mask) if bit in names),
    )
