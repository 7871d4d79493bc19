"""The card of a lead as one person may see it: texts and numbers only, nothing that could be followed to a contact."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import TYPE_CHECKING

from django.db.models import Q

from crm.models import User
from crm.queries.organisation import settings_at
from crm.rules.permissions import Permission
from funnels.models import Stage
from funnels.rules.moves import OUTCOME_LABELS, Outcome
from leads.models import Lead
from leads.models.lead import LeadQuerySet
from leads.queries.card import Card, Question
from leads.queries.history import Entry
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


@dataclass(frozen=True, slots=True)
class Step:
    """A stage on the lead's path."""

    code: str
    name: str
    is_here: bool
    is_behind: bool


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
class CardShown:
    """Everything the page of one lead draws."""

    row: LeadRow
    channel: "Text"
    told: Told | None
    questions: Sequence[Question]
    tries: Tries
    path: Sequence[Step]
    history: Sequence[Entry]
    sales: Sequence[SaleShown]
    relatives: Relatives
    unsaid: Sequence[str]

    @property
    def judgements(self) -> list[Entry]:
        """The acts of judging, the newest first."""
        return [entry for entry in self.history if entry.fact == "assessment"]

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
        told=_told(lead) if lead.is_reached(actor, Permission.SEE_CONTACTS) else None,
        questions=card.questions,
        tries=_tries(card, at=at),
        path=_path(lead, card.stages),
        history=card.history,
        sales=_sales(lead),
        relatives=_relatives(lead, actor=actor, at=at),
        unsaid=card.unsaid,
    )


def _told(lead: Lead) -> Told:
    raw = [
        RawShown(
            received_at=submission.received_at,
            channel=CHANNEL_LABELS[Channel(submission.channel)],
            state=SUBMISSION_STATE_LABELS[SubmissionState(submission.state)],
            payload=json.dumps(submission.payload, ensure_ascii=False, indent=2),
        )
        for submission in lead.submissions.all()
    ]
    return Told(
        message=lead.message,
        external_id=lead.external_id or "",
        attributes={str(AS_TOLD_LABELS.get(name, name)): value for name, value in lead.attributes.items()},
        utm=lead.utm,
        raw=raw,
    )


def _tries(card: Card, *, at: datetime) -> Tries:
    organisation, at_hand = settings_at(at), card.evidence
    return Tries(
        attempts=organisation.unreachable_attempts - at_hand.missing.attempts,
        attempts_needed=organisation.unreachable_attempts,
        days=organisation.unreachable_days - at_hand.missing.days,
        days_needed=organisation.unreachable_days,
        proof=EVIDENCE_LABELS[at_hand.proof] if at_hand.proof is not Evidence.NONE else "",
    )


def _path(lead: Lead, others: Sequence[Stage]) -> list[Step]:
    """Lay out the open stages in their order; a closed lead stands at the last of its path."""
    here = lead.stage
    steps = [
        Step(stage.code, stage.name, is_here=stage.pk == here.pk, is_behind=stage.position < here.position)
        for stage in sorted({here, *others}, key=lambda stage: stage.position)
    ]
    if lead.outcome == Outcome.LOST:
        steps.append(Step("", str(OUTCOME_LABELS[Outcome.LOST]), is_here=False, is_behind=False))
    return steps


def _sales(lead: Lead) -> list[SaleShown]:
    return [
        SaleShown(SALE_KIND_LABELS[SaleKind(sale.kind)], sale.amount, sale.currency, sale.occurred_at)
        for sale in lead.sales.all()
    ]


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
