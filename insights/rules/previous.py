"""A slice against the period before: what changed, and whether it is more than the usual wobble."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import TYPE_CHECKING

from django.utils.translation import gettext_lazy as _

from insights.rules.columns import Column, Format
from insights.rules.contrast import FALSE_SIGNALS, Signal
from insights.rules.quality import CriterionCount, Quality
from insights.rules.ratio import Ratio
from insights.rules.ratio import change as change_of
from insights.rules.stats import Difference, bh, contrast_p

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise


class Word(StrEnum):
    """What a change comes to. Nothing is said of few leads, nor of what a new definition counts differently."""

    WORSE = "worse"
    BETTER = "better"
    WOBBLE = "wobble"
    FEW = "few"
    REDEFINED = "redefined"


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """Failed of n now, against failed of n before; `criterion` is None for being non-target at all.

    `is_redefined` tells that what is counted was defined anew in between: then no interval and no test reach over it.
    `p` is there only when both periods are large enough; `signal` only when it stands after correcting for all
    criteria shown. `spread` is by how much weeks wobble more than dice would (σz of the control chart).
    """

    criterion: str | None
    failed: int
    n: int
    before_failed: int
    before_n: int
    enough: int
    is_redefined: bool = False
    spread: float = 1.0
    p: float | None = None
    p_adjusted: float | None = None

    @property
    def now(self) -> Ratio:
        return Ratio(self.failed, self.n)

    @property
    def before(self) -> Ratio:
        return Ratio(self.before_failed, self.before_n)

    @property
    def share(self) -> float | None:
        return self.now.share

    @property
    def before_share(self) -> float | None:
        return self.before.share

    @property
    def difference(self) -> float | None:
        """By how much the share is higher now; a difference of two shares, so in points."""
        now, before = self.share, self.before_share
        return None if now is None or before is None else now - before

    @property
    def relative(self) -> float | None:
        """The same as a part of what it was; nothing when it was zero."""
        difference, before = self.difference, self.before_share
        return difference / before if difference is not None and before else None

    @property
    def interval(self) -> Difference | None:
        """Where the change may lie; nowhere when what is counted was defined anew."""
        return None if self.is_redefined else change_of(self.now, self.before, spread=self.spread)

    @property
    def difference_low(self) -> float | None:
        return self.interval.low if self.interval else None

    @property
    def difference_high(self) -> float | None:
        return self.interval.high if self.interval else None

    @property
    def word(self) -> Word:
        """Say what the interval says: worse or better only when it lies on one side of zero."""
        found = self.interval
        if self.is_redefined:
            return Word.REDEFINED
        if found is None or min(self.n, self.before_n) < self.enough:
            return Word.FEW
        if found.low <= 0 <= found.high:
            return Word.WOBBLE
        return Word.WORSE if found.value > 0 else Word.BETTER

    @property
    def signal(self) -> Signal | None:
        difference = self.difference
        if not difference or self.p_adjusted is None or self.p_adjusted > FALSE_SIGNALS:
            return None
        return Signal.WORSE if difference > 0 else Signal.BETTER


WORDS: "Mapping[str, _StrPromise]" = {
    Word.WORSE: _("worse"),
    Word.BETTER: _("better"),
    Word.WOBBLE: _("usual wobble"),
    Word.FEW: _("too few leads to tell"),
    Word.REDEFINED: _("the definition changed in between, so nothing follows from it"),
}
SIGNALS: "Mapping[str, _StrPromise]" = {Signal.WORSE: WORDS[Word.WORSE], Signal.BETTER: WORDS[Word.BETTER]}
CHANGE_COLUMNS = (
    Column("criterion", _("Criterion"), Format.WORD),
    Column("n", _("Leads")),
    Column("failed", _("Failed")),
    Column("share", _("Share"), Format.SHARE),
    Column("before_n", _("Before: leads")),
    Column("before_failed", _("Before: failed")),
    Column("before_share", _("Before: share"), Format.SHARE),
    Column("difference", _("Against the period before"), Format.POINTS),
    Column("difference_low", _("Against the period before: lower limit"), Format.POINTS),
    Column("difference_high", _("Against the period before: upper limit"), Format.POINTS),
    Column("relative", _("Against the period before, as a part of it"), Format.SHARE),
    Column("word", _("In a word"), Format.WORD, words=WORDS),
    Column("p", _("p-value"), Format.NUMBER),
    Column("p_adjusted", _("p-value, corrected"), Format.NUMBER),
    Column("signal", _("Signal"), Format.WORD, words=SIGNALS),
)


Counts = tuple[Quality, Sequence[CriterionCount]]


def changes(
    now: Counts, before: Counts, *, enough: int, redefined: Collection[str | None] = (), spread: float = 1.0
) -> list[Change]:
    """Compare two periods: first being non-target at all, then each criterion, corrected for all of these together.

    `redefined` names what was defined anew in between, None being the verdict; `spread` is that of the verdict's
    weeks. Fewer than `enough` leads on either side are not tested.
    """
    quality, criteria = now
    quality_before, criteria_before = before
    earlier = {count.criterion: count.failed for count in criteria_before}
    counted: list[tuple[str | None, int, int]] = [(None, quality.non_target, quality_before.non_target)]
    counted += [(count.criterion, count.failed, earlier.get(count.criterion, 0)) for count in criteria]
    found = [
        Change(
            criterion=code,
            failed=failed,
            n=quality.n,
            before_failed=failed_before,
            before_n=quality_before.n,
            enough=enough,
            is_redefined=code in redefined,
            spread=spread if code is None else 1.0,
        )
        for code, failed, failed_before in counted
    ]
    verdict, *rest = found
    return [*_tested([verdict]), *_tested(rest)]


def _tested(found: Sequence[Change]) -> list[Change]:
    raw = [_p(change) for change in found]
    adjusted = iter(bh([p for p in raw if p is not None]))
    return [
        replace(change, p=p, p_adjusted=None if p is None else next(adjusted))
        for change, p in zip(found, raw, strict=True)
    ]


def _p(change: Change) -> float | None:
    if change.is_redefined or min(change.n, change.before_n) < change.enough:
        return None
    return contrast_p(change.failed, change.n, change.before_failed, change.before_n)
