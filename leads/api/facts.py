"""What happens to a lead, as programs tell it: each an append-only fact, through the operations of the pages."""

from collections.abc import Callable, Mapping
from copy import copy
from http import HTTPStatus
from typing import Any, ClassVar

import msgspec
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from rest_framework.request import Request
from rest_framework.response import Response

from crm.api.described import IDEMPOTENCY, described
from crm.api.endpoints import Endpoint
from crm.models import ApiKey
from crm.operations.idempotency import Answer as Answered
from crm.operations.idempotency import Draft
from crm.rules.errors import DomainError
from crm.rules.permissions import NotAllowed, Permission, Reach
from funnels.queries import criteria_of
from funnels.rules.criteria import Result
from funnels.rules.verdict import bits_of
from leads.api import doors
from leads.api.shapes import (
    AnswerIn,
    AssessmentIn,
    AssessmentOut,
    SaleIn,
    SaleOut,
    TouchIn,
    TouchOut,
    TransitionIn,
    TransitionOut,
)
from leads.models import Lead, Transition
from leads.operations import assessments, moves, sales, touches
from leads.operations.desk import Desk
from leads.queries.known_sources import source_of
from leads.rules.answers import Answer
from leads.rules.facts import AssessmentKind, Channel, SaleKind, TouchActor


class OneMoveAtATime(DomainError):
    """A move that names both a stage and an outcome, or neither."""

    def __init__(self) -> None:
        super().__init__(
            "one_move_at_a_time", _("Say either “to”, a stage, or “outcome”: lost, won or reopened."), "to"
        )


class FactEndpoint(Endpoint):
    """A kind of fact about one lead."""

    def add(self, code: str, record: Callable[[Lead], msgspec.Struct]) -> Response:
        """Add the fact that `record` writes; with an idempotency key once."""
        lead = self.lead(code)
        return self.answer_once(lambda: _created(record(lead)))

    def lead(self, code: str) -> Lead:
        """Find the lead to act upon."""
        return doors.lead_to_act_on(code=code, actor=self.actor, permission=self.needs["POST"])


class AssessmentsEndpoint(FactEndpoint):
    """Judgements of a lead."""

    needs: ClassVar[Mapping[str, Permission]] = {"POST": Permission.JUDGE_LEAD}

    @described(
        "judge_lead",
        tag="facts",
        body=AssessmentIn,
        example={
            "answers": {"need": "met", "budget": {"result": "failed", "value": "20000"}},
            "note": "no money this year",
        },
        answers={201: AssessmentOut},
        parameters=[IDEMPOTENCY],
        is_write=True,
    )
    def post(self, request: Request, code: str) -> Response:
        """Judge the lead: the verdict follows from the answers."""
        lead = self.lead(code)
        desk = Desk(memory=self.memory)
        lead.source = desk.once(source_of, pk=lead.source_id)
        assessments.prepare(funnel_id=lead.funnel_id, at=timezone.now(), desk=desk)
        return self.answer_once(lambda: _created(self.record(lead, desk)), draft=lambda: self.draft(lead))

    def draft(self, lead: Lead) -> Draft | None:
        """Draft the judgement of a lead that nobody else acts upon; None when it is to be judged with care."""
        desk = Desk(memory=self.memory, watches=True)
        try:
            return Draft(_created(self.record(copy(lead), desk)), desk.rows)
        except DomainError:
            return None  # it may have been answered before; if not, it is refused when it is judged with care

    def record(self, lead: Lead, desk: Desk) -> AssessmentOut:
        """Judge the lead; its verdict follows from the answers."""
        told = self.body(AssessmentIn)
        made = assessments.judge(
            lead=lead,
            answers={code: _answer(answer) for code, answer in told.answers.items()},
            kind=AssessmentKind(told.kind),
            by=self.person,
            at=timezone.now(),
            occurred_at=told.occurred_at,
            channel=Channel.API,
            note=told.note,
            request_id=told.request_id,
            desk=desk,
        )
        criteria = desk.once(criteria_of, definition=made.definition)
        codes = {criterion.bit: criterion.code for criterion in criteria}
        return AssessmentOut(
            id=str(made.public_id),
            lead=lead.code,
            kind=AssessmentKind(made.kind),
            verdict=made.verdict.lower(),
            effective_at=made.effective_at,
            lead_verdict=made.lead.verdict.lower(),
            failed=[codes[bit] for bit in bits_of(made.fail_mask | made.soft_fail_mask)],
        )


