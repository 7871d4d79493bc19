"""Which group breaks what: each cell of a group × criterion table against all other leads."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Final

from django.utils.translation import gettext_lazy as _

from insights.rules.columns import Column, Format
from insights.rules.quality import CriterionCount, Quality
from insights.rules.ratio import Ratio
from insights.rules.stats import Difference, bh, contrast_p, newcombe

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise

FALSE_SIGNALS: Final = 0.10
"""Of the marked cells, the share allowed to be chance (the q of Benjamini and Hochberg)."""


class Signal(StrEnum):
    WORSE = "worse"
    BETTER = "better"


@dataclass(frozen=True, slots=True, kw_only=True)
class Contrast:
    """A cell: failed of n in the group, against failed of n among all other leads.

    `criterion` is None for being non-target at all. `p` is there only when the group is large enough to be tested;
    `signal` only when it stands after correcting for all cells shown.
    """

    criterion: str | None
    failed: int
    n: int
    other_failed: int
    other_n: int
    p: float | None = None
    p_adjusted: float | None = None

    @property
    def incidence(self) -> Ratio:
        return Ratio(self.failed, self.n)

    @property
    def share(self) -> float | None:
        return self.incidence.share

    @property
    def against_others(self) -> Difference | None:
        return newcombe(self.failed, self.n, self.other_failed, self.other_n)

    @property
    def difference(self) -> float | None:
        found = self.against_others
        return found.value if found else None

    @property
    def difference_low(self) -> float | None:
        found = self.against_others
        return found.low if found else None

    @property
    def difference_high(self) -> float | None:
        found = self.against_others
        return found.high if found else None

    @property
    def signal(self) -> Signal | None:
        found = self.against_others
        if found is None or self.p_adjusted is None or self.p_adjusted > FALSE_SIGNALS:
            return None
        return Signal.WORSE if found.value > 0 else Signal.BETTER


SIGNALS: "Mapping[str, _StrPromise]" = {
    Signal.WORSE: _("worse than all others"),
    Signal.BETTER: _("better than all others"),
}
CONTRAST_COLUMNS = (
    Column("criterion", _("Criterion"), Format.WORD),
    Column("n", _("Leads")),
    Column("failed", _("Failed")),
    Column("share", _("Share"), Format.SHARE),
    Column("difference", _("Against all others"), Format.POINTS),
    Column("difference_low", _("Against all others: lower limit"), Format.POINTS),
    Column("difference_high", _("Against all others: upper limit"), Format.POINTS),
    Column("p", _("p-value"), Format.NUMBER),
    Column("p_adjusted", _("p-value, corrected"), Format.NUMBER),
    Column("signal", _("Signal"), Format.WORD, words=SIGNALS),
)


Group = str
Counts = tuple[Quality, Sequence[CriterionCount]]


def contrasts(groups: Mapping[Group, Counts], total: Counts, *, enough: int) -> dict[Group, list[Contrast]]:
    """Compare every group with the rest, one cell for being non-target and one for each criterion.

    A group of fewer than `enough` leads is neither tested nor marked. The cells of criteria are corrected together,
    those of the verdict together: they are read as two tables.
    """
    plain = {group: _cells(counts, total) for group, counts in groups.items()}
    of_verdict = _corrected([cells[0] for cells in plain.values()], enough)
    of_criteria = _corrected([cell for cells in plain.values() for cell in cells[1:]], enough)
    width = len(total[1])
    return {
        group: [of_verdict[index], *of_criteria[index * width : (index + 1) * width]]
        for index, group in enumerate(plain)
    }


def _cells(counts: Counts, total: Counts) -> list[Contrast]:
    quality, criteria = counts
    everybody, everything = total
    failures: list[tuple[str | None, int, int]] = [(None, quality.non_target, everybody.non_target)]
    failures += [(own.criterion, own.failed, all_.failed) for own, all_ in zip(criteria, everything, strict=True)]
    return [
        Contrast(criterion=code, failed=k, n=quality.n, other_failed=of_all - k, other_n=everybody.n - quality.n)
        for code, k, of_all in failures
    ]


def _corrected(cells: Sequence[Contrast], enough: int) -> list[Contrast]:
    raw = [_p(cell) if cell.n >= enough else None for cell in cells]
    adjusted = iter(bh([p for p in raw if p is not None]))
    return [
        Contrast(
            criterion=cell.criterion,
            failed=cell.failed,
            n=cell.n,
            other_failed=cell.other_failed,
            other_n=cell.other_n,
            p=p,
            p_adjusted=None if p is None else next(adjusted),
        )
        for cell, p in zip(cells, raw, strict=True)
    ]


def _p(cell: Contrast) -> float | None:
    return contrast_p(cell.failed, cell.n, cell.other_failed, cell.other_n)
