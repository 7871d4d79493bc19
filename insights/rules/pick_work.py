"""Which of the counted leads a click on a number of sales' work, or of hygiene, asks for."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from insights.rules.slice import UnknownValue


class Worked(StrEnum):
    """A number of panel 6, of the bar of contacts, or of the log of corrections."""

    WITHIN_5 = "within_5"
    WITHIN_60 = "within_60"
    FIRST_IN_TIME = "first_in_time"
    FIRST_WAITING = "first_waiting"
    NEVER = "never"
    CONTACTED = "contacted"
    EARLY = "early"
    VERDICT_IN_TIME = "verdict_in_time"
    OPEN = "open"
    WITHOUT_STEP = "without_step"
    TAGGED = "tagged"
    OVERTURNED = "overturned"
    DEAD = "dead"
    NO_ANSWER = "no_answer"
    UNDER_WORKED = "under_worked"
    WAITING = "waiting"
    REACHED = "reached"


class Flaw(StrEnum):
    """What hygiene looks for (A9), beside duplicates and tests, which the bridge counts."""

    UNATTRIBUTED = "unattributed"
    WITHOUT_EVIDENCE = "without_evidence"
    OTHER = "other"
    BACKDATED = "backdated"
    LATE = "late"
    WON_UNDECIDED = "won_undecided"
    WON_NON_TARGET = "won_non_target"
    ALIAS = "alias"
    BY_PROGRAM = "by_program"
    BY_HAND = "by_hand"
    IMPORTED = "imported"


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkPick:
    """A part of the valid leads of a slice, by what was done with them or by what is wrong with their records."""

    worked: Worked | None = None
    flaw: Flaw | None = None

    def __bool__(self) -> bool:
        return self.worked is not None or self.flaw is not None

    def to_query(self) -> dict[str, list[str]]:
        """Write it as parameters, to stand beside those of the slice."""
        said = {"worked": self.worked, "flaw": self.flaw}
        return {name: [value.value] for name, value in said.items() if value is not None}


NOTHING: Final = WorkPick()
PARAMETERS: Final = frozenset({"worked", "flaw"})


def parse(said: Mapping[str, str]) -> WorkPick:
    """Read it from parameters; raises UnknownValue, which names the parameter."""
    worked, flaw = said.get("worked"), said.get("flaw")
    if worked is not None and worked not in set(Worked):
        raise UnknownValue("worked", worked)
    if flaw is not None and flaw not in set(Flaw):
        raise UnknownValue("flaw", flaw)
    return WorkPick(worked=Worked(worked) if worked else None, flaw=Flaw(flaw) if flaw else None)
