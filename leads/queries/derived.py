"""What the facts of one lead say, each kind of fact by itself.

Operations write these very values on the Lead row; `check_facts` compares them.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from funnels.rules.moves import Outcome
from funnels.rules.verdict import Verdict
from leads.models import Assessment, OwnerChange, Touch, Transition
from leads.rules.facts import AssessmentKind, TouchActor, TouchResult, TransitionKind

Values = Mapping[str, object]

CLOSING = {TransitionKind.WIN: Outcome.WON, TransitionKind.LOSE: Outcome.LOST}


def act_in_force(acts: Iterable[Assessment], *, at: datetime | None = None) -> Assessment | None:
    """Pick the assessment in force now, or the one that was in effect at an instant.

    It is the greatest (effective, recorded, id) of those that are no audits.
    """
    counted = (act for act in acts if act.kind != AssessmentKind.AUDIT and (at is None or act.effective_at <= at))
    return max(counted, key=_turn, default=None)


def state(acts: Iterable[Assessment]) -> Values:
    """Derive verdict and masks from the assessment in force."""
    act = act_in_force(acts)
    return {
        "definition_id": act.definition_id if act else None,
        "verdict": act.verdict if act else Verdict.UNDECIDED.value,
        "verdict_at": act.effective_at if act else None,
        "fail_mask": act.fail_mask if act else 0,
        "soft_fail_mask": act.soft_fail_mask if act else 0,
        "assessed_mask": act.assessed_mask if act else 0,
    }


def place(moves: Iterable[Transition]) -> Values:
    """Derive stage and outcome from the last transition. A lost lead stays where it was lost."""
    in_turn = sorted(moves, key=_turn)
    last = in_turn[-1] if in_turn else None
    outcome = CLOSING.get(TransitionKind(last.kind), Outcome.OPEN) if last else Outcome.OPEN
    return {
        "stage_id": last.to_stage_id if last else None,
        "stage_since_at": _came(in_turn),
        "outcome": outcome.value,
        "outcome_at": last.effective_at if last and outcome is not Outcome.OPEN else None,
    }


def _came(moves: Sequence[Transition]) -> datetime | None:
    """Tell when the lead came to the stage where it is; being lost there or opened again there is no coming."""
    since = None
    stage_id = None
    for move in moves:
        if move.to_stage_id != stage_id:
            stage_id, since = move.to_stage_id, move.effective_at
    return since


def first_touch(touches: Iterable[Touch]) -> Values:
    """Derive the first attempt of a person, or the first request from the other side that was answered."""
    counted = (
        touch.occurred_at
        for touch in touches
        if (touch.result == TouchResult.REACHED if touch.is_inbound else touch.actor == TouchActor.HUMAN)
    )
    return {"first_touch_at": min(counted, default=None)}


def owner(changes: Iterable[OwnerChange]) -> Values:
    """Derive who answers for the lead."""
    last = max(changes, key=lambda change: (change.recorded_at, change.pk), default=None)
    return {"owner_id": last.owner_id if last else None}


# Which kind of facts says what; the ties between leads are told by the facts of several leads at once.
DERIVED: Mapping[type[Any], Callable[[Iterable[Any]], Values]] = {
    Assessment: state,
    Transition: place,
    Touch: first_touch,
    OwnerChange: owner,
}


def _turn(fact: Assessment | Transition) -> tuple[datetime, datetime, int]:
    return fact.effective_at, fact.recorded_at, fact.pk
