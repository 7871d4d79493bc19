"""Do one thing to many leads: each by the operation that does it to one, each by itself, all told."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from django.db import IntegrityError, transaction
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from crm.models import User
from crm.operations import audit
from crm.rules.errors import DomainError
from crm.rules.permissions import NotAllowed, Permission, Reach, reach
from funnels.queries import reasons_of
from leads.models import BulkRun, Lead
from leads.models.lead import LeadQuerySet
from leads.operations import assessments, moves, owners
from leads.operations.desk import Desk
from leads.queries.bulk import with_codes
from leads.rules.answers import Answer
from leads.rules.facts import AssessmentKind

MOST, MOST_OF_OWN = 1_000, 200
MOST_TOLD = 200  # signs of a refusal


class BulkAct(StrEnum):
    JUDGE = "judge"
    LOSE = "lose"
    ASSIGN = "assign"
    MOVE = "move"


NEEDS: Mapping[BulkAct, Permission] = {
    BulkAct.JUDGE: Permission.JUDGE_LEAD,
    BulkAct.LOSE: Permission.JUDGE_LEAD,
    BulkAct.ASSIGN: Permission.EDIT_LEAD,
    BulkAct.MOVE: Permission.EDIT_LEAD,
}


class TooMany(DomainError):
    """More leads than one person may change at once."""

    def __init__(self, *, most: int) -> None:
        message = format_lazy(_("At once you can change {most} leads at most. Narrow the list."), most=most)
        super().__init__("too_many", message)


class NoneChosen(DomainError):
    """An act upon nothing."""

    def __init__(self) -> None:
        super().__init__("none_chosen", _("No lead is chosen. Tick some in the list."))


class NoSuchLead(DomainError):
    """A lead that is not there, or not this person's to change."""

    def __init__(self) -> None:
        super().__init__("unknown_lead", _("There is no such lead."))


class SameOwner(DomainError):
    """Handing a lead to who has it already."""

    def __init__(self) -> None:
        super().__init__("same_owner", _("Nothing changes: the owner is the same."))


class RunOfSomebodyElse(DomainError):
    """One request id for two people's or two different acts."""

    def __init__(self) -> None:
        super().__init__("request_id_taken", _("This request id belongs to another act."))


@dataclass(frozen=True, slots=True, kw_only=True)
class Bulk:
    """What to do to each. `reasons` hold at every stage that lists them, `reasons_at` by stage at that one alone."""

    act: BulkAct
    answers: Mapping[str, Answer] = field(default_factory=dict)
    kind: AssessmentKind = AssessmentKind.ASSESS
    reasons: Sequence[str] = ()
    reasons_at: Mapping[int, Sequence[str]] = field(default_factory=dict)
    owner: User | None = None
    to: str = ""
    note: str = ""


@dataclass(frozen=True, slots=True)
class Result:
    """What became of one lead: `refusal` is empty when it was done."""

    code: str
    refusal: str


def most_of(*, by: User) -> int:
    """Tell how many leads a person may change at once."""
    granted = reach(by.role, Permission.BULK_ACT)
    if granted is Reach.NONE:
        raise NotAllowed
    return MOST_OF_OWN if granted is Reach.OWN else MOST


def reached(*, by: User, act: BulkAct) -> LeadQuerySet:
    """Select the leads a person may do this to, together with others."""
    leads = LeadQuerySet(Lead).visible_to(by).reached(by, Permission.BULK_ACT)
    return leads.reached(by, NEEDS[act])


def preview(*, codes: Sequence[str], bulk: Bulk, by: User, at: datetime) -> list[Result]:
    """Tell what would become of each: everything is done, told and taken back, so no rule is left out."""
    _check(codes, by)
    with transaction.atomic():
        results = _done(codes, bulk, by, at=at)
        transaction.set_rollback(True)
    return results


def run(*, codes: Sequence[str], bulk: Bulk, by: User, at: datetime, request_id: UUID) -> BulkRun:
    """Do it to each; those that are refused stay as they are. A repeated request finds what it has done."""
    _check(codes, by)
    try:
        with transaction.atomic():
            made = BulkRun.objects.create(request_id=request_id, act=bulk.act, by=by, at=at)
            results = _done(codes, bulk, by, at=at)
            made.results = [[result.code, result.refusal] for result in results]
            made.save(update_fields=["results"])
            done = sum(not result.refusal for result in results)
            changes = {"act": bulk.act, "done": done, "refused": len(results) - done}
            audit.record(action="lead.bulk", obj=made, by=by, at=at, changes=changes)
            return made
    except IntegrityError:
        before = BulkRun.objects.filter(request_id=request_id).first()
        if before is None:
            raise
        if (before.by_id, before.act) != (by.pk, bulk.act):
            raise RunOfSomebodyElse from None
        return before


def _check(codes: Sequence[str], by: User) -> None:
    most = most_of(by=by)
    if not codes:
        raise NoneChosen
    if len(codes) > most:
        raise TooMany(most=most)


def _done(codes: Sequence[str], bulk: Bulk, by: User, *, at: datetime) -> list[Result]:
    """Try each in a savepoint of its own, in the order of their numbers: two runs that meet never wait crosswise."""
    known = {lead.code: lead for lead in _leads(codes, bulk.act, by)}
    refusals = dict.fromkeys(dict.fromkeys(codes), "")
    desk = Desk()
    for code in sorted(refusals, key=lambda code: known[code].pk if code in known else 0):
        try:
            if code not in known:
                raise NoSuchLead
            with transaction.atomic():
                ACTS[bulk.act](known[code], bulk, by, at, desk)
        except DomainError as refusal:
            desk.clear()
            refusals[code] = str(refusal)[:MOST_TOLD]
    return [Result(code, refusal) for code, refusal in refusals.items()]


def _leads(codes: Sequence[str], act: BulkAct, by: User) -> list[Lead]:
    leads = with_codes(leads=reached(by=by, act=act), codes=codes)
    return list(leads.select_related("funnel", "source", "stage").order_by())


def _judge(lead: Lead, bulk: Bulk, by: User, at: datetime, desk: Desk) -> None:
    assessments.judge(lead=lead, answers=bulk.answers, kind=bulk.kind, by=by, at=at, note=bulk.note, desk=desk)


def _lose(lead: Lead, bulk: Bulk, by: User, at: datetime, desk: Desk) -> None:
    """Lose for what is told of the lead's own stage, and for those of the reasons of all stages that it lists."""
    listed = {reason.code for reason in desk.once(reasons_of, stage=lead.stage)}
    here = [*bulk.reasons_at.get(lead.stage_id, ()), *(code for code in bulk.reasons if code in listed)]
    moves.lose(lead=lead, reasons=here or bulk.reasons, note=bulk.note, by=by, at=at, desk=desk)


def _assign(lead: Lead, bulk: Bulk, by: User, at: datetime, _desk: Desk) -> None:
    if owners.assign(lead=lead, owner=bulk.owner, by=by, at=at) is None:
        raise SameOwner


def _move(lead: Lead, bulk: Bulk, by: User, at: datetime, desk: Desk) -> None:
    moves.advance(lead=lead, to=bulk.to, note=bulk.note, by=by, at=at, desk=desk)


ACTS: Mapping[BulkAct, Callable[[Lead, Bulk, User, datetime, Desk], None]] = {
    BulkAct.JUDGE: _judge,
    BulkAct.LOSE: _lose,
    BulkAct.ASSIGN: _assign,
    BulkAct.MOVE: _move,
}
