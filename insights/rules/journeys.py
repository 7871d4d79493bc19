"""How far leads came: their moves, as known by an instant and an age, laid out into cells that add up."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final, NamedTuple

from funnels.rules.moves import Milestone, Outcome
from leads.rules.facts import TransitionKind

MILESTONES: Final = tuple(Milestone)
RANKS: Final = {milestone: rank for rank, milestone in enumerate(MILESTONES)}
CLOSING: Final = {TransitionKind.WIN: Outcome.WON, TransitionKind.LOSE: Outcome.LOST}
A_DAY: Final = 86_400


class Move(NamedTuple):
    """One transition: its id, what it was, where it led and from when it counts."""

    pk: int
    kind: TransitionKind
    milestone: Milestone
    at: datetime


class Visit(NamedTuple):
    """A stay at a milestone in days; one that is not over had lasted so long when it was last seen."""

    milestone: Milestone
    days: float
    is_over: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Journey:
    """One lead: the milestones it was at, how it stands, the move that closed it if it is closed, its visits."""

    touched: frozenset[Milestone]
    outcome: Outcome
    closed_by: int | None
    visits: tuple[Visit, ...]

    @property
    def furthest(self) -> Milestone:
        """The last milestone it ever reached; one it was moved back from stays reached."""
        return max(self.touched, key=RANKS.__getitem__, default=MILESTONES[0])


@dataclass(frozen=True, slots=True, kw_only=True)
class JourneyCell:
    """How many leads of a group were at these milestones, stand so, and were lost for these reasons."""

    group: str | None
    touched: frozenset[Milestone]
    outcome: Outcome
    reasons: frozenset[int]
    count: int

    @property
    def furthest(self) -> Milestone:
        return max(self.touched, key=RANKS.__getitem__, default=MILESTONES[0])


@dataclass(frozen=True, slots=True, kw_only=True)
class VisitCell:
    """How many visits of a group's leads to a milestone took so many days, or had taken when last seen."""

    group: str | None
    milestone: Milestone
    days: float
    is_over: bool
    count: int


def journey(moves: Sequence[Move], *, until: datetime) -> Journey:
    """Read the moves of one lead, in their turn, up to an instant.

    A stay ends with the move to another milestone, with a loss or with a win; a stage split in two is one milestone, so
    moving between its halves ends nothing. A lead opened again begins a new stay.
    """
    last = moves[-1] if moves else None
    outcome = CLOSING.get(last.kind, Outcome.OPEN) if last else Outcome.OPEN
    return Journey(
        touched=frozenset(move.milestone for move in moves),
        outcome=outcome,
        closed_by=last.pk if last and outcome is not Outcome.OPEN else None,
        visits=tuple(_visits(moves, until)),
    )


def _visits(moves: Sequence[Move], until: datetime) -> Iterable[Visit]:
    entered: Move | None = None
    for move in moves:
        closes = move.kind in CLOSING
        if entered is not None and (closes or move.milestone is not entered.milestone):
            yield Visit(entered.milestone, _days(entered.at, move.at), is_over=True)
            entered = None
        if entered is None and not closes:
            entered = move
    if entered is not None:
        yield Visit(entered.milestone, _days(entered.at, until), is_over=False)


def _days(start: datetime, end: datetime) -> float:
    """Tell how many days of 24 hours lie between two instants of UTC."""
    return max((end - start).total_seconds(), 0.0) / A_DAY


def journey_cells(journeys: Iterable[tuple[str | None, Journey, frozenset[int]]]) -> list[JourneyCell]:
    """Count journeys, each with its group and the reasons it was lost for."""
    counts = Counter((group, way.touched, way.outcome, reasons) for group, way, reasons in journeys)
    return [
        JourneyCell(group=group, touched=touched, outcome=outcome, reasons=reasons, count=count)
        for (group, touched, outcome, reasons), count in counts.items()
    ]


def visit_cells(journeys: Iterable[tuple[str | None, Journey]]) -> list[VisitCell]:
    """Count visits by group, milestone and time."""
    counts = Counter((group, visit) for group, way in journeys for visit in way.visits)
    return [
        VisitCell(group=group, milestone=visit.milestone, days=visit.days, is_over=visit.is_over, count=count)
        for (group, visit), count in counts.items()
    ]


def milestones_shown(listed: Iterable[Milestone], cells: Iterable[JourneyCell]) -> list[Milestone]:
    """List, in their order, the milestones a funnel has now and those that leads were at before it was changed."""
    met = set(listed)
    for cell in cells:
        met |= cell.touched
    return [milestone for milestone in MILESTONES if milestone in met]
