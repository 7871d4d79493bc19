"""What a change of the non-target share is made of: other channels, or the same channels grown worse (A6)."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta, tzinfo

from django.utils.translation import gettext_lazy as _

from insights.rules.columns import Column, Format
from insights.rules.period import DAY, Week, civil_day
from insights.rules.ratio import Ratio, change
from insights.rules.slice import YEARS, Slice
from insights.rules.stats import Difference, centred_mix, kitagawa

NONE = Ratio(0, 0)
DIGITS = 12
"""Parts are rounded so far, which no page shows: what is 3.25 points then reads as that and not as 3.2499999."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Shift:
    """One group before and after: non-target of its leads, and its leads of all leads.

    `mix` and `rate` are its parts of the change of the whole share, as shares of one; nothing when one of the periods
    is empty. `mix` is measured from the whole's mean share, so that growth of a worse group is positive.
    """

    before: Ratio
    after: Ratio
    all_before: int
    all_after: int
    mix: float | None = None
    rate: float | None = None

    @property
    def n_before(self) -> int:
        return self.before.n

    @property
    def non_target_before(self) -> int:
        return self.before.k

    @property
    def share_before(self) -> float | None:
        return self.before.share

    @property
    def weight_before(self) -> float | None:
        return Ratio(self.before.n, self.all_before).share

    @property
    def n(self) -> int:
        return self.after.n

    @property
    def non_target(self) -> int:
        return self.after.k

    @property
    def share(self) -> float | None:
        return self.after.share

    @property
    def weight(self) -> float | None:
        return Ratio(self.after.n, self.all_after).share

    @property
    def smaller(self) -> int:
        """The leads of the smaller period: a change of few is not told."""
        return min(self.all_before, self.all_after)

    @property
    def moved(self) -> float:
        """How much its part of the stream has grown; nothing moves when a period is empty."""
        if self.weight is None or self.weight_before is None:
            return 0.0
        return self.weight - self.weight_before


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """The whole share before and after, and what the difference is made of; `mix` + `rate` are exactly it."""

    before: Ratio
    after: Ratio
    difference: Difference
    mix: float
    rate: float

    @property
    def relative(self) -> float | None:
        """The difference as a part of what was; nothing when that was zero."""
        return self.difference.value / self.before.share if self.before.share else None

    @property
    def is_usual(self) -> bool:
        """Whether chance alone may have made the difference."""
        return self.difference.low <= 0 <= self.difference.high


MIX_COLUMNS = (
    Column("n_before", _("Leads before")),
    Column("non_target_before", _("Non-target before")),
    Column("weight_before", _("Part of the stream before"), Format.SHARE, of="all_before"),
    Column("share_before", _("Non-target share before"), Format.SHARE, of="n_before"),
    Column("n", _("Leads")),
    Column("non_target", _("Non-target")),
    Column("weight", _("Part of the stream"), Format.SHARE, of="all_after"),
    Column("share", _("Non-target share"), Format.SHARE),
    Column("mix", _("Of the change: mix"), Format.POINTS, of="smaller"),
    Column("rate", _("Of the change: quality"), Format.POINTS, of="smaller"),
)


def shifts(before: Mapping[str, Ratio], after: Mapping[str, Ratio]) -> dict[str, Shift]:
    """Split the change between two periods among groups, each given as non-target of its leads.

    Kitagawa 1955, exact and without a residual. A group that came or went borrows the share of the period in which it
    had leads, so that all of its effect is mix.
    """
    all_before, all_after = _whole(before.values()), _whole(after.values())
    found = {
        group: Shift(
            before=before.get(group, NONE),
            after=after.get(group, NONE),
            all_before=all_before.n,
            all_after=all_after.n,
        )
        for group in {**before, **after}
    }
    if not all_before.n or not all_after.n:
        return found
    ends = (*_weights_and_rates(before, all_before.n), *_weights_and_rates(after, all_after.n))
    mix, rate = centred_mix(*ends), kitagawa(*ends).rate
    return {
        group: replace(shift, mix=round(mix.get(group, 0.0), DIGITS), rate=round(rate.get(group, 0.0), DIGITS))
        for group, shift in found.items()
    }


def change_of(found: Iterable[Shift], *, spread: float = 1.0) -> Change | None:
    """Add the parts up to the change of the whole; nothing when one of the periods is empty.

    `spread`, by how much weeks wobble more than dice would, widens its interval as it does that of the headline.
    """
    found = list(found)
    before, after = _whole(shift.before for shift in found), _whole(shift.after for shift in found)
    difference = change(after, before, spread=spread)
    if difference is None:
        return None
    return Change(
        before=before,
        after=after,
        difference=difference,
        mix=round(sum(shift.mix or 0.0 for shift in found), DIGITS),
        rate=round(sum(shift.rate or 0.0 for shift in found), DIGITS),
    )


def ripe_part(slice: Slice, *, at: datetime, zone: tzinfo) -> Slice | None:
    """Narrow a slice to the weeks whose leads have all had their full age.

    Nothing is left when no week is ripe, and of a slice without an age or with an open end, which have no ripe weeks:
    their leads had different times to be judged.
    """
    if slice.period is None or slice.age is None:
        return None
    last_ripe = civil_day((slice.as_of or at) - timedelta(days=slice.age), zone) - DAY
    if slice.period.to_on <= last_ripe:
        return slice
    week = Week.of(last_ripe)
    last_on = last_ripe if week.last_on == last_ripe else week.first_on - DAY
    return replace(slice, to_on=last_on) if slice.period.from_on <= last_on else None


def period_before(slice: Slice) -> Slice | None:
    """Find the same question about the period before; nothing where no lead can have come by then."""
    before = slice.previous
    return before if before and before.from_on and before.from_on.year in YEARS else None


def _whole(parts: Iterable[Ratio]) -> Ratio:
    return sum(parts, NONE)


def _weights_and_rates(cohort: Mapping[str, Ratio], n: int) -> tuple[dict[str, float], dict[str, float]]:
    present = {group: ratio for group, ratio in cohort.items() if ratio.n}
    return {group: ratio.n / n for group, ratio in present.items()}, {
        group: ratio.k / ratio.n for group, ratio in present.items()
    }
