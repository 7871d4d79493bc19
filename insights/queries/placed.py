"""The states of leads by week and source, which all of a board's shares are laid out from.

What is kept of days is added up once in a process, under their stamps: what was counted of them never changes. Only
leads that still have time are looked at again.
"""

from bisect import bisect_left
from collections import Counter, defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final, NamedTuple
from uuid import UUID

from django.db.models import F
from django.db.models.functions import TruncWeek

from crm.queries.snapshot import once
from funnels.rules.verdict import Verdict
from insights.models.kept import LONG_AGO
from insights.queries.kept import days_of, kept_states
from insights.queries.scope import funnel_of, identify
from insights.queries.states import rows_of_leads, unpacked
from insights.rules.period import Week
from insights.rules.pick import Timing
from insights.rules.quality import Cell
from insights.rules.slice import GroupBy, Slice
from insights.rules.tally import moment

PASSED: Final = moment(LONG_AGO)
MOST: Final = 64
"""Slices remembered at a time, of a few thousand cells each."""


class State(NamedTuple):
    """Where leads came from and when, and how they stand."""

    week: str
    source: str
    verdict: Verdict
    timing: Timing | None
    fail_mask: int
    assessed_mask: int


GROUPS: Final[Mapping[GroupBy | None, Callable[[State], str | None]]] = {
    None: lambda _state: None,
    GroupBy.WEEK: lambda state: state.week,
    GroupBy.SOURCE: lambda state: state.source,
}
"""What leads that are placed may be laid out by."""


@dataclass(frozen=True, slots=True)
class _Known:
    """What is kept of a slice: cells by every group, and undecided leads, by state, with the moments they fall due."""

    settled: Mapping[GroupBy | None, Sequence[Cell]]
    waiting: Mapping[State, Sequence[int]]


NOTHING: Final = _Known(dict.fromkeys(GROUPS, ()), {})
_held: dict[tuple[object, ...], _Known] = {}


def placed(*, slice: Slice, at: datetime, by: GroupBy | None) -> Sequence[Cell]:
    """Count the valid leads of a slice whose days may be kept by week, by source or as a whole; cells may be alike."""
    settled, looked_at = once(_told, slice=slice, at=at)
    return [*settled[by], *_laid_out(looked_at, by)]


def forget_placed() -> None:
    """Have every slice read anew, as a process does that has just begun."""
    _held.clear()


def _told(*, slice: Slice, at: datetime) -> tuple[Mapping[GroupBy | None, Sequence[Cell]], Mapping[State, int]]:
    """Tell what is settled, and count what is looked at each time: leads with time yet, and those of changed days."""
    days = once(days_of, slice=slice)
    known = _known(slice, days.kept) if days.kept else NOTHING
    found: Counter[State] = Counter()
    for state, due in known.waiting.items():
        late = bisect_left(due, moment(at) or 0)
        found[state._replace(timing=Timing.OVERDUE)] += late
        found[state] += len(due) - late
    if days.others:
        groups = (TruncWeek("cohort_day"), F("source_id"))
        for week, source, timing, *told, n in rows_of_leads(slice=slice, at=at, groups=groups, days=days.others):
            found[_state(week, source, timing, told)] += n
    return known.settled, +found


def _known(slice: Slice, days: Mapping[date, UUID]) -> _Known:
    chosen = (
        tuple(identify(name="source", values=slice.sources)),
        tuple(identify(name="segment", values=slice.segments)),
    )
    key = (funnel_of(slice=slice).pk, slice.age, chosen, tuple(days.items()))
    known = _held.get(key)
    if known is None:
        if len(_held) >= MOST:
            _held.clear()
        known = _held[key] = _read(slice, days)
    return known


def _read(slice: Slice, days: Mapping[date, UUID]) -> _Known:
    found: defaultdict[tuple[Any, ...], list[tuple[int | None, int]]] = defaultdict(list)
    for *told, due, n in kept_states(slice=slice, days=days.keys()):
        found[tuple(told)].append((due, n))
    settled: Counter[State] = Counter()
    waiting: defaultdict[State, list[int]] = defaultdict(list)
    for (week, source, is_touched, *told), counts in found.items():
        state = _state(week, source, Timing.IN_SLA if is_touched else Timing.UNTOUCHED, told)
        for due, n in counts:
            if due is None:
                settled[state] += n
            elif due == PASSED:
                settled[state._replace(timing=Timing.OVERDUE)] += n
            else:
                waiting[state] += [due] * n
    return _Known({by: _laid_out(settled, by) for by in GROUPS}, {state: sorted(due) for state, due in waiting.items()})


def _laid_out(counts: Mapping[State, int], by: GroupBy | None) -> Sequence[Cell]:
    """Add up what is alike but for where it stands."""
    group_of = GROUPS[by]
    found: Counter[tuple[Any, ...]] = Counter()
    for state, n in counts.items():
        found[(group_of(state), *state[2:])] += n
    return [
        Cell(group=group, verdict=verdict, timing=timing, fail_mask=fail_mask, assessed_mask=assessed_mask, count=count)
        for (group, verdict, timing, fail_mask, assessed_mask), count in found.items()
    ]


def _state(week: date, source: int, timing: str, told: Sequence[Any]) -> State:
    verdict, fail_mask, assessed_mask = unpacked(told)
    waits_for = Timing(timing) if verdict is Verdict.UNDECIDED else None
    return State(Week.of(week).label, str(source), verdict, waits_for, fail_mask, assessed_mask)
