"""Move leads through the funnel, lose them with reasons, win them, open them again."""

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal

from django.db import transaction

from crm.models import User
from crm.operations import audit
from funnels.models import Stage
from funnels.queries import reasons_of, won_stage
from funnels.rules.moves import Milestone, Outcome, Place, check_advance, check_is_open, check_loss, check_reopen
from leads.models import Lead, Transition, TransitionReason
from leads.operations import events, next_steps, sales
from leads.operations.desk import Desk
from leads.operations.states import Held, check_version
from leads.queries.derived import CLOSING
from leads.queries.stages import stage_by_code
from leads.rules.facts import Channel, TransitionKind
from leads.rules.times import effective_at, told_at


@transaction.atomic
def advance(
    *,
    lead: Lead,
    to: str,
    by: User | None,
    at: datetime,
    occurred_at: datetime | None = None,
    note: str = "",
    channel: Channel = Channel.PAGE,
    expected_version: int | None = None,
    desk: Desk | None = None,
) -> Transition:
    """Move an open lead to another stage of its funnel, named by code; stages may be skipped or returned to."""
    desk = desk or Desk()
    held = desk.hold(lead)
    lead = held.lead
    check_version(lead=lead, expected=expected_version)
    stage = desk.once(stage_by_code, funnel=lead.funnel, code=to)
    check_advance(outcome=Outcome(lead.outcome), here=_place(lead.stage), to=_place(stage))
    made = _write(held, TransitionKind.ADVANCE, stage, by=by, at=at, told=occurred_at, note=note, channel=channel)
    desk.done()
    return made


@transaction.atomic
def lose(
    *,
    lead: Lead,
    reasons: Sequence[str],
    by: User | None,
    at: datetime,
    note: str = "",
    occurred_at: datetime | None = None,
    channel: Channel = Channel.PAGE,
    expected_version: int | None = None,
    desk: Desk | None = None,
) -> Transition:
    """Lose an open lead at the stage where it is, for at least one of the reasons listed there.

    A reason that implies a failed criterion judges nothing: reasons are told by a salesperson, verdicts follow from
    answers, and the page shows where the two do not agree.
    """
    desk = desk or Desk()
    held = desk.hold(lead)
    lead = held.lead
    check_version(lead=lead, expected=expected_version)
    codes = list(dict.fromkeys(reasons))
    offered = {reason.code: reason for reason in desk.once(reasons_of, stage=lead.stage)}
    listed = {code: reason.needs_note for code, reason in offered.items()}
    names = {code: reason.name for code, reason in offered.items()}
    check_loss(outcome=Outcome(lead.outcome), reasons=codes, listed=listed, note=note, names=names)
    transition = _write(
        held,
        TransitionKind.LOSE,
        lead.stage,
        by=by,
        at=at,
        told=occurred_at,
        note=note,
        channel=channel,
        reasons=codes,
    )
    for code in codes:
        held.rows.add(TransitionReason(transition=transition, loss_reason=offered[code]))
    desk.done()
    return transition


@transaction.atomic
def win(
    *,
    lead: Lead,
    by: User | None,
    at: datetime,
    amount: Decimal | None = None,
    variable_cost: Decimal | None = None,
    occurred_at: datetime | None = None,
    note: str = "",
    channel: Channel = Channel.PAGE,
    expected_version: int | None = None,
    desk: Desk | None = None,
) -> Transition:
    """Win an open lead, and record the sale when an amount is given. The verdict stays what it is."""
    desk = desk or Desk()
    held = desk.hold(lead)
    lead = held.lead
    check_version(lead=lead, expected=expected_version)
    check_is_open(outcome=Outcome(lead.outcome))
    stage = desk.once(won_stage, funnel=lead.funnel)
    transition = _write(held, TransitionKind.WIN, stage, by=by, at=at, told=occurred_at, note=note, channel=channel)
    if amount is not None:
        kind = sales.next_kind(lead=lead)
        sales.record(
            lead=lead,
            amount=amount,
            kind=kind,
            by=by,
            at=at,
            occurred_at=occurred_at,
            variable_cost=variable_cost,
            desk=desk,
        )
    desk.done()
    return transition


@transaction.atomic
def reopen(
    *,
    lead: Lead,
    by: User | None,
    at: datetime,
    occurred_at: datetime | None = None,
    note: str = "",
    channel: Channel = Channel.PAGE,
    desk: Desk | None = None,
) -> Transition:
    """Open a closed lead again where it stood before it was closed; how and why it was closed stays told.

    What was received for a won lead is taken back: won once more, it would be counted twice.
    """
    desk = desk or Desk()
    held = desk.hold(lead)
    lead = held.lead
    check_reopen(outcome=Outcome(lead.outcome))
    closing = lead.transitions.select_related("from_stage").order_by("effective_at", "recorded_at", "id").last()
    stage = closing.from_stage if closing and closing.from_stage else lead.stage
    if lead.outcome == Outcome.WON:
        sales.take_back(lead=lead, by=by, at=at, occurred_at=occurred_at, desk=desk)
    made = _write(held, TransitionKind.REOPEN, stage, by=by, at=at, told=occurred_at, note=note, channel=channel)
    desk.done()
    return made


def _write(
    held: Held,
    kind: TransitionKind,
    stage: Stage,
    *,
    by: User | None,
    at: datetime,
    told: datetime | None,
    note: str,
    channel: Channel,
    reasons: Sequence[str] = (),
) -> Transition:
    here = held.lead.stage
    recorded_at = held.written_at(Transition, at=at)
    occurred_at = told_at(told=told, at=recorded_at)
    effective = effective_at(occurred_at=occurred_at, recorded_at=recorded_at)
    # Each move starts where the one before it ended, so none counts from before the one it follows.
    follows = (move.effective_at for move in held.facts(Transition))
    transition = Transition(
        lead=held.lead,
        kind=kind,
        channel=channel,
        from_stage=here,
        to_stage=stage,
        from_milestone=here.milestone,
        to_milestone=stage.milestone,
        note=note.strip(),
        by=by,
        occurred_at=occurred_at,
        recorded_at=recorded_at,
        effective_at=max(effective, *follows),
    )
    held.write(transition)
    held.settle(Transition)
    if kind in CLOSING and not held.is_new:
        next_steps.drop_open(lead=held.lead, by=by, at=at)
    changes = {"transition": transition.pk, "from": here.code, "to": stage.code, "channel": channel}
    if reasons:
        changes["reasons"] = list(reasons)
    audit.record(action=f"lead.{kind}", obj=held.lead, by=by, at=at, changes=changes, rows=held.rows)
    events.tell_moved(lead=held.lead, transition=transition, reasons=list(reasons), at=at, rows=held.rows)
    return transition


def _place(stage: Stage) -> Place:
    return Place(
        funnel_id=stage.funnel_id,
        position=stage.position,
        milestone=Milestone(stage.milestone),
        is_archived=stage.archived_at is not None,
    )
