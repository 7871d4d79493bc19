"""How clean the records are (A9): what would spoil the numbers, each as k of n, and from when on it is worth a word."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from django.utils.translation import gettext_lazy as _

from insights.rules.pick_work import Flaw
from insights.rules.quality import CriterionCount
from insights.rules.ratio import Ratio
from insights.rules.table import Column, Format

DUPLICATES, TESTS, COVERAGE = "duplicates", "tests", "coverage"
ENOUGH_ASKED: Final = 0.8
WORTH_A_WORD: Final[Mapping[str, float]] = {
    DUPLICATES: 0.15,
    Flaw.UNATTRIBUTED: 0.05,
    Flaw.WITHOUT_EVIDENCE: 0.0,
    Flaw.OTHER: 0.10,
    Flaw.BACKDATED: 0.05,
    Flaw.LATE: 0.10,
    Flaw.WON_UNDECIDED: 0.0,
    Flaw.WON_NON_TARGET: 0.0,
    Flaw.ALIAS: 0.0,
}
"""Shares above which an item is told beside the numbers; what is not here is only counted."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FlawCounts:
    """What was counted of a group: k and n of every item but coverage. Groups are added by adding counts."""

    group: str | None
    counts: Mapping[str, tuple[int, int]]


@dataclass(frozen=True, slots=True, kw_only=True)
class HygieneCount:
    """One item: k of n. `criterion` is given for coverage only: asked among the decided."""

    item: str
    k: int
    n: int
    criterion: str | None = None

    @property
    def share(self) -> float | None:
        return Ratio(self.k, self.n).share

    @property
    def is_too_much(self) -> bool:
        """Tell whether it is worth a word beside the numbers."""
        if not self.n:
            return False
        if self.item == COVERAGE:
            return self.k < ENOUGH_ASKED * self.n
        return self.item in WORTH_A_WORD and self.k > WORTH_A_WORD[self.item] * self.n

    @property
    def alarm(self) -> str | None:
        return "yes" if self.is_too_much else None


HYGIENE_COLUMNS = (
    Column("item", _("Item"), Format.WORD),
    Column("criterion", _("Criterion"), Format.WORD),
    Column("k", _("Found")),
    Column("n", _("Of")),
    Column("share", _("Share"), Format.SHARE),
    Column("alarm", _("Above the threshold"), Format.WORD),
)


def hygiene(found: Sequence[FlawCounts], criteria: Sequence[CriterionCount] = ()) -> list[HygieneCount]:
    """Add up what was counted, then say of each criterion how many of the decided were asked about it."""
    items: dict[str, Ratio] = {}
    for counted in found:
        for item, (k, n) in counted.counts.items():
            items[item] = items.get(item, Ratio(0, 0)) + Ratio(k, n)
    return [
        *(HygieneCount(item=item, k=ratio.k, n=ratio.n) for item, ratio in items.items()),
        *(HygieneCount(item=COVERAGE, k=c.assessed, n=c.decided, criterion=c.criterion) for c in criteria),
    ]
