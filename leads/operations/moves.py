"""Move leads through the funnel, lose them with reasons, win them, open them again."""

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal

from django.db import transaction
from django.db.models import Max

from crm.models import User
from crm.operations import audit
from funnels.models import Stage
from funnels.queries import reasons_of, won_stage
from funnels.rules.moves import Milestone, Outcome, Place, check_advance, check_is_open, check_loss, check_reopen
from leads.models import Lead, Transition, TransitionReason
from leads.operations import sales, states
from leads.queries.consistency import place_of
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
) -> Transition:
    """Move an open lead to another stage of its funnel, named by code; stages may be skipped or returned to."""
    lead = states.lock(lead=lead)
    stage = stage_by_code(funnel=lead.funnel, code=to)
    check_advance(outcome=Outcome(lead.outcome), here=_place(lead.stage), to=_place(stage))
    return _write(lead, TransitionKind.ADVANCE, stage, by=by, at=at, told=occurred_at, note=note, channel=channel)


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
) -> Transition:
    """Lose an open lead at the stage where it is, for at least one of the reasons listed there.

    A reason that implies a failed criterion judges nothing: reasons are told by a salesperson, verdicts follow from
    answers, and the page shows where the two do not agree.
    """
    lead = states.lock(lead=lead)
    codes = list(dict.fromkeys(reasons))
    offered = {reason.code: reason for reason in reasons_of(stage=lead.stage)}
    listed = {code: reason.needs_note for code, reason in offered.items()}
    check_loss(outcome=Outcome(lead.outcome), reasons=codes, listed=listed, note=note)
    transition = _write(
        lead,
        TransitionKind.LOSE,
        lead.stage,
        by=by,
        at=at,
        told=occurred_at,
        note=note,
        channel=channel,
        reasons=codes,
    )
    TransitionReason.objects.bulk_create(
        TransitionReason(transition=transition, loss_reason=offered[code]) for code in codes
    )
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
) -> Transition:
    """Win an open lead, and record the sale when an amount is given. The verdict stays what it is."""
    lead = states.lock(lead=lead)
    check_is_open(outcome=Outcome(lead.outcome))
    stage = won_stage(funnel=lead.funnel)
    transition = _write(lead, TransitionKind.WIN, stage, by=by, at=at, told=occurred_at, note=note, channel=channel)
    if amount is not None:
        kind = sales.next_kind(lead=lead)
        sales.record(
            lead=lead, amount=amount, kind=kind, by=by, at=at, occurred_at=occurred_at, variable_cost=variable_cost
        )
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
) -> Transition:
    """Open a closed lead again where it stood before it was closed; how and why it was closed stays told."""
    lead = states.lock(lead=lead)
    check_reopen(outcome=Outcome(lead.outcome))
    closing = lead.transitions.select_related("from_stage").order_by("effective_at", "recorded_at", "id").last()
    stage = closing.from_stage if closing and closing.from_stage else lead.stage
    return _write(lead, TransitionKind.REOPEN, stage, by=by, at=at, told=occurred_at, note=note, channel=channel)


def _write(
    lead: Lead,
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
    here = lead.stage
    recorded_at = states.written_at(lead=lead, facts=lead.transitions.all(), at=at)
    occurred_at = told_at(told=told, at=recorded_at)
    effective = effective_at(occurred_at=occurred_at, recorded_at=recorded_at)
    # Each move starts where the one before it ended, so none counts from before the one it follows.
    follows: datetime | None = lead.transitions.aggregate(latest=Max("effective_at"))["latest"]
    transition = Transition.objects.create(
        lead=lead,
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
        effective_at=max(effective, follows or effective),
    )
    states.settle(lead=lead, part=place_of)
    changes = {"transition": transition.pk, "from": here.code, "to": stage.code, "channel": channel}
    if reasons:
        changes["reasons"] = list(reasons)
    audit.record(action=f"lead.{kind}", obj=lead, by=by, at=at, changes=changes)
    return transition


def _place(stage: Stage) -> Place:
    return Place(
        funnel_id=stage.funnel_id,
        position=stage.position,
        milestone=Milestone(stage.milestone),
        is_archived=stage.archived_at is not None,
    )
