"""Leads as one person may see them: whoever may not see contacts is given rows that hold none."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

import phonenumbers
from django.db.models import Prefetch, QuerySet

from crm.models import Actor, User
from crm.rules.permissions import Permission, Reach
from funnels.models import DefinitionCriterion
from funnels.rules.moves import OUTCOME_LABELS, Outcome
from funnels.rules.verdict import Verdict, bits_of
from leads.models import Contact, ContactPoint, Lead
from leads.models.lead import LeadQuerySet
from leads.rules.facts import PointKind

SHORT_CODE = 8
ACTED_ON = ("public_id", "funnel", "source", "contact")  # the act itself reads the rest under lock
SHOWN = ("source", "campaign", "segment", "owner", "stage", "funnel")


@dataclass(frozen=True, slots=True)
class Phone:
    """A number as machines dial it."""

    value: str

    def __str__(self) -> str:
        """Write it the way people read it: +7 917 220-14-08."""
        try:
            number = phonenumbers.parse(self.value)
        except phonenumbers.NumberParseException:
            return self.value
        return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.INTERNATIONAL)


@dataclass(frozen=True, slots=True)
class ContactShown:
    """The person behind a lead, for those who may know them."""

    name: str
    company: str
    phones: tuple[Phone, ...]
    emails: tuple[str, ...]

    @property
    def title(self) -> str:
        """What to call them: by name, by firm, or by how they are reached."""
        return next((text for text in (self.name, self.company, *map(str, self.phones), *self.emails) if text), "")


@dataclass(frozen=True, slots=True)
class LeadRow:
    """One lead of a list. `contact` is None for whoever may not see contacts."""

    code: str
    contact: ContactShown | None
    received_at: datetime
    funnel: str
    source: str
    campaign: str
    segment: str
    owner: str
    stage: str
    outcome: str
    outcome_label: str
    outcome_at: datetime | None
    verdict: str
    failed: tuple[str, ...]
    is_duplicate: bool
    is_test: bool
    is_touched: bool
    verdict_due_at: datetime | None
    is_late: bool

    @property
    def short_code(self) -> str:
        """Enough of the code to tell two leads apart by eye: its end, which is drawn by lot."""
        return self.code[-SHORT_CODE:]

    @property
    def title(self) -> str:
        """The person's name, or the end of the code."""
        return (self.contact.title if self.contact else "") or self.short_code


def with_shown(*, leads: QuerySet[Lead], actor: Actor) -> QuerySet[Lead]:
    """Fetch what rows show together with the leads; contacts are not even read for those who may not see them."""
    leads = leads.select_related(*SHOWN)
    if actor.reach(Permission.SEE_CONTACTS) is Reach.NONE:
        return leads
    points = Prefetch("contact__points", ContactPoint.objects.order_by("id"))
    return leads.select_related("contact").prefetch_related(points)


def lead_by_code(*, code: str, actor: Actor, permission: Permission = Permission.READ_LEADS) -> Lead | None:
    """Find a lead by its public name, with what is shown of it; one out of the permission's reach is not there."""
    return with_shown(leads=_named(code, actor, permission), actor=actor).first()


def lead_to_act_on(*, code: str, actor: Actor, permission: Permission) -> Lead | None:
    """Find a lead by its public name with no more than an act upon it asks for, as far as the permission reaches."""
    return _named(code, actor, permission).only(*ACTED_ON).first()


def _named(code: str, actor: Actor, permission: Permission) -> LeadQuerySet:
    leads = LeadQuerySet(Lead)
    try:
        public_id = Lead.id_from_code(code)
    except ValueError:
        return leads.none()
    leads = leads.visible_to(actor) if permission is Permission.READ_LEADS else leads.reached(actor, permission)
    return leads.filter(public_id=public_id).order_by()


def rows(*, leads: Iterable[Lead], actor: User, at: datetime) -> list[LeadRow]:
    """Write leads, read with what they show, as rows for one person."""
    leads = list(leads)
    names = _failed_names(leads)
    return [
        _row(
            lead,
            names.get(lead.definition_id, {}),
            at=at,
            may_know=lead.is_reached(actor, Permission.SEE_CONTACTS),
        )
        for lead in leads
    ]


def contact_shown(*, contact: Contact) -> ContactShown:
    """Write the person behind a lead; for those who may know."""
    points = list(contact.points.all())
    return ContactShown(
        name=contact.name,
        company=contact.company,
        phones=tuple(Phone(point.value) for point in points if point.kind == PointKind.PHONE),
        emails=tuple(point.value for point in points if point.kind == PointKind.EMAIL),
    )


def _row(lead: Lead, names: Mapping[int, str], *, at: datetime, may_know: bool) -> LeadRow:
    is_undecided = lead.verdict == Verdict.UNDECIDED
    return LeadRow(
        code=lead.code,
        contact=contact_shown(contact=lead.contact) if may_know else None,
        received_at=lead.received_at,
        funnel=lead.funnel.name,
        source=lead.source.label,
        campaign=lead.campaign.name if lead.campaign else "",
        segment=lead.segment.name if lead.segment else "",
        owner=lead.owner.name if lead.owner else "",
        stage=lead.stage.name,
        outcome=lead.outcome.lower(),
        outcome_label=str(OUTCOME_LABELS[Outcome(lead.outcome)]),
        outcome_at=lead.outcome_at,
        verdict=lead.verdict.lower(),
        failed=tuple(names[bit] for bit in bits_of(lead.fail_mask) if bit in names),
        is_duplicate=lead.duplicate_of_id is not None,
        is_test=lead.is_test,
        is_touched=lead.first_touch_at is not None,
        verdict_due_at=lead.verdict_due_at if is_undecided and lead.is_valid else None,
        is_late=is_undecided and lead.is_valid and lead.verdict_due_at < at,
    )


def _failed_names(leads: Sequence[Lead]) -> dict[int | None, dict[int, str]]:
    """Name the failed criteria by bit, in the words of the definition each lead was judged by."""
    failed = {lead.definition_id for lead in leads if lead.fail_mask}
    if not failed:
        return {}
    entries = DefinitionCriterion.objects.filter(definition__in=failed).order_by("position")
    names: dict[int | None, dict[int, str]] = {}
    for definition, bit, name in entries.values_list(
        "definition", "criterion_version__criterion__bit", "criterion_version__failed_name"
    ):
        names.setdefault(definition, {})[bit] = name
    return names
