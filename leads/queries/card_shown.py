"""The card of a lead as one person may see it: texts and numbers only, nothing that could be followed to a contact."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import TYPE_CHECKING
from uuid import UUID

from django.db.models import Max, Q

from crm.models import User
from crm.queries.organisation import settings_at
from crm.rules.permissions import Permission, Reach
from leads.models import Lead, Submission
from leads.models.lead import LeadQuerySet
from leads.queries.card import Card, Judged, Question
from leads.queries.history import Entry
from leads.queries.path import Step
from leads.queries.presentation import LeadRow, rows, with_shown
from leads.rules.facts import (
    AS_TOLD_LABELS,
    CHANNEL_LABELS,
    EVIDENCE_LABELS,
    SALE_KIND_LABELS,
    SUBMISSION_STATE_LABELS,
    Channel,
    Evidence,
    SaleKind,
    SubmissionState,
)

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise

    Text = str | _StrPromise

MOST_RELATIVES = 20
MOST_RAW = 5
MOST_SALES = 20


@dataclass(frozen=True, slots=True)
class Tries:
    """How much has been done to reach the person, of how much is asked for."""

    attempts: int
    attempts_needed: int
    days: int
    days_needed: int
    proof: "Text"

    @property
    def boxes(self) -> list[bool]:
        """One box an attempt, filled when it was made."""
        return [number < self.attempts for number in range(self.attempts_needed)]


@dataclass(frozen=True, slots=True)
class SaleShown:
    """Money received."""

    kind: "Text"
    amount: Decimal
    currency: str
    occurred_at: datetime


@dataclass(frozen=True, slots=True)
class RawShown:
    """What literally arrived."""

    received_at: datetime
    channel: "Text"
    state: "Text"
    payload: str
    number: UUID


@dataclass(frozen=True, slots=True)
class Told:
    """What the request itself said, for those who may see contacts."""

    message: str
    external_id: str
    attributes: Mapping[str, object]
    utm: Mapping[str, object]
    raw: Sequence[RawShown]


@dataclass(frozen=True, slots=True)
class Relatives:
    """Requests of the same person that this one is tied to, as far as the reader may see them."""

    master: LeadRow | None
    earlier: LeadRow | None
    duplicates: Sequence[LeadRow]
    repeats: Sequence[LeadRow]


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a request of a person came from, and when."""

    source: str
    campaign: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Origins:
    """The first and the last of several requests of one person, as far as the reader may see them."""

    first: Origin | None
    last: Origin | None
    touched_at: datetime | None


@dataclass(frozen=True, slots=True)
class CardShown:
    """Everything the page of one lead draws."""

    row: LeadRow
    channel: "Text"
    told: Told | None
    questions: Sequence[Question]
    tries: Tries
    path: Sequence[Step]
    history: Sequence[Entry]
    older: str
    judged: Judged | None
    origins: Origins
    expected: Decimal | None
    currency: str
    sales: Sequence[SaleShown]
    relatives: Relatives
    unsaid: Sequence[str]

    @property
    def touches(self) -> list[Entry]:
        """The attempts to reach the person, the newest first."""
        return [entry for entry in self.history if entry.fact == "touch"]

    @property
    def unanswered(self) -> list[str]:
        """The blocking criteria nobody has asked about."""
        return [
            question.criterion.name
            for question in self.questions
            if question.answer is None and question.criterion.is_blocking
        ]


def card_shown(*, card: Card, actor: User, at: datetime) -> CardShown:
    """Write the card of a lead, read with `presentation.with_shown`, for one person."""
    lead = card.lead
    return CardShown(
        row=rows(leads=[lead], actor=actor, at=at)[0],
        channel=CHANNEL_LABELS[Channel(lead.channel)],
        told=_told(lead, actor) if lead.is_reached(actor, Permission.SEE_CONTACTS) else None,
        questions=card.questions,
        tries=_tries(card, at=at),
        origins=_origins(lead, actor),
        expected=lead.expected_amount,
        currency=settings_at(at).currency,
        path=card.path,
        history=card.history.entries,
        older=card.history.older,
        judged=card.judged,
        sales=_sales(lead),
        relatives=_relatives(lead, actor=actor, at=at),
        unsaid=card.unsaid,
    )


