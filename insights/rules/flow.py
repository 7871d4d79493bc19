"""What happened within a period, whichever leads it happened to (B2, and B5 by the day of closing).

These counts are never divided by each other: those lost this week came in other weeks.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from django.utils.translation import gettext_lazy as _

from funnels.rules.moves import Milestone
from insights.rules.columns import Column, Format
from insights.rules.ratio import Ratio

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise


class Event(StrEnum):
    """What may happen to a lead."""

    CREATED = "created"
    MOVED = "moved"
    WON = "won"
    LOST = "lost"
    REOPENED = "reopened"
    TARGET = "target"
    NON_TARGET = "non_target"


class What(StrEnum):
    """What a row of the table counts: an event, or how many were open when the period began and ended."""

    OPEN_START = "open_start"
    CREATED = "created"
    REOPENED = "reopened"
    WON = "won"
    LOST = "lost"
    OPEN_END = "open_end"
    TARGET = "target"
    NON_TARGET = "non_target"
    MOVED = "moved"


@dataclass(frozen=True, slots=True, kw_only=True)
class FlowCell:
    """How often something happened to leads of a group, within the period or before it; moves by where they led."""

    group: str | None
    event: Event
    is_before: bool
    count: int
    milestone: Milestone | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class FlowCount:
    """A row: what is counted, where a move led, how often."""

    what: What
    milestone: Milestone | None
    count: int

    @property
    def n(self) -> int:
        return self.count


@dataclass(frozen=True, slots=True, kw_only=True)
class Flow:
    """A period: open at start + created + reopened − won − lost = open at end; and what was judged meanwhile."""

    open_start: int
    events: Counter[Event]
    moved: Counter[Milestone]

    @property
    def closed(self) -> int:
        return self.events[Event.WON] + self.events[Event.LOST]

    @property
    def open_end(self) -> int:
        return self.open_start + self.events[Event.CREATED] + self.events[Event.REOPENED] - self.closed

    def counts(self, milestones: Sequence[Milestone]) -> list[FlowCount]:
        """Lay the period out in rows; moves to the milestones given, in their order."""
        happened = {What(event.value): self.events[event] for event in Event if event is not Event.MOVED}
        found = happened | {What.OPEN_START: self.open_start, What.OPEN_END: self.open_end}
        rows = [FlowCount(what=what, milestone=None, count=found[what]) for what in What if what in found]
        return rows + [
            FlowCount(what=What.MOVED, milestone=milestone, count=self.moved[milestone]) for milestone in milestones
        ]


@dataclass(frozen=True, slots=True, kw_only=True)
class WinRates:
    """Two shares of won leads that answer two questions, so neither stands alone.

    `won_closed` of `closed`: of the leads closed within the period. `won` of `qualified`: of the leads that came within
    it and were qualified by the age.
    """

    won_closed: int
    closed: int
    won: int
    qualified: int

    @property
    def n(self) -> int:
        return min(self.closed, self.qualified)

    @property
    def of_closed(self) -> Ratio:
        return Ratio(self.won_closed, self.closed)

    @property
    def of_qualified(self) -> Ratio:
        return Ratio(self.won, self.qualified)

    @property
    def win_closed(self) -> float | None:
        return self.of_closed.share

    @property
    def win_closed_low(self) -> float | None:
        interval = self.of_closed.interval
        return interval.low if interval else None

    @property
    def win_closed_high(self) -> float | None:
        interval = self.of_closed.interval
        return interval.high if interval else None

    @property
    def win_cohort(self) -> float | None:
        return self.of_qualified.share

    @property
    def win_cohort_low(self) -> float | None:
        interval = self.of_qualified.interval
        return interval.low if interval else None

    @property
    def win_cohort_high(self) -> float | None:
        interval = self.of_qualified.interval
        return interval.high if interval else None


WHATS: "Mapping[str, _StrPromise]" = {
    What.OPEN_START: _("open at the start"),
    What.CREATED: _("came"),
    What.REOPENED: _("reopened"),
    What.WON: _("won"),
    What.LOST: _("lost"),
    What.OPEN_END: _("open at the end"),
    What.TARGET: _("judged target"),
    What.NON_TARGET: _("judged non-target"),
    What.MOVED: _("moved to the stage"),
}
FLOW_COLUMNS = (
    Column("what", _("What happened"), Format.WORD, words=WHATS),
    Column("milestone", _("Milestone"), Format.WORD),
    Column("count", _("How often")),
)
WIN_COLUMNS = (
    Column("won_closed", _("Won of the closed")),
    Column("closed", _("Closed within the period")),
    Column("win_closed", _("Won of the closed, share"), Format.SHARE, "closed"),
    Column("win_closed_low", _("Won of the closed: lower limit"), Format.SHARE, "closed"),
    Column("win_closed_high", _("Won of the closed: upper limit"), Format.SHARE, "closed"),
    Column("won", _("Won of the qualified")),
    Column("qualified", _("Came within the period and qualified")),
    Column("win_cohort", _("Won of the qualified, share"), Format.SHARE, "qualified"),
    Column("win_cohort_low", _("Won of the qualified: lower limit"), Format.SHARE, "qualified"),
    Column("win_cohort_high", _("Won of the qualified: upper limit"), Format.SHARE, "qualified"),
)


CHANGES = {Event.CREATED: 1, Event.REOPENED: 1, Event.WON: -1, Event.LOST: -1}
"""What each event adds to the leads that are open: a lead is closed and opened again in turn."""


def flow(cells: Iterable[FlowCell], *, open_start: int | None = None) -> Flow:
    """Add up what happened within a period.

    `open_start` is counted from what happened before, unless it is known, as the end of the week before.
    """
    events: Counter[Event] = Counter()
    moved: Counter[Milestone] = Counter()
    before = 0
    for cell in cells:
        if cell.is_before:
            before += CHANGES.get(cell.event, 0) * cell.count
            continue
        events[cell.event] += cell.count
        if cell.event is Event.MOVED and cell.milestone is not None:
            moved[cell.milestone] += cell.count
    return Flow(open_start=before if open_start is None else open_start, events=events, moved=moved)
