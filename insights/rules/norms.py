"""What sales are asked to keep, and whether they did: said only when leads that still have time cannot change it."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final


class Kept(StrEnum):
    """Whether a norm is kept; NOT_OVER means that leads whose time is not over decide."""

    IN = "in"
    OUT = "out"
    NOT_OVER = "not_over"


@dataclass(frozen=True, slots=True)
class Norm:
    """A share that is to be reached, or not to be exceeded."""

    share: float
    is_at_least: bool = False

    def of(self, k: int, n: int, *, waiting: int = 0) -> Kept | None:
        """Hold k of n against the norm; nothing when there is nobody to hold against it.

        `waiting` leads may still join k where more is better, or still leave it where less is better.
        """
        if not n:
            return None
        limit = self.share * n
        best, now = (k + waiting, k) if self.is_at_least else (waiting - k, -k)
        if not self.is_at_least:
            limit = -limit
        if now >= limit - 1e-9:
            return Kept.IN
        return Kept.NOT_OVER if best >= limit - 1e-9 else Kept.OUT


FIRST_CONTACT: Final = Norm(0.80, is_at_least=True)
VERDICT: Final = Norm(0.90, is_at_least=True)
UNTOUCHED: Final = Norm(0.02)
UNDER_WORKED: Final = Norm(0.05)
OVERTURNED: Final = Norm(0.05)
