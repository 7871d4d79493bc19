"""A share never appears without its denominator."""

from dataclasses import dataclass
from typing import Final

from insights.rules.stats import Difference, Interval, newcombe, wilson

MUCH_SPREAD: Final = 1.2
"""How much more than dice weeks must wobble before an interval of a change is widened for it."""


@dataclass(frozen=True, slots=True)
class Ratio:
    """k of n. Ratios are added by adding their parts, never by averaging shares."""

    k: int
    n: int

    def __post_init__(self) -> None:
        if not 0 <= self.k <= self.n:
            raise ValueError(f"{self.k} of {self.n}")

    def __add__(self, other: "Ratio") -> "Ratio":
        return Ratio(self.k + other.k, self.n + other.n)

    @property
    def share(self) -> float | None:
        """The share; nothing, and not zero, when there is nobody to take a share of."""
        return self.k / self.n if self.n else None

    @property
    def interval(self) -> Interval | None:
        """Where the share of the process may lie (Wilson, 95 %)."""
        return wilson(self.k, self.n)


def change(now: Ratio, before: Ratio, *, spread: float = 1.0) -> Difference | None:
    """Tell by how much a share is higher than it was, and where that may lie (Newcombe, 95 %).

    Leads of one week are not independent: with `spread`, by how much weekly shares wobble more than dice would (σz of
    the control chart), they are worth fewer (R16).
    """
    less = spread**2 if spread > MUCH_SPREAD else 1.0
    return newcombe(now.k / less, now.n / less, before.k / less, before.n / less)