class TransitionsEndpoint(FactEndpoint):
    """Moves of a lead. To lose one is to judge it, so that takes the right to judge."""

    needs: ClassVar[Mapping[str, Permission]] = {"POST": Permission.EDIT_LEAD}

    @described(
        "move_lead",
        tag="facts",
        body=TransitionIn,
        example={"outcome": "lost", "reasons": ["competitor"]},
        answers={201: TransitionOut},
        parameters=[IDEMPOTENCY],
        is_write=True,
    )
    def post(self, request: Request, code: str) -> Response:
        """Move, lose, win or reopen the lead."""
        return self.add(code, self.record)

    def record(self, lead: Lead) -> TransitionOut:
        """Move, lose, win or reopen the lead, by the operations and refusals of the pages."""
        told = self.body(TransitionIn)
        if (told.to is None) == (told.outcome is None):
            raise OneMoveAtATime
        made = self._made(lead, told)
        return TransitionOut(
            id=made.pk,
            lead=lead.code,
            kind=made.kind,
            from_stage=made.from_stage.code if made.from_stage else None,
            to_stage=made.to_stage.code,
            outcome=made.lead.outcome.lower(),
            effective_at=made.effective_at,
            reasons=list(made.reasons.values_list("code", flat=True)),
        )

    def _made(self, lead: Lead, told: TransitionIn) -> Transition:
        common: dict[str, Any] = {
            "lead": lead,
            "by": self.person,
            "at": timezone.now(),
            "occurred_at": told.occurred_at,
            "note": told.note,
            "channel": Channel.API,
        }
        match told.outcome:
            case "lost":
                if self.actor.reach(Permission.JUDGE_LEAD) is Reach.NONE:
                    raise NotAllowed
                return moves.lose(reasons=told.reasons, **common)
            case "won":
                return moves.win(amount=told.amount, **common)
            case "reopened":
                return moves.reopen(**common)
        return moves.advance(to=told.to or "", **common)


class TouchesEndpoint(FactEndpoint):
    """Attempts to reach the person."""

    needs: ClassVar[Mapping[str, Permission]] = {"POST": Permission.EDIT_LEAD}

    @described(
        "log_touch",
        tag="facts",
        body=TouchIn,
        example={"channel": "call", "result": "no_answer"},
        answers={201: TouchOut},
        parameters=[IDEMPOTENCY],
        is_write=True,
    )
    def post(self, request: Request, code: str) -> Response:
        """Log an attempt to reach the person."""
        return self.add(code, self.record)

    def record(self, lead: Lead) -> TouchOut:
        """Log an attempt; only a key may say that a machine made it."""
        told = self.body(TouchIn)
        made = touches.log(
            lead=lead,
            result=told.result,
            channel=told.channel,
            by=self.person,
            at=timezone.now(),
            direction=told.direction,
            actor=told.actor if isinstance(self.actor, ApiKey) else TouchActor.HUMAN,
            occurred_at=told.occurred_at,
            telephony_code=told.telephony_code,
            duration_seconds=told.duration_seconds,
            note=told.note,
            request_id=told.request_id,
        )
        return TouchOut(
            id=made.pk, lead=lead.code, result=made.result, channel=made.channel, occurred_at=made.occurred_at
        )


class SalesEndpoint(FactEndpoint):
    """Money received from a lead."""

    needs: ClassVar[Mapping[str, Permission]] = {"POST": Permission.EDIT_LEAD}

    @described(
        "record_sale",
        tag="facts",
        body=SaleIn,
        example={"amount": "150000.00"},
        answers={201: SaleOut},
        parameters=[IDEMPOTENCY],
        is_write=True,
    )
    def post(self, request: Request, code: str) -> Response:
        """Record money received, or given back."""
        return self.add(code, self.record)

    def record(self, lead: Lead) -> SaleOut:
        """Record a payment, or money given back."""
        told = self.body(SaleIn)
        made = sales.record(
            lead=lead,
            amount=told.amount,
            kind=told.kind or sales.next_kind(lead=lead),
            by=self.person,
            at=timezone.now(),
            occurred_at=told.occurred_at,
            variable_cost=told.variable_cost,
        )
        return SaleOut(
            id=made.pk,
            lead=lead.code,
            kind=SaleKind(made.kind),
            amount=str(made.amount),
            currency=made.currency,
            occurred_at=made.occurred_at,
        )


def _created(fact: msgspec.Struct) -> Answered:
    return Answered(HTTPStatus.CREATED, msgspec.json.encode(fact).decode())


def _answer(told: Result | AnswerIn) -> Answer:
    if isinstance(told, AnswerIn):
        return Answer(told.result, told.value, told.evidence, told.evidence_ref)
    return Answer(told)
