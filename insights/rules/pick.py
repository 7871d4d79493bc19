"""Which of the counted leads a click on a number asks for."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import combinations
from typing import Final, TypeVar

from django.utils.translation import gettext_lazy as _

from crm.rules.errors import DomainError
from funnels.rules.verdict import Verdict
from insights.rules import pick_funnel, pick_work
from insights.rules.period import Week
from insights.rules.pick_funnel import FunnelPick
from insights.rules.pick_work import WorkPick
from insights.rules.slice import GroupBy, Query, UnknownValue


class Kind(StrEnum):
    """Where a received lead stands in the bridge from received to counted."""

    RECEIVED = "received"
    VALID = "valid"
    DUPLICATE = "duplicate"
    TEST = "test"


class Timing(StrEnum):
    """What an undecided lead waits for: its first touch, a verdict in time, or a verdict that is late.

    One that was decided waits for nothing when its answers do not decide it under the definition now in force.
    """

    UNTOUCHED = "untouched"
    IN_SLA = "in_sla"
    OVERDUE = "overdue"
    NOT_RESTATED = "not_restated"


LATE_OR_NEVER: Final = (Timing.OVERDUE, Timing.NOT_RESTATED)
"""What no lead waits for that is in time."""


class PicksContradict(DomainError):
    """Two parts of a pick that no lead can have both; no leads would look like a figure of zero."""

    def __init__(self, one: str, other: str) -> None:
        message = _("“%(one)s” and “%(other)s” contradict each other: no lead is both.")
        super().__init__("picks_contradict", message % {"one": one, "other": other}, field=other.partition("=")[0])


@dataclass(frozen=True, slots=True, kw_only=True)
class Pick:
    """A part of a slice. All that is said must hold; nothing said means every counted lead.

    `decided` are the leads with either verdict, `in_time` the undecided that wait and are not overdue, `criterion`
    those that are non-target and failed it, `sole` narrows them to those that failed nothing else, `assessed` the
    decided leads that were asked about it. `group` is a row of a grouped table, `funnel` a part of the way from new
    to won.
    """

    kind: Kind = Kind.VALID
    verdict: Verdict | None = None
    decided: bool = False
    timing: Timing | None = None
    in_time: bool = False
    criterion: str | None = None
    sole: bool = False
    assessed: str | None = None
    group: tuple[GroupBy, str] | None = None
    funnel: FunnelPick | None = None
    work: WorkPick = pick_work.NOTHING

    def to_query(self) -> dict[str, list[str]]:
        """Write the pick as parameters, to stand beside those of the slice."""
        query: dict[str, list[str]] = {}
        if self.kind is not Kind.VALID:
            query["kind"] = [self.kind.value]
        if self.verdict is not None:
            query["verdict"] = [self.verdict.lower()]
        for name in ("timing", "criterion", "assessed"):
            value: str | None = getattr(self, name)
            if value is not None:
                query[name] = [str(value)]
        for name in ("decided", "in_time", "sole"):
            if getattr(self, name):
                query[name] = ["1"]
        if self.group is not None:
            query[f"in_{self.group[0].value}"] = [self.group[1]]
        if self.funnel is not None:
            query |= self.funnel.to_query()
        return query | self.work.to_query()


GROUPS: Final = {f"in_{by.value}": by for by in GroupBy}
PARAMETERS: Final = frozenset(
    {
        "kind",
        "verdict",
        "decided",
        "timing",
        "in_time",
        "criterion",
        "sole",
        "assessed",
        *GROUPS,
        *pick_funnel.PARAMETERS,
        *pick_work.PARAMETERS,
    }
)


VERDICTS: Final = {verdict.lower(): verdict for verdict in Verdict}
DECIDED: Final = frozenset({Verdict.TARGET, Verdict.NON_TARGET})
IMPLIED: Final = {
    "decided": DECIDED,
    "assessed": DECIDED,
    "criterion": frozenset({Verdict.NON_TARGET}),
    "timing": frozenset({Verdict.UNDECIDED}),
    "in_time": frozenset({Verdict.UNDECIDED}),
}
"""Which verdicts a lead may have where a parameter is said."""


def split(query: Query) -> tuple[dict[str, Sequence[str]], dict[str, Sequence[str]]]:
    """Divide parameters into those of the slice, known or not, and those of the pick."""
    of_slice = {name: values for name, values in query.items() if name not in PARAMETERS}
    of_pick = {name: values for name, values in query.items() if name in PARAMETERS}
    return of_slice, of_pick


def parse(query: Query) -> Pick:
    """Read a pick from the parameters that are its own; raises UnknownValue, which names the parameter."""
    said: dict[str, str] = {}
    for name, values in query.items():
        given = [value for value in values if value]
        if len(given) > 1:
            raise UnknownValue(name, ", ".join(given))
        if given:
            said[name] = given[0]
    if "sole" in said and "criterion" not in said:
        raise UnknownValue("sole", said["sole"])
    groups = [(GROUPS[name], _group(name, value)) for name, value in said.items() if name in GROUPS]
    if len(groups) > 1:
        raise UnknownValue(f"in_{groups[1][0].value}", groups[1][1])
    pick = Pick(
        kind=_member(Kind, said, "kind") or Kind.VALID,
        verdict=_verdict(said),
        decided=_flag(said, "decided"),
        timing=_member(Timing, said, "timing"),
        in_time=_flag(said, "in_time"),
        criterion=said.get("criterion"),
        sole=_flag(said, "sole"),
        assessed=said.get("assessed"),
        group=groups[0] if groups else None,
        funnel=pick_funnel.parse(said),
        work=pick_work.parse(said),
    )
    _check(pick)
    return pick


def _check(pick: Pick) -> None:
    """Refuse what cannot hold together: the verdicts two parts imply, a state of what is not counted."""
    parts = {name: IMPLIED[name] for name in IMPLIED if getattr(pick, name)}
    if pick.verdict is not None:
        parts = {"verdict": frozenset({pick.verdict}), **parts}
    said = {name: f"{name}={values[0]}" for name, values in pick.to_query().items()}
    for one, other in combinations(parts, 2):
        if not parts[one] & parts[other]:
            raise PicksContradict(said[one], said[other])
    if pick.in_time and pick.timing in LATE_OR_NEVER:
        raise PicksContradict(said["timing"], said["in_time"])
    states = [*parts, *(pick.funnel.to_query() if pick.funnel else ()), *pick.work.to_query()]
    if pick.kind is not Kind.VALID and states:
        raise PicksContradict(said["kind"], said[states[0]])


def _verdict(said: Mapping[str, str]) -> Verdict | None:
    if "verdict" in said and said["verdict"] not in VERDICTS:
        raise UnknownValue("verdict", said["verdict"])
    return VERDICTS.get(said.get("verdict", ""))


Choice = TypeVar("Choice", bound=StrEnum)


def _member(choices: type[Choice], said: Mapping[str, str], name: str) -> Choice | None:
    if name not in said:
        return None
    try:
        return choices(said[name])
    except ValueError:
        raise UnknownValue(name, said[name]) from None


def _flag(said: Mapping[str, str], name: str) -> bool:
    if said.get(name, "1") != "1":
        raise UnknownValue(name, said[name])
    return name in said


def _group(name: str, value: str) -> str:
    if GROUPS[name] is GroupBy.WEEK:
        try:
            Week.parse(value)
        except ValueError:
            raise UnknownValue(name, value) from None
    return value
