"""Why leads are lost, and from where (B3): never "the main reason", but three numbers for each."""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction
from typing import TYPE_CHECKING

from django.utils.translation import gettext_lazy as _

from funnels.rules.moves import Milestone, Outcome
from insights.rules.columns import Column, Format
from insights.rules.journeys import RANKS, JourneyCell
from insights.rules.ratio import Ratio

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise


class Level(StrEnum):
    """What losses are laid out by: nothing, the reason itself, whose part it is, or the group it was put into."""

    ALL = "all"
    REASON = "reason"
    SIDE = "side"
    GROUP = "group"


@dataclass(frozen=True, slots=True, kw_only=True)
class Reason:
    """A loss reason: its code and name, the side that answers for it, its group or an empty word."""

    code: str
    name: str
    side: str
    group: str

    def at(self, level: Level) -> str:
        """Tell the code it counts under."""
        return {Level.ALL: "", Level.REASON: self.code, Level.SIDE: self.side, Level.GROUP: self.group}[level]


@dataclass(frozen=True, slots=True, kw_only=True)
class LossCount:
    """A reason, a side or a group at one milestone, among the `n` leads that reached it.

    `lost` names it, whatever else was named; `sole` names nothing else; `fractional` gives every lost lead one point,
    split equally among what it was lost for. `all_lost` and `at_risk`, still open, came no further than the milestone.
    Of all losses together the code is empty.
    """

    milestone: Milestone
    level: Level
    code: str
    n: int
    all_lost: int
    at_risk: int
    lost: int
    sole: int
    fractional: float

    @property
    def incidence(self) -> Ratio:
        return Ratio(self.lost, self.n)

    @property
    def share(self) -> float | None:
        return self.incidence.share

    @property
    def share_low(self) -> float | None:
        interval = self.incidence.interval
        return interval.low if interval else None

    @property
    def share_high(self) -> float | None:
        interval = self.incidence.interval
        return interval.high if interval else None


LEVELS: "Mapping[str, _StrPromise]" = {
    Level.ALL: _("all losses"),
    Level.REASON: _("reason"),
    Level.SIDE: _("side"),
    Level.GROUP: _("group of reasons"),
}
LOSS_COLUMNS = (
    Column("milestone", _("Milestone"), Format.WORD),
    Column("level", _("Laid out by"), Format.WORD, words=LEVELS),
    Column("code", _("Reason"), Format.WORD),
    Column("n", _("Reached it")),
    Column("lost", _("Lost for it")),
    Column("sole", _("Lost for nothing else")),
    Column("fractional", _("Fractional"), Format.NUMBER),
    Column("share", _("Of those that reached it"), Format.SHARE),
    Column("share_low", _("Of those that reached it: lower limit"), Format.SHARE),
    Column("share_high", _("Of those that reached it: upper limit"), Format.SHARE),
    Column("all_lost", _("Lost here")),
    Column("at_risk", _("At risk, still open")),
)


def losses(
    cells: Iterable[JourneyCell],
    milestones: Sequence[Milestone],
    reasons: Mapping[int, Reason],
    level: Level = Level.REASON,
) -> list[LossCount]:
    """Count what leads of one cohort were lost for, by the furthest milestone they reached; the most frequent first.

    A lead that fell back before it was lost is lost from the furthest milestone: so the lost, the open and those that
    went on are together those that reached it.
    """
    cells = list(cells)
    found: list[LossCount] = []
    for index, milestone in enumerate(milestones):
        here = [cell for cell in cells if cell.furthest is milestone]
        n = sum(cell.count for cell in cells if not index or RANKS[cell.furthest] >= RANKS[milestone])
        found += _at(milestone, n, here, lambda pk: reasons[pk].at(level), level)
    return found


def _at(
    milestone: Milestone, n: int, here: Sequence[JourneyCell], code_of: Callable[[int], str], level: Level
) -> list[LossCount]:
    named: Counter[str] = Counter()
    sole: Counter[str] = Counter()
    fractional: dict[str, Fraction] = defaultdict(Fraction)
    gone = [cell for cell in here if cell.outcome is Outcome.LOST]
    for cell in gone:
        codes = {code_of(pk) for pk in cell.reasons}
        for code in codes - {""}:
            named[code] += cell.count
            sole[code] += cell.count if len(codes) == 1 else 0
            fractional[code] += Fraction(cell.count, len(codes))
    all_lost = sum(cell.count for cell in gone)
    if level is Level.ALL:
        named[""] = sole[""] = all_lost
        fractional[""] = Fraction(all_lost)
    at_risk = sum(cell.count for cell in here if cell.outcome is Outcome.OPEN)
    return [
        LossCount(
            milestone=milestone,
            level=level,
            code=code,
            n=n,
            all_lost=all_lost,
            at_risk=at_risk,
            lost=count,
            sole=sole[code],
            fractional=float(fractional[code]),
        )
        for code, count in sorted(named.items(), key=lambda item: (-item[1], item[0]))
    ]
