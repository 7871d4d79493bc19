"""The rows of a drill-down: all of them for everybody, with contacts only where the reader may see them."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from django.db.models import F, QuerySet, Subquery

from crm.models import User
from funnels.rules.verdict import Verdict, bits_of
from insights.queries.states import in_force, reads_the_row
from insights.queries.words import failings
from insights.rules.slice import Slice
from leads.models import Lead
from leads.queries import presentation
from leads.queries.presentation import LeadRow

PAGE = 50


def rows(*, leads: QuerySet[Lead], slice: Slice, actor: User, page: int, at: datetime) -> list[LeadRow]:
    """Read one page of the leads behind a number; a lead out of the reader's reach has neither code nor contact.

    Verdict and criteria are those that were counted, not necessarily today's.
    """
    known = _with_state(presentation.with_shown(leads=leads, actor=actor), slice)
    found = list(known.order_by("-received_at", "-pk")[(page - 1) * PAGE : page * PAGE])
    within = Lead.objects.filter(pk__in=[lead.pk for lead in found])
    mine = set(within.visible_to(actor).values_list("pk", flat=True))
    names = {bit: failing.name for bit, failing in failings(slice=slice).items()}
    shown = presentation.rows(leads=found, actor=actor, at=at)
    return [_row(row, lead, lead.pk in mine, names) for row, lead in zip(shown, found, strict=True)]


def _with_state(leads: QuerySet[Lead], slice: Slice) -> QuerySet[Lead]:
    leads = leads.defer("attributes", "message")
    if reads_the_row(slice):
        return leads.annotate(counted_verdict=F("verdict"), counted_mask=F("fail_mask"))
    judged = in_force(slice)
    return leads.annotate(
        counted_verdict=Subquery(judged.values("verdict")[:1]), counted_mask=Subquery(judged.values("fail_mask")[:1])
    )


def _row(row: LeadRow, lead: Any, is_mine: bool, names: Mapping[int, str]) -> LeadRow:
    return replace(
        row,
        code=row.code if is_mine else "",
        contact=row.contact if is_mine else None,
        verdict=(lead.counted_verdict or Verdict.UNDECIDED.value).lower(),
        failed=tuple(names[bit] for bit in bits_of(lead.counted_mask or 0) if bit in names),
    )
