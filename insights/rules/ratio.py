"""A share never appears without its denominator."""

from dataclasses import dataclass

from insights.rules.stats import Interval, wilson


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
