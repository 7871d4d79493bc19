"""Leads as one person may see them: whoever may not see contacts is given rows that hold none."""

import re
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import cast
from uuid import UUID

import phonenumbers
from django.db import connection
from django.db.models import Model, Prefetch, QuerySet

from crm.models import Actor, User
from crm.queries.agreements import remembered
from crm.rules.permissions import Permission, Reach
from funnels.models import DefinitionCriterion
from funnels.rules.moves import OUTCOME_LABELS, Outcome
from funnels.rules.verdict import Verdict, bits_of
from leads.models import Contact, ContactPoint, Lead
from leads.models.lead import LeadQuerySet
from leads.rules.facts import PointKind

SHORT_CODE = 8
# The act itself reads the rest under lock, or sees by the version that nobody was faster.
ACTED_ON = ("public_id", "funnel", "source", "contact", "recorded_at", "verdict_at", "version")
SHOWN = ("source", "campaign", "segment", "owner", "stage", "funnel")  # few rows, which seldom change, and never unsaid
LISTED = (
    *SHOWN, "contact", "public_id", "external_id", "received_at", "is_test", "duplicate_of", "definition", "verdict",
    "fail_mask", "verdict_due_at", "first_touch_at", "outcome", "outcome_at",
)  # fmt: skip
RUSSIAN_MOBILE = re.compile(r"^\+7(9\d\d)(\d{3})(\d\d)(\d\d)$")


@dataclass(frozen=True, slots=True)
class Phone:
    """A number as machines dial it."""

    value: str

    def __str__(self) -> str:
        """Write it the way people read it: +7 917 220-14-08."""
        if known := RUSSIAN_MOBILE.match(self.value):  # most of them; a list of leads writes fifty
            return "+7 {} {}-{}-{}".format(*known.groups())
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
        return self.name or self.company or next(map(str, self.phones), "") or next(iter(self.emails), "")


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
    first_touch_at: datetime | None = None
    external_id: str = ""

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


def listed_rows(*, leads: Sequence[Lead], actor: User, at: datetime) -> list[LeadRow]:
    """Write the leads of one page as rows, read with LISTED; what they show is read beside them.

    Joined to the leads it would be read once a row, and to plan such a join takes PostgreSQL longer than to answer it.
    """
    for name in SHOWN:
        _attach(leads, name)
    may_know = actor.reach(Permission.SEE_CONTACTS) is not Reach.NONE
    contacts = _contacts({lead.contact_id for lead in leads}) if may_know else {}
    return _rows(leads, actor, at=at, contact_of=lambda lead: contacts[lead.contact_id])


def _contacts(pks: Collection[int]) -> dict[int, ContactShown]:
    """Read the people behind leads as they are shown, by their number."""
    named: dict[int, tuple[str, str]] = {}
    points: dict[int, list[tuple[str, str]]] = {pk: [] for pk in pks}
    told = Contact.objects.filter(pk__in=pks).order_by("points__id")
    for pk, name, company, kind, value in told.values_list("pk", "name", "company", "points__kind", "points__value"):
        named[pk] = name, company
        if kind is not None:
            points[pk].append((kind, value))
    return {pk: _contact(*names, points[pk]) for pk, names in named.items()}


def _attach(leads: Sequence[Lead], name: str) -> None:
    """Read what one column of these leads points at, each once; of what is agreed on, only what is not remembered."""
    model = cast(type[Model], Lead._meta.get_field(name).related_model)
    known = remembered().once(_every, model=model)
    ids = {pk for lead in leads if (pk := getattr(lead, f"{name}_id")) is not None}
    missing = ids - known.keys()
    found = {**known, **model._default_manager.in_bulk(missing)} if missing else known
    for lead in leads:
        setattr(lead, name, found.get(getattr(lead, f"{name}_id")))


def _every(*, model: type[Model]) -> Mapping[int, Model]:
    return model._default_manager.in_bulk()


def lead_by_code(*, code: str, actor: Actor, permission: Permission = Permission.READ_LEADS) -> Lead | None:
    """Find a lead by its public name, with what is shown of it; one out of the permission's reach is not there."""
    return with_shown(leads=_named(code, actor, permission), actor=actor).first()


def lead_to_act_on(*, code: str, actor: Actor, permission: Permission) -> Lead | None:
    """Find a lead by its public name with no more than an act upon it asks for, as far as the permission reaches."""
    if actor.reach(permission) is not Reach.ALL or connection.vendor != "postgresql":
        return _named(code, actor, permission).only(*ACTED_ON).first()
    try:
        public_id = Lead.id_from_code(code)
    except ValueError:
        return None
    statement, names = _acted_on_by_id()
    with connection.cursor() as cursor:
        cursor.execute(statement, [public_id])
        row = cursor.fetchone()
    return row and Lead.from_db(connection.alias, names, row)


@cache
def _acted_on_by_id() -> tuple[str, list[str]]:
    """Have the ORM write this statement once: programs judge lead after lead, and writing it costs more than asking.

    Of PostgreSQL every column comes as the model keeps it.
    """
    asked = Lead.objects.filter(public_id=UUID(int=0)).order_by().only(*ACTED_ON)
    names = [field.attname for field in Lead._meta.concrete_fields if field.primary_key or field.name in ACTED_ON]
    return asked.query.sql_with_params()[0], names


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
    return _rows(list(leads), actor, at=at, contact_of=lambda lead: contact_shown(contact=lead.contact))


def _rows(
    leads: Sequence[Lead], actor: User, *, at: datetime, contact_of: Callable[[Lead], ContactShown]
) -> list[LeadRow]:
    names = _failed_names(leads)
    return [
        _row(
            lead,
            names.get(lead.definition_id, {}),
            at=at,
            contact=contact_of(lead) if lead.is_reached(actor, Permission.SEE_CONTACTS) else None,
        )
        for lead in leads
    ]


def point_shown(*, point: ContactPoint) -> Phone | str:
    """Write a phone or an e-mail the way people read it."""
    return Phone(point.value) if point.kind == PointKind.PHONE else point.value


def contact_shown(*, contact: Contact) -> ContactShown:
    """Write the person behind a lead; for those who may know."""
    points = [(point.kind, point.value) for point in contact.points.all()]
    return _contact(contact.name, contact.company, points)


def _contact(name: str, company: str, points: Sequence[tuple[str, str]]) -> ContactShown:
    return ContactShown(
        name=name,
        company=company,
        phones=tuple(Phone(value) for kind, value in points if kind == PointKind.PHONE),
        emails=tuple(value for kind, value in points if kind == PointKind.EMAIL),
    )


def _row(lead: Lead, names: Mapping[int, str], *, at: datetime, contact: ContactShown | None) -> LeadRow:
    is_undecided = lead.verdict == Verdict.UNDECIDED
    return LeadRow(
        code=lead.code,
        contact=contact,
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
        first_touch_at=lead.first_touch_at,
        external_id=(lead.external_id or "") if contact else "",
    )


def _failed_names(leads: Sequence[Lead]) -> dict[int | None, Mapping[int, str]]:
    """Name the failed criteria by bit, in the words of the definition each lead was judged by."""
    failed = {lead.definition_id for lead in leads if lead.fail_mask and lead.definition_id}
    return {pk: remembered().once(_failed_names_of, definition=pk) for pk in failed}


def _failed_names_of(*, definition: int) -> Mapping[int, str]:
    entries = DefinitionCriterion.objects.filter(definition=definition).order_by("position")
    return dict(entries.values_list("criterion_version__criterion__bit", "criterion_version__failed_name"))
