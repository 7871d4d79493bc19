"""How many leads came as far as each milestone, and how many of those went on (B1, and B5 by cohort)."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum

from django.utils.translation import gettext_lazy as _

from funnels.rules.moves import Milestone, Outcome
from insights.rules.columns import Column, Format
from insights.rules.journeys import RANKS, JourneyCell
from insights.rules.ratio import Ratio


class Conversion(StrEnum):
    """What those that went on are a share of: those that came to the milestone, or all that came."""

    STEP = "step"
    CUMULATIVE = "cumulative"


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """A milestone in one cohort of `n` leads.

    `reached` ever came as far or further, so it never grows along the way; a milestone that was skipped counts as
    reached for won and lost leads alike. `previous` reached the milestone before, None at the first. `touched` were at
    it. `lost`, `open` and `won` came no further and stand so; with `went_on` they are `reached`.
    """

    milestone: Milestone
    n: int
    reached: int
    previous: int | None
    touched: int
    went_on: int
    lost: int
    open: int
    won: int

    @property
    def conversion(self) -> Ratio | None:
        """Those that came here of those that came to the milestone before."""
        return None if self.previous is None else Ratio(self.reached, self.previous)

    @property
    def cumulative(self) -> Ratio:
        return Ratio(self.reached, self.n)

    @property
    def onward(self) -> Ratio:
        """Those that went on of those that came here."""
        return Ratio(self.went_on, self.reached)

    @property
    def onward_of_all(self) -> Ratio:
        """Those that went on of all that came."""
        return Ratio(self.went_on, self.n)

    @property
    def skipped(self) -> Ratio:
        """Those that passed without ever having been here: how well moves are kept."""
        return Ratio(self.reached - self.touched, self.reached)

    @property
    def step(self) -> float | None:
        return self.conversion.share if self.conversion else None

    @property
    def step_low(self) -> float | None:
        interval = self.conversion.interval if self.conversion else None
        return interval.low if interval else None

    @property
    def step_high(self) -> float | None:
        interval = self.conversion.interval if self.conversion else None
        return interval.high if interval else None

    @property
    def share(self) -> float | None:
        return self.cumulative.share

    @property
    def share_low(self) -> float | None:
        interval = self.cumulative.interval
        return interval.low if interval else None

    @property
    def share_high(self) -> float | None:
        interval = self.cumulative.interval
        return interval.high if interval else None

    @property
    def skip_rate(self) -> float | None:
        return self.skipped.share


STEP_COLUMNS = (
    Column("milestone", _("Milestone"), Format.WORD),
    Column("n", _("Leads")),
    Column("reached", _("Reached it")),
    Column("previous", _("Reached the one before")),
    Column("touched", _("Were at it")),
    Column("went_on", _("Went on")),
    Column("lost", _("Lost here")),
    Column("open", _("Still open")),
    Column("won", _("Won here")),
    Column("step", _("Of the one before"), Format.SHARE, "previous"),
    Column("step_low", _("Of the one before: lower limit"), Format.SHARE, "previous"),
    Column("step_high", _("Of the one before: upper limit"), Format.SHARE, "previous"),
    Column("share", _("Of all leads"), Format.SHARE),
    Column("share_low", _("Of all leads: lower limit"), Format.SHARE),
    Column("share_high", _("Of all leads: upper limit"), Format.SHARE),
    Column("skip_rate", _("Skipped it"), Format.SHARE, "reached"),
)


def steps(cells: Iterable[JourneyCell], milestones: Sequence[Milestone]) -> list[Step]:
    """Count each milestone in one cohort. Milestones come in their order; every lead has come to the first."""
    cells = list(cells)
    reached = [_reached(cells, milestone) if index else _all(cells) for index, milestone in enumerate(milestones)]
    return [
        Step(
            milestone=milestone,
            n=reached[0],
            reached=reached[index],
            previous=reached[index - 1] if index else None,
            touched=sum(cell.count for cell in cells if milestone in cell.touched),
            went_on=reached[index + 1] if index + 1 < len(milestones) else 0,
            lost=_stopped(cells, milestone, Outcome.LOST),
            open=_stopped(cells, milestone, Outcome.OPEN),
            won=_stopped(cells, milestone, Outcome.WON),
        )
        for index, milestone in enumerate(milestones)
    ]


def _all(cells: Iterable[JourneyCell]) -> int:
    return sum(cell.count for cell in cells)


def _reached(cells: Iterable[JourneyCell], milestone: Milestone) -> int:
    return sum(cell.count for cell in cells if RANKS[cell.furthest] >= RANKS[milestone])


def _stopped(cells: Iterable[JourneyCell], milestone: Milestone, outcome: Outcome) -> int:
    return sum(cell.count for cell in cells if cell.furthest is milestone and cell.outcome is outcome)
