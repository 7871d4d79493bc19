"""The numbers of the funnel counted naively: every move is read into memory and looked at in plain Python."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from fractions import Fraction

from funnels.rules.moves import Milestone
from insights.rules.slice import GroupBy, Slice
from leads.models import Lead, Transition
from tests.insights import recount

ORDER = [milestone.value for milestone in Milestone]


@dataclass(frozen=True)
class Way:
    """One counted lead: the moves known of it, in their turn."""

    lead: Lead
    moves: list[Transition]
    until: datetime

    @property
    def furthest(self) -> int:
        return max(ORDER.index(move.to_milestone) for move in self.moves)

    @property
    def standing(self) -> str:
        return {"lose": "lost", "win": "won"}.get(self.moves[-1].kind, "open")

    @property
    def reasons(self) -> set[str]:
        return {reason.code for reason in self.moves[-1].reasons.all()} if self.standing == "lost" else set()

    def visits(self) -> list[tuple[str, float, bool]]:
        """List milestone, days and whether it is over, of each stay."""
        days = timedelta(days=1)
        stays: list[tuple[str, float, bool]] = []
        since: datetime | None = None
        for move, following in zip(self.moves, [*self.moves[1:], None], strict=True):
            if move.kind in ("lose", "win"):
                continue
            since = since or move.effective_at
            stays_on = following is not None and following.to_milestone == move.to_milestone
            if following is not None and stays_on and following.kind not in ("lose", "win"):
                continue
            end = self.until if following is None else following.effective_at
            stays.append((move.to_milestone, max((end - since) / days, 0.0), following is not None))
            since = None
        return stays


def ways(slice: Slice, at: datetime, by: GroupBy | None) -> dict[str, list[Way]]:
    """Read how each counted lead went, by group."""
    groups = recount.by_group(recount.states(slice, at), by, slice)
    return {group: [_way(state.lead, slice, at) for state in states] for group, states in groups.items()}


def steps(found: Sequence[Way], milestones: Iterable[str]) -> list[tuple[int, int, int, int, int]]:
    """Count reached, touched, lost, open and won at each milestone."""
    rows = []
    for milestone in milestones:
        rank = ORDER.index(milestone)
        stopped = Counter(way.standing for way in found if way.furthest == rank)
        touched = sum(any(move.to_milestone == milestone for move in way.moves) for way in found)
        reached = sum(way.furthest >= rank for way in found)
        rows.append((reached, touched, stopped["lost"], stopped["open"], stopped["won"]))
    return rows


def loss(found: Sequence[Way], milestone: str, code: str) -> tuple[int, int, Fraction]:
    """Count lost from a milestone for a reason, for it alone, and in equal parts."""
    named = [way.reasons for way in found if way.furthest == ORDER.index(milestone) and code in way.reasons]
    shares = (Fraction(1, len(reasons)) for reasons in named)
    return len(named), sum(len(reasons) == 1 for reasons in named), sum(shares, Fraction())


def open_at(instant: datetime, slice: Slice, at: datetime) -> int:
    """Count the leads of a slice, whenever they came, that were open at an instant, as far as is known now."""
    count = 0
    for state in recount.states(Slice(funnel=slice.funnel, as_of=slice.as_of), at):
        moves = [move for move in _known(state.lead, slice.as_of) if move.effective_at < instant]
        count += bool(moves) and moves[-1].kind not in ("lose", "win")
    return count


def closed(slice: Slice, at: datetime, start: datetime, end: datetime) -> Counter[str]:
    """Count the leads whose last closing still holds and lies between two instants, by outcome."""
    counts: Counter[str] = Counter()
    for state in recount.states(Slice(funnel=slice.funnel, as_of=slice.as_of), at):
        last = _known(state.lead, slice.as_of)[-1]
        if last.kind in ("lose", "win") and start <= last.effective_at < end:
            counts[last.kind] += 1
    return counts


def _way(lead: Lead, slice: Slice, at: datetime) -> Way:
    until = slice.as_of or at
    moves = _known(lead, slice.as_of)
    if slice.age is not None:
        of_age = lead.received_at + timedelta(days=slice.age)
        until = min(until, of_age)
        moves = [move for move in moves if move.effective_at <= of_age]
    return Way(lead, moves, until)


def _known(lead: Lead, as_of: datetime | None) -> list[Transition]:
    moves = [move for move in lead.transitions.all() if as_of is None or move.recorded_at <= as_of]
    return sorted(moves, key=lambda move: (move.effective_at, move.recorded_at, move.pk))
