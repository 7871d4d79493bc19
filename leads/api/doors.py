"""How a program's request becomes a row, whose source it is, and which lead it speaks of."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from http import HTTPStatus

import msgspec
from django.http import Http404
from django.utils.translation import gettext as _
from rest_framework import exceptions

from crm.api.errors import Problem, problem_of
from crm.models import Actor, ApiKey, User
from crm.operations.idempotency import Answer, Draft
from crm.queries.agreements import Memory
from crm.rules.errors import DomainError
from crm.rules.permissions import Permission
from funnels.queries import funnel_named
from leads.api import shown
from leads.api.shapes import LeadIn
from leads.intake.row import IntakeRow
from leads.models import Lead
from leads.operations import arrivals, dictionaries, submissions
from leads.operations.arrivals import Arrival, Received
from leads.operations.desk import Desk
from leads.queries import presentation
from leads.rules.facts import Channel


class SourceIsNotYours(exceptions.PermissionDenied):
    """A source the key is not for."""

    default_code = "source_not_allowed"

    def __init__(self, *, sources: list[str]) -> None:
        super().__init__(_("This key is for other sources: {sources}.").format(sources=", ".join(sources)))


def lead_or_404(*, code: str, actor: Actor, permission: Permission = Permission.READ_LEADS) -> Lead:
    """Find a lead as far as the permission goes; what is beyond it does not exist."""
    lead = presentation.lead_by_code(code=code, actor=actor, permission=permission)
    if lead is None:
        raise Http404
    return lead


def lead_to_act_on(*, code: str, actor: Actor, permission: Permission) -> Lead:
    """Find a lead to act upon as far as the permission goes."""
    lead = presentation.lead_to_act_on(code=code, actor=actor, permission=permission)
    if lead is None:
        raise Http404
    return lead


@contextmanager
def refusals_kept(*, body: bytes, actor: Actor, at: datetime) -> Iterator[None]:
    """Keep a body that makes no lead, beside telling its sender why; used outside of what a refusal takes back."""
    try:
        yield
    except (exceptions.APIException, DomainError) as refusal:
        keep_refused(body=body, problem=problem_of(refusal), actor=actor, at=at)
        raise


def keep_refused(*, body: bytes, problem: Problem, actor: Actor, at: datetime) -> None:
    """Keep a body beside the problem its sender is told."""
    detail = "; ".join(f"{error['pointer']}: {error['message']}" for error in problem.errors) or problem.detail
    key = actor if isinstance(actor, ApiKey) else None
    submissions.keep_refused(body=body, code=problem.code, detail=detail, key=key, at=at)


def require_a_name(*, actor: Actor, external_id: str | None, key: str | None) -> None:
    """Refuse a program's lead that a retry could not be known by."""
    if isinstance(actor, ApiKey) and not external_id and not key:
        message = _("Send an Idempotency-Key header or an external_id, so that a retry is not a second lead.")
        raise exceptions.ParseError(message, "idempotency_required")


@dataclass(frozen=True, slots=True)
class Push:
    """A request that a program or a person sends."""

    told: LeadIn
    actor: Actor
    at: datetime
    body: bytes

    def arrival(self, desk: Desk) -> Arrival:
        """Prepare it to be taken in at a desk. Raises what its funnel or source is refused for."""
        raw = msgspec.json.decode(self.body)
        return Arrival(
            row=_row(self.told, source=_source(self.told.source or "", self.actor, desk), raw=raw),
            funnel=desk.once(funnel_named, code=self.told.funnel or ""),
            by=self.actor if isinstance(self.actor, User) else None,
            at=self.at,
            channel=Channel.API,
            raw=raw,
            desk=desk,
        )

    def draft(self, memory: Memory) -> Draft | None:
        """Draft the answer to a request that is news in every respect; None when it is to be taken in with care."""
        desk = Desk(memory=memory, gathers=True)
        try:
            news = arrivals.news_among([self.arrival(desk)])
            return Draft(answer_to(arrivals.take_in_news(news[0])), desk.rows) if news else None
        except (DomainError, exceptions.APIException):
            return None  # it may have been answered before; if not, it is refused when it is taken in with care

    def take_in(self) -> Answer:
        """Take it in with care; what is refused is kept by `refusals_kept`, outside of the transaction."""
        return answer_to(arrivals.receive_arrival(self.arrival(Desk(gathers=True)), keeps_refused=False))


def answer_to(received: Received) -> Answer:
    """Write the answer: 201 when the request is new or a repeat, 200 when it was known."""
    status = HTTPStatus.OK if received.outcome == "existing" else HTTPStatus.CREATED
    return Answer(status, msgspec.json.encode(shown.receipt(received=received)).decode())


def _source(told: str, actor: Actor, desk: Desk) -> str:
    """Settle the source: a key bound to one brings it along, and none may name another's."""
    if not isinstance(actor, ApiKey) or not actor.sources:
        return told
    if not told and len(actor.sources) == 1:
        return str(actor.sources[0])
    meant = None if told in actor.sources else desk.once(dictionaries.source_meant, name=told)
    if told not in actor.sources and (meant is None or meant.code not in actor.sources):
        raise SourceIsNotYours(sources=actor.sources)
    return told


def _row(told: LeadIn, *, source: str, raw: Mapping[str, object]) -> IntakeRow:
    return IntakeRow(
        external_id=told.external_id or "",
        source=source,
        first_source=told.first_source or "",
        last_source=told.last_source or "",
        campaign=told.campaign or "",
        segment=told.segment or "",
        name=told.name or "",
        company=told.company or "",
        phone=told.phone or "",
        email=told.email or "",
        message=told.message or "",
        owner=told.owner or "",
        received_at=told.received_at,
        utm=told.utm,
        attributes=told.attributes,
        is_test=told.is_test,
        raw=raw,
    )
