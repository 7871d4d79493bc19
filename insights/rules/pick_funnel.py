"""Which leads of the funnel a click on a number asks for: those at a milestone, and those closed within the period."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final, TypeVar

from funnels.rules.definitions import Side
from funnels.rules.moves import Milestone
from insights.rules.losses import Level
from insights.rules.slice import UnknownValue


class Fate(StrEnum):
    """How leads stand to a milestone: came as far, were at it, or came no further and are lost, open or won."""

    REACHED = "reached"
    TOUCHED = "touched"
    LOST = "lost"
    OPEN = "open"
    WON = "won"


class Closed(StrEnum):
    """Leads whose last closing lies within the days of the slice, whenever they came."""

    ANY = "any"
    WON = "won"
    LOST = "lost"


@dataclass(frozen=True, slots=True, kw_only=True)
class FunnelPick:
    """Leads of a milestone by their fate, the lost ones for a reason, a side or a group; or the closed ones.

    `sole` narrows a reason to the leads that were lost for nothing else of its kind.
    """

    milestone: Milestone | None = None
    fate: Fate = Fate.REACHED
    because: tuple[Level, str] | None = None
    sole: bool = False
    closed: Closed | None = None

    def to_query(self) -> dict[str, list[str]]:
        """Write the pick as parameters."""
        if self.closed is not None:
            return {"closed": [self.closed.value]}
        if self.milestone is None:
            return {}
        query = {"milestone": [self.milestone.lower()], "fate": [self.fate.value]}
        if self.because is not None:
            level, code = self.because
            query[BECAUSE[level]] = [code]
        if self.sole:
            query["reason_alone"] = ["1"]
        return query


BECAUSE: Final = {Level.REASON: "reason", Level.SIDE: "reason_side", Level.GROUP: "reason_group"}
MILESTONES: Final = {milestone.lower(): milestone for milestone in Milestone}
PARAMETERS: Final = frozenset({"milestone", "fate", "closed", "reason_alone", *BECAUSE.values()})


def parse(said: Mapping[str, str]) -> FunnelPick | None:
    """Read what is said of the funnel; raises UnknownValue, which names the parameter.

    A reason needs a lost lead, a fate its milestone, and who asks for the closed asks for nothing else.
    """
    mine = {name: value for name, value in said.items() if name in PARAMETERS}
    if not mine:
        return None
    if "closed" in mine:
        _alone("closed", mine)
        return FunnelPick(closed=_member(Closed, "closed", mine["closed"]))
    if "milestone" not in mine:
        name = next(iter(mine))
        raise UnknownValue(name, mine[name])
    if mine["milestone"] not in MILESTONES:
        raise UnknownValue("milestone", mine["milestone"])
    pick = FunnelPick(
        milestone=MILESTONES[mine["milestone"]],
        fate=_member(Fate, "fate", mine.get("fate", Fate.REACHED.value)),
        because=_because(mine),
        sole=_flag("reason_alone", mine),
    )
    if pick.because is not None and pick.fate is not Fate.LOST:
        raise UnknownValue("fate", pick.fate)
    if pick.sole and pick.because is None:
        raise UnknownValue("reason_alone", mine["reason_alone"])
    return pick


def _because(mine: Mapping[str, str]) -> tuple[Level, str] | None:
    given = [(level, mine[name]) for level, name in BECAUSE.items() if name in mine]
    if len(given) > 1:
        level, code = given[1]
        raise UnknownValue(BECAUSE[level], code)
    if given and given[0][0] is Level.SIDE:
        _member(Side, BECAUSE[Level.SIDE], given[0][1])
    return given[0] if given else None


def _alone(name: str, mine: Mapping[str, str]) -> None:
    for other, value in mine.items():
        if other != name:
            raise UnknownValue(other, value)


def _flag(name: str, mine: Mapping[str, str]) -> bool:
    if mine.get(name, "1") != "1":
        raise UnknownValue(name, mine[name])
    return name in mine


Choice = TypeVar("Choice", bound=StrEnum)


def _member(choices: type[Choice], name: str, value: str) -> Choice:
    try:
        return choices(value)
    except ValueError:
        raise UnknownValue(name, value) from None
