"""The states of leads by week and source, which all of a board's shares are laid out from.

What is kept of days is added up once in a process, under their stamps: what was counted of them never changes. Only
leads that still have time are looked at again.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from django.db.models import F
from django.db.models.functions import TruncWeek

from crm.queries.snapshot import once
from insights.models.kept import LONG_AGO
from insights.queries.kept import Days, days_of, kept_states
from insights.queries.scope import funnel_of
from insights.queries.states import cell_of, rows_of_leads
from insights.rules.period import Week
from insights.rules.pick import Timing
from insights.rules.quality import Cell
from insights.rules.slice import Slice

MOST: Final = 64
"""Slices remembered at a time, of a few thousand cells each."""


@dataclass(frozen=True, slots=True)
class Placed:
    """A cell of a week's label and a source's primary key."""

    week: str
    source: str
    cell: Cell


@dataclass(frozen=True, slots=True)
class _Waiting:
    """Undecided leads that fall due at an instant; till then they wait for `before`."""

    due_at: datetime
    before: Placed
    after: Placed


_held: dict[tuple[object, ...], tuple[Sequence[Placed], Sequence[_Waiting]]] = {}


def placed(*, slice: Slice, at: datetime) -> Sequence[Placed]:
    """Count the valid leads of a slice whose days may be kept by week and source."""
    days = once(days_of, slice=slice)
    found = _kept(slice, at, days) if days.kept else []
    if days.others:
        groups = (TruncWeek("cohort_day"), F("source_id"))
        rows = rows_of_leads(slice=slice, at=at, groups=groups, days=days.others)
        found += [_placed(week, source, timing, state, n) for week, source, timing, *state, n in rows]
    return found


def forget_placed() -> None:
    """Have every slice read anew, as a process does that has just begun."""
    _held.clear()


def _kept(slice: Slice, at: datetime, days: Days) -> list[Placed]:
    key = (funnel_of(slice=slice).pk, slice.age, slice.sources, slice.segments, tuple(days.kept.items()))
    known = _held.get(key)
    if known is None:
        if len(_held) >= MOST:
            _held.clear()
        known = _held[key] = _read(slice, days)
    settled, waiting = known
    return [*settled, *(one.after if one.due_at < at else one.before for one in waiting)]


def _read(slice: Slice, days: Days) -> tuple[Sequence[Placed], Sequence[_Waiting]]:
    settled, waiting = [], []
    for week, source, is_touched, due_at, *state, n in kept_states(slice=slice, days=days.kept):
        before = _placed(week, source, Timing.IN_SLA if is_touched else Timing.UNTOUCHED, state, n)
        if due_at is None:
            settled.append(before)
            continue
        after = _placed(week, source, Timing.OVERDUE, state, n)
        if due_at == LONG_AGO:
            settled.append(after)
        else:
            waiting.append(_Waiting(due_at, before, after))
    return settled, waiting


def _placed(week: Any, source: int, timing: str, state: Sequence[Any], n: int) -> Placed:
    return Placed(Week.of(week).label, str(source), cell_of(None, None, timing, state, n))
