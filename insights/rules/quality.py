"""From counts of leads by state to the numbers of the board: the three shares and the criteria."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Protocol, TypeVar

from django.utils.translation import gettext_lazy as _

from funnels.rules.verdict import Verdict, bits_of
from insights.rules.columns import Column, Format
from insights.rules.pick import Timing
from insights.rules.ratio import Ratio


class Grouped(Protocol):
    """A cell that says which group it belongs to."""

    @property
    def group(self) -> str | None: ...


AnyCell = TypeVar("AnyCell", bound=Grouped)


@dataclass(frozen=True, slots=True, kw_only=True)
class Cell:
    """How many valid leads of a group are in one state.

    `timing` is given for the undecided only. Masks hold bits of criteria: the failed blocking ones, the ones asked.
    """

    group: str | None
    verdict: Verdict
    timing: Timing | None
    fail_mask: int
    assessed_mask: int
    count: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Quality:
    """Target, non-target and undecided leads of one cohort; the three are the whole, always.

    `not_restated` are undecided only because what they were once asked does not decide them any more.
    """

    target: int
    non_target: int
    untouched: int
    in_sla: int
    overdue: int
    not_restated: int = 0

    @property
    def undecided(self) -> int:
        return self.untouched + self.in_sla + self.overdue + self.not_restated

    @property
    def decided(self) -> int:
        return self.target + self.non_target

    @property
    def n(self) -> int:
        return self.decided + self.undecided

    @property
    def of_all(self) -> Ratio:
        """Non-target among all: the reading that cohorts may be compared by."""
        return Ratio(self.non_target, self.n)

    @property
    def of_decided(self) -> Ratio:
        """Non-target among the decided: too high while a cohort is young, since bad leads are decided faster."""
        return Ratio(self.non_target, self.decided)

    @property
    def maturity(self) -> Ratio:
        """The decided among all."""
        return Ratio(self.decided, self.n)

    @property
    def late(self) -> Ratio:
        """Undecided past the agreed time among all: what sales answer for."""
        return Ratio(self.overdue, self.n)

    @property
    def share(self) -> float | None:
        return self.of_all.share

    @property
    def share_low(self) -> float | None:
        interval = self.of_all.interval
        return interval.low if interval else None

    @property
    def share_high(self) -> float | None:
        interval = self.of_all.interval
        return interval.high if interval else None

    @property
    def share_of_decided(self) -> float | None:
        return self.of_decided.share

    @property
    def bound_low(self) -> float | None:
        """The final share if every undecided lead turns out target."""
        return self.of_all.share

    @property
    def bound_high(self) -> float | None:
        """The final share if every undecided lead turns out non-target."""
        return Ratio(self.non_target + self.undecided, self.n).share


@dataclass(frozen=True, slots=True, kw_only=True)
class CriterionCount:
    """One criterion in one cohort: how many failed it, failed nothing else, were asked.

    `fractional` gives every non-target lead one point, split equally among what it failed, so the points of all
    criteria add up to the non-target leads.
    """

    criterion: str
    n: int
    decided: int
    failed: int
    sole: int
    fractional: float
    assessed: int

    @property
    def incidence(self) -> Ratio:
        return Ratio(self.failed, self.n)

    @property
    def incidence_of_assessed(self) -> Ratio:
        """The failed among those asked: the reading to rank by when many were not asked."""
        return Ratio(self.failed, self.assessed)

    @property
    def sole_cause(self) -> Ratio:
        """The leads that would be target if only this were put right."""
        return Ratio(self.sole, self.n)

    @property
    def coverage(self) -> Ratio:
        """The asked among the decided."""
        return Ratio(self.assessed, self.decided)


QUALITY_COLUMNS = (
    Column("n", _("Leads")),
    Column("target", _("Target")),
    Column("non_target", _("Non-target")),
    Column("undecided", _("Not decided")),
    Column("untouched", _("Not decided: no touch yet")),
    Column("in_sla", _("Not decided: in time")),
    Column("overdue", _("Not decided: overdue")),
    Column("share", _("Non-target of all"), Format.SHARE),
    Column("share_low", _("Non-target of all: lower limit"), Format.SHARE),
    Column("share_high", _("Non-target of all: upper limit"), Format.SHARE),
    Column("share_of_decided", _("Non-target of decided"), Format.SHARE, of="decided"),
    Column("bound_low", _("Final share at least"), Format.SHARE),
    Column("bound_high", _("Final share at most"), Format.SHARE),
)
CRITERION_COLUMNS = (
    Column("criterion", _("Criterion"), Format.WORD),
    Column("n", _("Leads")),
    Column("failed", _("Failed")),
    Column("sole", _("Failed nothing else")),
    Column("fractional", _("Fractional"), Format.NUMBER),
    Column("assessed", _("Asked")),
)


def quality(cells: Iterable[Cell]) -> Quality:
    """Add up the states of one cohort."""
    verdicts: dict[Verdict, int] = defaultdict(int)
    timings: dict[Timing, int] = defaultdict(int)
    for cell in cells:
        if cell.timing is None:
            verdicts[cell.verdict] += cell.count
        else:
            timings[cell.timing] += cell.count
    return Quality(
        target=verdicts[Verdict.TARGET],
        non_target=verdicts[Verdict.NON_TARGET],
        untouched=timings[Timing.UNTOUCHED],
        in_sla=timings[Timing.IN_SLA],
        overdue=timings[Timing.OVERDUE],
        not_restated=timings[Timing.NOT_RESTATED],
    )


def criteria(cells: Iterable[Cell], codes: Sequence[tuple[int, str]]) -> list[CriterionCount]:
    """Count each criterion, given as bit and code, in one cohort; undecided leads are put to no criterion."""
    cells = list(cells)
    n = sum(cell.count for cell in cells)
    decided = [cell for cell in cells if cell.verdict is not Verdict.UNDECIDED]
    failed: dict[int, int] = defaultdict(int)
    sole: dict[int, int] = defaultdict(int)
    fractional: dict[int, Fraction] = defaultdict(Fraction)
    assessed: dict[int, int] = defaultdict(int)
    for cell in decided:
        for bit in bits_of(cell.assessed_mask):
            assessed[bit] += cell.count
        bits = bits_of(cell.fail_mask) if cell.verdict is Verdict.NON_TARGET else []
        for bit in bits:
            failed[bit] += cell.count
            sole[bit] += cell.count if len(bits) == 1 else 0
            fractional[bit] += Fraction(cell.count, len(bits))
    return [
        CriterionCount(
            criterion=code,
            n=n,
            decided=sum(cell.count for cell in decided),
            failed=failed[bit],
            sole=sole[bit],
            fractional=float(fractional[bit]),
            assessed=assessed[bit],
        )
        for bit, code in codes
    ]


def by_group(cells: Iterable[AnyCell]) -> Mapping[str | None, list[AnyCell]]:
    """Sort cells into the groups they belong to; a group without any has an empty list."""
    groups: defaultdict[str | None, list[AnyCell]] = defaultdict(list)
    for cell in cells:
        groups[cell.group].append(cell)
    return groups
