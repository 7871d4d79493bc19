"""Which rule a request falls under, and who of its people is next. Pure: nothing is read here."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from enum import StrEnum
from typing import TYPE_CHECKING

from django.utils.translation import gettext_lazy as _

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise

NEVER = datetime(1970, 1, 1, tzinfo=UTC)


class Method(StrEnum):
    ROUND_ROBIN = "round_robin"
    LEAST_BUSY = "least_busy"
    NOBODY = "nobody"


METHOD_LABELS: dict[Method, "_StrPromise"] = {
    Method.ROUND_ROBIN: _("in turn"),
    Method.LEAST_BUSY: _("to the least busy"),
    Method.NOBODY: _("to nobody"),
}


@dataclass(frozen=True, slots=True)
class Candidate:
    """Somebody leads may be handed to, and the days, both included, on which they are away."""

    person: int
    absences: tuple[tuple[date, date], ...] = ()

    def is_here(self, day: date) -> bool:
        """Tell whether they work on a day."""
        return not any(first <= day <= last for first, last in self.absences)


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """For which leads, how, among whom; what is None is for any."""

    number: int
    method: Method
    candidates: tuple[Candidate, ...] = ()
    funnel: int | None = None
    source: int | None = None
    segment: int | None = None
    only_working_hours: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """What rules may ask of a lead: where it belongs, and when it came."""

    funnel: int
    source: int
    segment: int | None
    day: date
    is_working_time: bool


@dataclass(frozen=True, slots=True)
class Choice:
    """The rule that decides, and who of its people is here."""

    rule: Rule
    people: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Load:
    """How much somebody has in hand, and since when nothing new."""

    person: int
    open_leads: int
    last_given_at: datetime | None = None


def choose(*, rules: Iterable[Rule], request: Request) -> Choice | None:
    """Find the first rule that fits. One whose people are all away is passed over, lest the lead wait for them."""
    for rule in rules:
        if not _fits(rule, request):
            continue
        people = tuple(one.person for one in rule.candidates if one.is_here(request.day))
        if people or rule.method is Method.NOBODY:
            return Choice(rule, people)
    return None


def in_turn(*, people: Sequence[int], turn: int) -> int:
    """Tell who gets the lead of this turn; turns count from one."""
    return people[(turn - 1) % len(people)]


def least_busy(*, loads: Iterable[Load]) -> int:
    """Tell who has least in hand; of equals, who has waited longest."""
    return min(loads, key=lambda load: (load.open_leads, load.last_given_at or NEVER, load.person)).person


def _fits(rule: Rule, request: Request) -> bool:
    return (
        rule.funnel in (None, request.funnel)
        and rule.source in (None, request.source)
        and rule.segment in (None, request.segment)
        and (request.is_working_time or not rule.only_working_hours)
    )
