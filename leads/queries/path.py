"""The stages of a lead's way, with the time it has spent at each."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.utils.timesince import timesince

from funnels.models import Stage
from funnels.rules.moves import OUTCOME_LABELS, Outcome
from leads.models import Lead
from leads.queries.derived import CLOSING
from leads.rules.facts import TransitionKind
from leads.rules.path import Passage, Spent, time_at_stages

UNITS = 2  # days and hours, hours and minutes


@dataclass(frozen=True, slots=True)
class Step:
    """A stage on the lead's path; `spent` is in words, empty where it has never stood."""

    code: str
    name: str
    is_here: bool
    is_behind: bool
    is_offered: bool
    spent: str = ""
    visits: int = 0
    is_running: bool = False


def path_of(*, lead: Lead, offered: Sequence[Stage], at: datetime) -> list[Step]:
    """Lay out the stages in their order: those it has stood at and those offered; a closed lead ends with how."""
    moves = list(lead.transitions.select_related("to_stage").order_by("effective_at", "recorded_at", "id"))
    passages = [
        Passage(move.to_stage_id, move.effective_at, is_closing=TransitionKind(move.kind) in CLOSING) for move in moves
    ]
    spent = time_at_stages(moves=passages, at=at)
    stages = {stage.pk: stage for stage in (*offered, *(move.to_stage for move in moves), lead.stage)}
    may_go = {stage.pk for stage in offered}
    steps = [
        _step(stage, lead, spent.get(stage.pk), at=at, is_offered=stage.pk in may_go)
        for stage in sorted(stages.values(), key=lambda stage: (stage.position, stage.pk))
    ]
    if lead.outcome == Outcome.LOST:
        steps.append(Step("", str(OUTCOME_LABELS[Outcome.LOST]), is_here=False, is_behind=False, is_offered=False))
    return steps


def _step(stage: Stage, lead: Lead, spent: Spent | None, *, at: datetime, is_offered: bool) -> Step:
    is_told = spent is not None and (spent.time or spent.is_running)
    return Step(
        stage.code,
        stage.name,
        is_here=stage.pk == lead.stage_id,
        is_behind=stage.position < lead.stage.position,
        is_offered=is_offered,
        spent=timesince(at - spent.time, at, depth=UNITS) if spent and is_told else "",
        visits=spent.visits if spent else 0,
        is_running=spent is not None and spent.is_running,
    )
