"""Does somebody tag more strictly than others, given the same sources? Observed against expected, within limits."""

import math
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from statistics import median
from typing import TYPE_CHECKING, Final

from django.utils.translation import gettext_lazy as _

from insights.rules.columns import Column, Format
from insights.rules.ratio import Ratio

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise

SIGMAS: Final = 3
NORMAL_MEDIAN: Final = 0.6745
"""How far half of the people are from the middle when nothing but chance is at work (a normal distribution's)."""


class Strictness(StrEnum):
    STRICTER = "stricter"
    MILDER = "milder"


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceOfOwner:
    """How many leads of a source somebody answers for, and how many of them are non-target."""

    owner: str | None
    source: str
    n: int
    non_target: int


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnerCount:
    """What somebody tagged, and what was to be expected of the same leads at the shares of their sources.

    `low` and `high` are control limits of the count; a mark stands only outside of them, and never on a small sample.
    """

    n: int
    observed: int
    expected: float
    low: float | None = None
    high: float | None = None

    @property
    def share(self) -> float | None:
        return Ratio(self.observed, self.n).share

    @property
    def expected_share(self) -> float | None:
        return self.expected / self.n if self.n else None

    @property
    def difference(self) -> float | None:
        return (self.observed - self.expected) / self.n if self.n else None

    @property
    def share_low(self) -> float | None:
        return None if self.low is None or not self.n else self.low / self.n

    @property
    def share_high(self) -> float | None:
        return None if self.high is None or not self.n else self.high / self.n

    @property
    def mark(self) -> Strictness | None:
        if self.low is None or self.high is None:
            return None
        if self.observed > self.high:
            return Strictness.STRICTER
        return Strictness.MILDER if self.observed < self.low else None


MARKS: "Mapping[str, _StrPromise]" = {
    Strictness.STRICTER: _("▲ stricter than usual"),
    Strictness.MILDER: _("▼ milder than usual"),
}
STRICTNESS_COLUMNS = (
    Column("n", _("Leads")),
    Column("observed", _("Non-target")),
    Column("expected", _("Expected at the same sources"), Format.NUMBER),
    Column("share", _("Non-target of all"), Format.SHARE),
    Column("expected_share", _("Expected at the same sources: share"), Format.SHARE),
    Column("difference", _("Against the expected"), Format.POINTS),
    Column("share_low", _("Usual from"), Format.SHARE),
    Column("share_high", _("Usual to"), Format.SHARE),
    Column("mark", _("Outside of the usual"), Format.WORD, words=MARKS),
)


def strictness(cells: Iterable[SourceOfOwner], *, enough: int) -> Mapping[str | None, OwnerCount]:
    """Standardise indirectly: E = Σ over sources of n × the source's share; limits are E ± 3·max(1, σz)·√V.

    V = Σ n·r·(1 − r). σz, how much more than chance people differ at all, is taken from the median distance of z from
    its median, which one stray person does not move: a Laney factor for people, who have no order in time. Fewer than
    `enough` leads, or leads that nobody answers for, get no limits.
    """
    cells = list(cells)
    shares = _shares(cells)
    people: dict[str | None, list[SourceOfOwner]] = defaultdict(list)
    for cell in cells:
        people[cell.owner].append(cell)
    plain = {owner: _count(own, shares) for owner, own in people.items()}
    tested = {owner for owner, count in plain.items() if owner is not None and count.n >= enough}
    sigmas: dict[str | None, float] = {
        owner: math.sqrt(sum(_chance(cell, shares) for cell in people[owner])) for owner in tested
    }
    reach = SIGMAS * max(1.0, _spread([(plain[owner], sigmas[owner]) for owner in tested]))
    return {
        owner: _limited(count, reach * sigmas[owner]) if sigmas.get(owner) else count for owner, count in plain.items()
    }


def _shares(cells: Iterable[SourceOfOwner]) -> Mapping[str, float]:
    ratios: dict[str, Ratio] = {}
    for cell in cells:
        ratios[cell.source] = ratios.get(cell.source, Ratio(0, 0)) + Ratio(cell.non_target, cell.n)
    return {source: ratio.share or 0.0 for source, ratio in ratios.items()}


def _chance(cell: SourceOfOwner, shares: Mapping[str, float]) -> float:
    return cell.n * shares[cell.source] * (1 - shares[cell.source])


def _count(own: Sequence[SourceOfOwner], shares: Mapping[str, float]) -> OwnerCount:
    return OwnerCount(
        n=sum(cell.n for cell in own),
        observed=sum(cell.non_target for cell in own),
        expected=math.fsum(cell.n * shares[cell.source] for cell in own),
    )


def _spread(tested: Sequence[tuple[OwnerCount, float]]) -> float:
    scores = [(count.observed - count.expected) / sigma for count, sigma in tested if sigma]
    middle = median(scores) if scores else 0.0
    return median(abs(score - middle) for score in scores) / NORMAL_MEDIAN if scores else 0.0


def _limited(count: OwnerCount, half: float) -> OwnerCount:
    return OwnerCount(
        n=count.n,
        observed=count.observed,
        expected=count.expected,
        low=max(0.0, count.expected - half),
        high=min(float(count.n), count.expected + half),
    )
