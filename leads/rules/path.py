"""How long a lead has stood at each stage, from its moves alone."""

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta


@dataclass(frozen=True, slots=True)
class Passage:
    """One move: the stage a lead is at after it, from when, and whether it closed the lead."""

    stage: Hashable
    at: datetime
    is_closing: bool = False


@dataclass(frozen=True, slots=True)
class Spent:
    """The time at one stage over all visits; a visit that has not ended runs on."""

    time: timedelta
    visits: int
    is_running: bool


def time_at_stages(*, moves: Sequence[Passage], at: datetime) -> Mapping[Hashable, Spent]:
    """Add up the time at each stage over moves in their turn, until an instant.

    Nothing passes while a lead is closed. One opened again where it was lost goes on with the same visit.
    """
    spent: dict[Hashable, Spent] = {}
    before: Passage | None = None
    for number, move in enumerate(moves):
        is_last = number + 1 == len(moves)
        until = at if is_last else moves[number + 1].at
        known = spent.get(move.stage, Spent(timedelta(0), 0, is_running=False))
        spent[move.stage] = Spent(
            time=known.time + (timedelta(0) if move.is_closing else max(until - move.at, timedelta(0))),
            visits=known.visits + (before is None or before.stage != move.stage),
            is_running=is_last and not move.is_closing,
        )
        before = move
    return spent
