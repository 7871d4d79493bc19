"""How clean the records are (A9): what would spoil the numbers, each as k of n, and from when on it is worth a word."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from django.utils.translation import gettext_lazy as _

from insights.rules.columns import Column, Format
from insights.rules.pick_work import Flaw
from insights.rules.quality import CriterionCount
from insights.rules.ratio import Ratio

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise

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


FLAWS: "Mapping[Flaw, _StrPromise]" = {
    Flaw.UNATTRIBUTED: _("Leads without a source"),
    Flaw.WITHOUT_EVIDENCE: _("Non-target without the evidence asked for"),
    Flaw.OTHER: _("Non-target for another reason, in one's own words"),
    Flaw.BACKDATED: _("Leads with a verdict back-dated by more than 24 hours"),
    Flaw.LATE: _("Leads written down more than 24 hours after they came"),
    Flaw.WON_UNDECIDED: _("Won without a verdict"),
    Flaw.WON_NON_TARGET: _("Won although non-target"),
    Flaw.ALIAS: _("Leads under a name that looks like another source"),
    Flaw.BY_PROGRAM: _("Leads sent by programs and forms"),
    Flaw.BY_HAND: _("Leads entered by hand"),
    Flaw.IMPORTED: _("Leads from files"),
}
ITEMS: "Mapping[str, _StrPromise]" = {
    **{flaw.value: name for flaw, name in FLAWS.items()},
    DUPLICATES: _("Duplicates"),
    TESTS: _("Technical tests"),
    COVERAGE: _("Decided leads asked about a criterion"),
}
HYGIENE_COLUMNS = (
    Column("item", _("Item"), Format.WORD, words=ITEMS),
    Column("criterion", _("Criterion"), Format.WORD),
    Column("k", _("Found")),
    Column("n", _("Of")),
    Column("share", _("Share"), Format.SHARE),
    Column("alarm", _("Above the threshold"), Format.WORD, words={"yes": _("yes")}),
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
