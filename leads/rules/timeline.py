"""The kinds of facts a lead's history tells, and the place in it where a page ends."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum

from django.utils.translation import gettext_lazy as _

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
TICK = timedelta(microseconds=1)
SEPARATOR = "-"


class Show(StrEnum):
    """What a reader may narrow the history to."""

    JUDGEMENTS = "judgements"
    MOVES = "moves"
    TOUCHES = "touches"
    STEPS = "steps"
    OWNERS = "owners"
    DUPLICATES = "duplicates"
    SALES = "sales"
    OVERDUE = "overdue"
    EDITS = "edits"


SHOW_LABELS = {
    Show.JUDGEMENTS: _("Judgements"),
    Show.MOVES: _("Moves"),
    Show.TOUCHES: _("Attempts"),
    Show.STEPS: _("Next steps"),
    Show.OWNERS: _("Owners"),
    Show.DUPLICATES: _("Duplicates"),
    Show.SALES: _("Sales"),
    Show.OVERDUE: _("Overdue"),
    Show.EDITS: _("Edits"),
}


@dataclass(frozen=True, slots=True, order=True)
class Place:
    """Where a fact stands: when it was written down, its turn among what one request writes, its number."""

    at: datetime
    turn: int
    pk: int

    def __str__(self) -> str:
        """Write it as addresses carry it."""
        return SEPARATOR.join(str(part) for part in ((self.at - EPOCH) // TICK, self.turn, self.pk))

    @classmethod
    def read(cls, text: str) -> "Place":
        """Read it back; raises ValueError when it is none."""
        at, turn, pk = (_natural(part) for part in text.split(SEPARATOR))
        try:
            return cls(EPOCH + at * TICK, turn, pk)
        except OverflowError as error:
            raise ValueError(text) from error


def _natural(text: str) -> int:
    number = int(text)
    if not 0 <= number < 2**63:
        raise ValueError(text)
    return number
