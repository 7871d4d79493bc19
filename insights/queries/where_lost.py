"""Where and why leads are lost: all that one panel says, from one reading of the moves."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from funnels.rules.moves import Milestone
from insights.queries.answers import answer
from insights.queries.flow import closed_cells
from insights.queries.journeys import journeys, reasons_known, stages_known
from insights.queries.throughput import win_rates
from insights.rules.durations import Duration, durations
from insights.rules.flow import WinRates
from insights.rules.journeys import milestones_shown
from insights.rules.losses import Level, LossCount, Reason, losses
from insights.rules.slice import Slice
from insights.rules.stages import Step, steps


@dataclass(frozen=True, slots=True, kw_only=True)
class WhereLost:
    """The steps of a slice, what was lost at each, how long leads stay there, and both shares of won leads.

    The leads are those of `slice`; those closed are of the days of `closed_slice`, which need not be ripe.
    """

    slice: Slice
    closed_slice: Slice
    steps: Sequence[Step]
    losses: Mapping[Level, Sequence[LossCount]]
    durations: Mapping[Milestone, Duration]
    wins: WinRates
    names: Mapping[str, str]
    reasons: Mapping[str, Reason]

    @property
    def n(self) -> int:
        return self.steps[0].n if self.steps else 0


def where_lost(*, slice: Slice, closed_slice: Slice, at: datetime) -> WhereLost:
    """Read the moves of a slice once and count everything from them."""
    known = stages_known(slice=slice)
    counted = answer(journeys, slice=slice, at=at, by=None)
    reasons = reasons_known(slice=slice)
    shown = milestones_shown(known.listed, counted.journeys)
    return WhereLost(
        slice=slice,
        closed_slice=closed_slice,
        steps=steps(counted.journeys, shown),
        losses={level: losses(counted.journeys, shown, reasons, level) for level in Level},
        durations={stay.milestone: stay for stay in durations(counted.visits, shown)},
        wins=win_rates(answer(closed_cells, slice=closed_slice, at=at, by=None), counted.journeys),
        names=known.names,
        reasons={reason.code: reason for reason in reasons.values()},
    )
