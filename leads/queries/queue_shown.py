"""One lead of the queue as its page draws it, with what comes after it and what has been done today."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import cast

from crm.models import User
from funnels.models import LossReason
from funnels.rules.moves import OUTCOME_LABELS, Outcome
from funnels.rules.verdict import Verdict
from leads.models import Lead
from leads.models.lead import LeadQuerySet
from leads.queries.card import card
from leads.queries.card_shown import CardShown, card_shown
from leads.queries.history import Entry
from leads.queries.judgements import in_force
from leads.queries.presentation import LeadRow, rows, with_shown
from leads.queries.queue import (
    Today,
    Waiting,
    count,
    earlier_requests,
    holder,
    loss_reasons,
    offered,
    today,
    undoable,
    upcoming,
)
from leads.rules.evidence import Missing
from leads.rules.facts import AssessmentKind

NEXT_SHOWN = 5


@dataclass(frozen=True, slots=True)
class Earlier:
    """A request the same person made before."""

    code: str
    received_at: datetime
    outcome: str
    reasons: str


@dataclass(frozen=True, slots=True)
class Around:
    """What stands beside the lead: the next ones, the day so far, the last act that may be undone."""

    next: Sequence[LeadRow]
    waiting: Waiting
    today: Today
    undoable: str


@dataclass(frozen=True, slots=True)
class Desk:
    """Everything the page of one lead of the queue draws. `said` is what somebody said of a lead no longer waiting."""

    lead: Lead
    card: CardShown
    kinds: tuple[AssessmentKind, ...]
    reasons: Sequence[LossReason]
    missing: Missing | None
    seen: int | None
    earlier: Sequence[Earlier]
    said: Sequence[Entry]
    holder: str
    around: Around

    @property
    def is_open(self) -> bool:
        """Whether it may be lost."""
        return self.lead.outcome == Outcome.OPEN

    @property
    def is_waiting(self) -> bool:
        """Whether the queue still waits for its verdict."""
        return self.is_open and self.lead.verdict == Verdict.UNDECIDED and self.lead.is_valid


def desk(*, lead: Lead, actor: User, at: datetime) -> Desk:
    """Lay a lead, read with `presentation.with_shown`, before a person."""
    facts = card(lead=lead, actor=actor, at=at)
    shown = card_shown(card=facts, actor=actor, at=at)
    act = in_force(lead=lead)
    is_waiting = lead.outcome == Outcome.OPEN and lead.verdict == Verdict.UNDECIDED
    other = holder(lead=lead, actor=actor, at=at)
    return Desk(
        lead=lead,
        card=shown,
        kinds=facts.kinds,
        reasons=facts.reasons,
        missing=None if facts.evidence.is_enough else facts.evidence.missing,
        seen=act.pk if act else None,
        earlier=_earlier(lead, actor),
        said=() if is_waiting else _last_word(shown.history),
        holder=other.name if other else "",
        around=around(actor=actor, at=at, lead=lead),
    )


def around(*, actor: User, at: datetime, lead: Lead | None = None) -> Around:
    """Tell what comes after a lead and what has been done."""
    leads = cast(LeadQuerySet, with_shown(leads=offered(actor=actor, at=at), actor=actor))
    besides = (lead.public_id,) if lead else ()
    last = undoable(actor=actor, at=at)
    return Around(
        next=rows(leads=upcoming(leads=leads, at=at, besides=besides, size=NEXT_SHOWN), actor=actor, at=at),
        waiting=count(actor=actor),
        today=today(actor=actor, at=at),
        undoable=last.code if last else "",
    )


def _earlier(lead: Lead, actor: User) -> list[Earlier]:
    found = earlier_requests(lead=lead, actor=actor)
    reasons = loss_reasons(leads=[one for one in found if one.outcome == Outcome.LOST]) if found else {}
    return [
        Earlier(one.code, one.received_at, str(OUTCOME_LABELS[Outcome(one.outcome)]), reasons.get(one.pk, ""))
        for one in found
    ]


def _last_word(history: Sequence[Entry]) -> list[Entry]:
    """Pick the last judgement and, if the lead is closed, how it was closed."""
    last = {entry.fact: entry for entry in reversed(history) if entry.fact in ("assessment", "transition")}
    return [entry for entry in last.values() if not entry.is_arrival]
