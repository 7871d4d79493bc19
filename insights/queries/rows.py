"""The rows of a drill-down: all of them for everybody, with contacts only where the reader may see them."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import F, QuerySet, Subquery

from crm.models import User
from crm.rules.permissions import Permission
from funnels.models import CriterionVersion
from funnels.rules.verdict import Verdict, bits_of
from insights.queries.states import in_force, reads_the_row
from insights.rules.slice import Slice
from leads.models import Contact, Lead
from leads.queries.presentation import contact_shown

PAGE = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class LeadLine:
    """One lead as a list shows it; verdict and criteria are those that were counted, not necessarily today's."""

    code: str
    received_at: datetime
    source: str
    campaign: str
    segment: str
    owner: str
    stage: str
    outcome: str
    verdict: str
    failed: Sequence[str]
    contact: str


def lines(*, leads: QuerySet[Lead], slice: Slice, actor: User, page: int) -> list[LeadLine]:
    """Read one page of the leads behind a number; a lead out of the reader's reach has neither code nor contact."""
    found = list(_with_state(leads, slice).order_by("-received_at", "-pk")[(page - 1) * PAGE : page * PAGE])
    within = Lead.objects.filter(pk__in=[lead.pk for lead in found])
    mine = set(within.visible_to(actor).values_list("pk", flat=True))
    names = _criterion_names(slice)
    known = within.visible_to(actor).reached(actor, Permission.SEE_CONTACTS)
    contacts = _contacts(found, set(known.values_list("pk", flat=True)))
    return [_line(lead, lead.pk in mine, names, contacts.get(lead.contact_id, "")) for lead in found]


def _with_state(leads: QuerySet[Lead], slice: Slice) -> QuerySet[Lead]:
    known = leads.select_related("source", "campaign", "segment", "stage", "owner").defer("attributes", "message")
    if reads_the_row(slice):
        return known.annotate(counted_verdict=F("verdict"), counted_mask=F("fail_mask"))
    judged = in_force(slice)
    return known.annotate(
        counted_verdict=Subquery(judged.values("verdict")[:1]), counted_mask=Subquery(judged.values("fail_mask")[:1])
    )


def _criterion_names(slice: Slice) -> dict[int, str]:
    versions = CriterionVersion.objects.filter(criterion__funnel__code=slice.funnel).order_by("number")
    return dict(versions.values_list("criterion__bit", "failed_name"))


def _contacts(leads: Sequence[Lead], allowed: Collection[int]) -> Mapping[int, str]:
    """Read names and phones of the leads that may be seen; of the others nothing leaves the database."""
    chosen = [lead.contact_id for lead in leads if lead.pk in allowed]
    if not chosen:
        return {}
    people = Contact.objects.filter(pk__in=chosen).prefetch_related("points")
    return {person.pk: _told(person) for person in people}


def _told(person: Contact) -> str:
    shown = contact_shown(contact=person)
    return " · ".join(dict.fromkeys((shown.title, *map(str, shown.phones[:1] or shown.emails[:1]))))


def _line(lead: Any, is_mine: bool, names: Mapping[int, str], contact: str) -> LeadLine:
    return LeadLine(
        code=lead.code if is_mine else "",
        received_at=lead.received_at,
        source=lead.source.label,
        campaign=lead.campaign.name if lead.campaign else "",
        segment=lead.segment.name if lead.segment else "",
        owner=lead.owner.name if lead.owner else "",
        stage=lead.stage.name,
        outcome=lead.outcome,
        verdict=lead.counted_verdict or Verdict.UNDECIDED.value,
        failed=[names[bit] for bit in bits_of(lead.counted_mask or 0) if bit in names],
        contact=contact,
    )
