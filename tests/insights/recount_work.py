"""The work of sales counted naively: every touch, act, move and promise is read and looked at in plain Python."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from statistics import median
from typing import Any
from zoneinfo import ZoneInfo

from crm.queries.organisation import settings_at
from insights.rules.slice import Slice
from insights.rules.stats import Step
from leads.models import Assessment, Lead, Touch
from leads.rules.evidence import MACHINE_EVIDENCE, PROVING_RESULTS, UNANSWERED
from leads.rules.times import BACKDATING
from tests.insights import recount
from tests.insights.recount import State

Facts = dict[str, Any]


def facts(state: State, slice: Slice, at: datetime) -> Facts:
    """Say of one lead everything that panel 6 counts."""
    lead, instant = state.lead, slice.as_of or at
    of_age = None if slice.age is None else lead.received_at + timedelta(days=slice.age)
    end = instant if of_age is None else min(instant, of_age)
    touches = [t for t in lead.touches.all() if _is_known(t.recorded_at, slice)]
    touches = [t for t in touches if of_age is None or t.occurred_at <= of_age]
    first = min((t.occurred_at for t in touches if _counts(t)), default=None)
    waited = max(((first or end) - lead.received_at).total_seconds() / 60, 0)
    return {
        "waited": waited,
        "never": first is None,
        "contacted": first is not None,
        "early": first is not None and first < lead.received_at,
        "within_5": first is not None and waited <= 5,
        "within_60": first is not None and waited <= 60,
        "first_in_time": first is not None and first <= lead.first_touch_due_at,
        "first_waiting": first is None and lead.first_touch_due_at >= end,
        "verdict_in_time": _decided_in_time(lead, slice, of_age),
        "verdict_waiting": state.verdict == "UNDECIDED" and state.timing != "overdue",
        "overdue": state.verdict == "UNDECIDED" and state.timing == "overdue",
        "part": _part(state, touches, slice, at),
        "attempts": len(_attempts(touches)),
        **_promised(lead, slice),
        **_tagged(lead, slice, of_age),
    }


def attempts(found: Sequence[Facts]) -> float | None:
    """Return the median of attempts at leads that nobody reached and that may be reached."""
    counts = [facts["attempts"] for facts in found if facts["part"] not in ("reached", "dead")]
    return median(counts) if counts else None


def percentile(steps: Sequence[Step], share: float) -> float | None:
    """Return the first time by which this share is finished, whatever floats make of a tenth."""
    return next((step.time for step in steps if step.left <= 1 - share + 1e-9), None)


def _is_known(recorded_at: datetime, slice: Slice) -> bool:
    return slice.as_of is None or recorded_at <= slice.as_of


def _counts(touch: Touch) -> bool:
    return touch.result == "reached" if touch.is_inbound else touch.actor == "human"


def _attempts(touches: Sequence[Touch]) -> list[Touch]:
    return [t for t in touches if not t.is_inbound and t.actor == "human" and t.result in UNANSWERED]


def _decided_in_time(lead: Lead, slice: Slice, of_age: datetime | None) -> bool:
    limit = lead.verdict_due_at if of_age is None else min(lead.verdict_due_at, of_age)
    act = recount.act_by(lead, slice.as_of, limit)
    return act is not None and act.verdict != "UNDECIDED"


def _part(state: State, touches: Sequence[Touch], slice: Slice, at: datetime) -> str:
    lead = state.lead
    of_age = None if slice.age is None else lead.received_at + timedelta(days=slice.age)
    act = recount.act_by(lead, slice.as_of, of_age)
    contact = lead.funnel.criteria.get(code="contact_valid").bit
    unreachable = act is not None and act.verdict == "NON_TARGET" and bool(act.fail_mask & 1 << contact)
    proofs = (
        {answer.evidence for answer in act.answers.all() if answer.result == "failed"} if act and unreachable else set()
    )
    if any(_counts(t) and t.result == "reached" for t in touches):
        return "reached"
    if any(t.result in PROVING_RESULTS for t in touches) or proofs & set(MACHINE_EVIDENCE):
        return "dead"
    if _is_enough(_attempts(touches), slice.as_of or at) or "attempts" in proofs:
        return "no_answer"
    if state.verdict != "UNDECIDED" and not unreachable:
        return "reached"
    return "under_worked" if state.timing == "overdue" else "waiting"


def _is_enough(tried: Sequence[Touch], instant: datetime) -> bool:
    agreed = settings_at(instant)
    zone = ZoneInfo(agreed.time_zone)
    days = {max(t.occurred_at, t.recorded_at - BACKDATING).astimezone(zone).date() for t in tried}
    return (
        len(tried) >= agreed.unreachable_attempts
        and len(days) >= agreed.unreachable_days
        and len({t.channel for t in tried}) >= agreed.unreachable_channels
    )


def _promised(lead: Lead, slice: Slice) -> Facts:
    moves = [move for move in lead.transitions.all() if _is_known(move.recorded_at, slice)]
    last = max(moves, key=lambda move: (move.effective_at, move.recorded_at, move.pk), default=None)
    is_open = last is None or last.kind not in ("win", "lose")
    steps = [step for step in lead.next_steps.all() if _is_known(step.created_at, slice)]
    standing = [step for step in steps if step.done_at is None or not _is_known(step.done_at, slice)]
    return {"open": is_open, "without_step": is_open and not standing}


def _tagged(lead: Lead, slice: Slice, of_age: datetime | None) -> Facts:
    known = [act for act in Assessment.objects.filter(lead=lead) if _is_known(act.recorded_at, slice)]
    tags = [
        act
        for act in known
        if act.verdict == "NON_TARGET" and act.kind != "audit" and (of_age is None or act.effective_at <= of_age)
    ]
    wrong = {act.supersedes_id for act in known if act.kind == "correct" and act.verdict != "NON_TARGET"}
    return {"tagged": bool(tags), "overturned": any(tag.pk in wrong for tag in tags)}
