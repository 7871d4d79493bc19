"""Put right what is known of a lead and its contact. What people said at the door stays in the submission."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from crm.models import User
from crm.operations import audit
from crm.queries.organisation import settings_at
from crm.rules.errors import DomainError
from leads.intake import email as emails
from leads.intake import phone as phones
from leads.models import Contact, ContactPoint, Lead
from leads.operations import contacts, dictionaries, owners, states
from leads.queries.duplicates import Point
from leads.rules.facts import PointKind


class PhoneIsNotOne(DomainError):
    """A phone number nobody could dial."""

    def __init__(self) -> None:
        super().__init__("invalid_phone", _("This is not a phone number; write it with the country's code."), "phone")


class EmailIsNotOne(DomainError):
    """An e-mail address nobody could write to."""

    def __init__(self) -> None:
        super().__init__("invalid_email", _("This is not an e-mail address."), "email")


class PointIsSomebodyElses(DomainError):
    """A phone or e-mail of another contact: joining two people is an act of its own."""

    def __init__(self, *, field: str) -> None:
        message = _("Another contact has this already. If they are one person, merge their leads.")
        super().__init__("point_taken", message, field)


class NobodyWouldBeLeft(DomainError):
    """A contact without a name, a firm or any way to be reached."""

    def __init__(self) -> None:
        super().__init__(
            "nobody_left",
            _("Leave a phone, an e-mail, a name or a company: nothing else tells who this is."),
            "removed",
        )


class AmountIsNegative(DomainError):
    """An expectation to lose money."""

    def __init__(self) -> None:
        super().__init__("amount_negative", _("An expected amount is not negative."), "expected_amount")


@dataclass(frozen=True, slots=True, kw_only=True)
class Amendment:
    """What is to be put right; None leaves it as it is.

    What is named in `clears` is emptied: `segment`, `owner`, `expected_amount`. `removes` are the numbers of phones and
    e-mails to be taken away.
    """

    name: str | None = None
    company: str | None = None
    phone: str | None = None
    email: str | None = None
    segment: str | None = None
    owner: User | None = None
    expected_amount: Decimal | None = None
    clears: frozenset[str] = frozenset()
    removes: frozenset[int] = frozenset()


@transaction.atomic
def amend(*, lead: Lead, to: Amendment, by: User | None, at: datetime, expected_version: int | None = None) -> Lead:
    """Change details of a lead; with an expected version only if nobody has changed it since.

    Raises LeadHasChanged, PhoneIsNotOne, EmailIsNotOne, PointIsSomebodyElses, NobodyWouldBeLeft.
    """
    contact = contacts.lock(contact=lead.contact)  # before the lead, as an arrival does
    lead = states.lock(lead=lead)
    states.check_version(lead=lead, expected=expected_version)
    changed = _contact(contact, to, at=at)
    if to.segment is not None or "segment" in to.clears:
        segment = dictionaries.resolve_segment(name=to.segment or "", at=at)
        if segment != lead.segment:
            states.rewrite(lead=lead, values={"segment": segment})
            changed.append("segment")
    is_told = to.expected_amount is not None or "expected_amount" in to.clears
    if is_told and to.expected_amount != lead.expected_amount:
        states.rewrite(lead=lead, values={"expected_amount": _not_negative(to.expected_amount)})
        changed.append("expected_amount")
    if changed:
        if not {"segment", "expected_amount"} & set(changed):
            states.rewrite(lead=lead, values={})
        audit.record(action="lead.amend", obj=lead, by=by, at=at, changes={"fields": changed})
    if to.owner is not None or "owner" in to.clears:
        owners.assign(lead=lead, owner=to.owner, by=by, at=at)
    return Lead.objects.get(pk=lead.pk)


def _not_negative(amount: Decimal | None) -> Decimal | None:
    if amount is not None and amount < 0:
        raise AmountIsNegative
    return amount


def _contact(contact: Contact, to: Amendment, *, at: datetime) -> list[str]:
    region = settings_at(at).default_region
    points: list[Point] = []
    if to.phone is not None:
        points.append((PointKind.PHONE, phones.normalise(to.phone, region) or _refuse(PhoneIsNotOne())))
    if to.email is not None:
        points.append((PointKind.EMAIL, emails.normalise(to.email) or _refuse(EmailIsNotOne())))
    changed = [kind.value for kind, value in points if _attach(contact, kind, value, at=at)]
    changed += _take_away(contact, to.removes)
    told = {"name": to.name, "company": to.company}
    named = [field for field, value in told.items() if value is not None and value != getattr(contact, field)]
    if changed or named:
        contacts.rename(contact=contact, **{field: told[field] or "" for field in named})
    if to.removes and not (contact.name or contact.company or contact.points.exists()):
        raise NobodyWouldBeLeft
    return [*changed, *named]


def _take_away(contact: Contact, numbers: frozenset[int]) -> list[str]:
    """Take phones and e-mails from the contact; somebody else may bring them from now on."""
    taken = list(contact.points.filter(pk__in=numbers))
    ContactPoint.objects.filter(pk__in=[point.pk for point in taken]).delete()
    return sorted({f"{point.kind}_removed" for point in taken})


def _attach(contact: Contact, kind: PointKind, value: str, *, at: datetime) -> bool:
    """Add a way to reach the contact; tell whether it is new."""
    point, is_new = ContactPoint.objects.get_or_create(
        kind=kind, value=value, defaults={"contact": contact, "created_at": at}
    )
    if point.contact_id != contact.pk:
        raise PointIsSomebodyElses(field=kind.value)
    return is_new


def _refuse(refusal: DomainError) -> str:
    raise refusal
