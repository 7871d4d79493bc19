"""How far leads came: their moves, as known by an instant and an age, laid out into cells that add up."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple

from funnels.rules.moves import Milestone, Outcome
from leads.rules.facts import TransitionKind

MILESTONES: Final = tuple(Milestone)
RANKS: Final = {milestone: rank for rank, milestone in enumerate(MILESTONES)}
CLOSING: Final = {TransitionKind.WIN: Outcome.WON, TransitionKind.LOSE: Outcome.LOST}


class Move(NamedTuple):
    """One transition: its id, what it was, where it led and from which microsecond it counts."""

    pk: int
    kind: TransitionKind
    milestone: Milestone
    at: int


class Visit(NamedTuple):
    """A stay at a milestone; one that is not over has no end yet."""

    milestone: Milestone
    start: int
    end: int | None


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
    """How many visits of a group's leads to a milestone took alike long, or had taken when last seen.

    They lie in one bucket of a histogram, between two times in seconds.
    """

    group: str | None
    milestone: Milestone
    is_over: bool
    bucket: int
    shortest: float
    longest: float
    count: int


def journey(moves: Sequence[Move]) -> Journey:
    """Read the moves of one lead, in their turn.

    A stay ends with the move to another milestone, with a loss or with a win; a stage split in two is one milestone, so
    moving between its halves ends nothing. A lead opened again begins a new stay.
    """
    last = moves[-1] if moves else None
    outcome = CLOSING.get(last.kind, Outcome.OPEN) if last else Outcome.OPEN
    return Journey(
        touched=frozenset(move.milestone for move in moves),
        outcome=outcome,
        closed_by=last.pk if last and outcome is not Outcome.OPEN else None,
        visits=tuple(_visits(moves)),
    )


def _visits(moves: Sequence[Move]) -> Iterable[Visit]:
    entered: Move | None = None
    for move in moves:
        closes = move.kind in CLOSING
        if entered is not None and (closes or move.milestone is not entered.milestone):
            yield Visit(entered.milestone, entered.at, move.at)
            entered = None
        if entered is None and not closes:
            entered = move
    if entered is not None:
        yield Visit(entered.milestone, entered.at, None)


def milestones_shown(listed: Iterable[Milestone], cells: Iterable[JourneyCell]) -> list[Milestone]:
    """List, in their order, the milestones a funnel has now and those that leads were at before it was changed."""
    met = set(listed)
    for cell in cells:
        met |= cell.touched
    return [milestone for milestone in MILESTONES if milestone in met]
