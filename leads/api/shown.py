"""Leads as programs read them."""

from collections.abc import Iterable, Mapping
from datetime import UTC
from typing import Any

from django.db.models import QuerySet

from crm.models import Actor, User
from crm.rules.permissions import Permission, Reach
from funnels.models import Criterion
from funnels.rules.verdict import bits_of
from leads.api.shapes import ContactOut, LeadOut, OwnerOut, Receipt
from leads.models import Lead, Source
from leads.operations.arrivals import Received
from leads.queries.presentation import contact_shown, with_shown

Codes = Mapping[int, Mapping[int, str]]

JOINED = ("duplicate_of", "repeat_of")


def read(*, leads: QuerySet[Lead], actor: Actor) -> QuerySet[Lead]:
    """Fetch with the leads what is told of them."""
    return with_shown(leads=leads.select_related(*JOINED), actor=actor)


def leads_out(*, leads: Iterable[Lead], actor: Actor) -> list[LeadOut]:
    """Tell leads, read by `read`, as far as the actor may know."""
    leads, codes = list(leads), _codes()
    visits = Source.objects.in_bulk({pk for lead in leads for pk in (lead.first_source_id, lead.last_source_id) if pk})
    return [_lead_out(lead, actor, codes.get(lead.funnel_id, {}), visits) for lead in leads]


def receipt(*, received: Received) -> Receipt:
    """Tell what became of a request; without a word about the person, so it may be kept and said again."""
    lead = received.lead
    return Receipt(
        id=lead.code,
        outcome="repeat" if received.outcome == "duplicate" else received.outcome,
        source=lead.source.code,
        external_id=lead.external_id,
        received_at=lead.received_at.astimezone(UTC),
        duplicate_of=lead.duplicate_of.code if lead.duplicate_of else None,
        repeat_of=lead.repeat_of.code if lead.repeat_of else None,
        url=url_of(lead),
    )


def url_of(lead: Lead) -> str:
    """Name the address of a lead."""
    return f"/api/v1/leads/{lead.code}"


def _lead_out(lead: Lead, actor: Actor, codes: Mapping[int, str], visits: Mapping[int, Source]) -> LeadOut:
    may_know = lead.is_reached(actor, Permission.SEE_CONTACTS)
    is_masked = isinstance(actor, User) and actor.reach(Permission.READ_LEADS) is Reach.MASKED
    return LeadOut(
        id=lead.code,
        version=lead.version,
        url=url_of(lead),
        funnel=lead.funnel.code,
        source=lead.source.code,
        first_source=visits[lead.first_source_id].code if lead.first_source_id else None,
        last_source=visits[lead.last_source_id].code if lead.last_source_id else None,
        campaign=lead.campaign.code if lead.campaign else None,
        segment=lead.segment.code if lead.segment else None,
        external_id=None if is_masked else lead.external_id,
        received_at=lead.received_at,
        recorded_at=lead.recorded_at,
        is_test=lead.is_test,
        duplicate_of=lead.duplicate_of.code if lead.duplicate_of else None,
        repeat_of=lead.repeat_of.code if lead.repeat_of else None,
        owner=OwnerOut(id=lead.owner.pk, name=lead.owner.name) if lead.owner else None,
        stage=lead.stage.code,
        milestone=lead.stage.milestone.lower(),
        outcome=lead.outcome.lower(),
        outcome_at=lead.outcome_at,
        verdict=lead.verdict.lower(),
        verdict_at=lead.verdict_at,
        failed=[codes[bit] for bit in bits_of(lead.fail_mask | lead.soft_fail_mask) if bit in codes],
        asked=[codes[bit] for bit in bits_of(lead.assessed_mask) if bit in codes],
        first_touch_at=lead.first_touch_at,
        first_touch_due_at=lead.first_touch_due_at,
        verdict_due_at=lead.verdict_due_at,
        contact=_contact(lead) if may_know else None,
        message=lead.message if may_know else None,
        utm=_words(lead.utm) if may_know else None,
        attributes=_words(lead.attributes) if may_know else None,
    )


def _contact(lead: Lead) -> ContactOut:
    shown = contact_shown(contact=lead.contact)
    return ContactOut(
        name=shown.name,
        company=shown.company,
        phones=[phone.value for phone in shown.phones],
        emails=list(shown.emails),
    )


def _words(told: Mapping[str, Any]) -> dict[str, str]:
    return {name: str(value) for name, value in told.items()}


def _codes() -> Codes:
    """Name the criteria of each funnel by bit."""
    codes: dict[int, dict[int, str]] = {}
    for funnel, bit, code in Criterion.objects.values_list("funnel", "bit", "code"):
        codes.setdefault(funnel, {})[bit] = code
    return codes