def _told(lead: Lead, actor: User) -> Told:
    raw = [
        RawShown(
            received_at=submission.received_at,
            channel=CHANNEL_LABELS[Channel(submission.channel)],
            state=SUBMISSION_STATE_LABELS[SubmissionState(submission.state)],
            payload=json.dumps(submission.payload, ensure_ascii=False, indent=2),
            number=submission.public_id,
        )
        for submission in _submissions(lead, actor)
    ]
    return Told(
        message=lead.message,
        external_id=lead.external_id or "",
        attributes={str(AS_TOLD_LABELS.get(name, name)): value for name, value in lead.attributes.items()},
        utm=lead.utm,
        raw=raw,
    )


def _submissions(lead: Lead, actor: User) -> Iterable[Submission]:
    """Give what arrived to those who may see submissions; to others not even that there is any."""
    if actor.reach(Permission.ADMINISTER) is Reach.NONE:
        return ()
    return lead.submissions.defer("body").order_by("-received_at", "-id")[:MOST_RAW]


def _tries(card: Card, *, at: datetime) -> Tries:
    organisation, at_hand = settings_at(at), card.evidence
    return Tries(
        attempts=organisation.unreachable_attempts - at_hand.missing.attempts,
        attempts_needed=organisation.unreachable_attempts,
        days=organisation.unreachable_days - at_hand.missing.days,
        days_needed=organisation.unreachable_days,
        proof=EVIDENCE_LABELS[at_hand.proof] if at_hand.proof is not Evidence.NONE else "",
    )


def _sales(lead: Lead) -> list[SaleShown]:
    return [
        SaleShown(SALE_KIND_LABELS[SaleKind(sale.kind)], sale.amount, sale.currency, sale.occurred_at)
        for sale in lead.sales.order_by("-occurred_at", "-id")[:MOST_SALES][::-1]
    ]


def _origins(lead: Lead, actor: User) -> Origins:
    requests = LeadQuerySet(Lead).visible_to(actor).filter(contact=lead.contact_id, is_test=False)
    requests = requests.select_related("source", "campaign").order_by("received_at", "id")
    first, last = requests.first(), requests.last()
    several = first is not None and first != last
    return Origins(
        first=_origin(first) if several else None,
        last=_origin(last) if several else None,
        touched_at=lead.touches.aggregate(last=Max("occurred_at"))["last"],
    )


def _origin(lead: Lead | None) -> Origin | None:
    if lead is None:
        return None
    return Origin(lead.source.label, lead.campaign.name if lead.campaign else "", lead.received_at)


def _relatives(lead: Lead, *, actor: User, at: datetime) -> Relatives:
    tied = Q(pk__in=(lead.duplicate_of_id, lead.repeat_of_id)) | Q(duplicate_of=lead) | Q(repeat_of=lead)
    seen = with_shown(leads=LeadQuerySet(Lead).visible_to(actor).filter(tied), actor=actor)
    leads = list(seen.order_by("-received_at", "-id")[:MOST_RELATIVES])
    shown = list(zip(leads, rows(leads=leads, actor=actor, at=at), strict=True))
    by_id: dict[int | None, LeadRow] = {found.pk: row for found, row in shown}
    return Relatives(
        master=by_id.get(lead.duplicate_of_id),
        earlier=by_id.get(lead.repeat_of_id),
        duplicates=[row for found, row in shown if found.duplicate_of_id == lead.pk],
        repeats=[row for found, row in shown if found.repeat_of_id == lead.pk and found.duplicate_of_id is None],
    )
