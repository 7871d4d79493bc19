"""What leads would be under another definition, as far as the answers given tell (R11).

An answer stands where the question is still the same. Where it is not, the value that was seen is judged anew if it
decides; an answer without such a value answered another question and says nothing. What was not asked stays open.
"""

from collections import Counter
from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Generic, Protocol, TypeVar

from crm.rules.errors import DomainError
from funnels.rules.criteria import JudgedBy, Result, RuleKind, judge_by_rule, result_of_observed
from funnels.rules.differences import Asked, same_question
from funnels.rules.verdict import Judgement, Verdict, verdict
from insights.rules.ratio import Ratio

UNKNOWN = (Result.UNKNOWN, Result.NOT_ASKED)
WITH_VALUE = frozenset({RuleKind.FIELD_IN_LIST, RuleKind.NUMBER_AT_LEAST, RuleKind.REGION_IN_LIST})

Id = TypeVar("Id", bound=Hashable)


class AskedThen(Asked, Protocol):
    """A criterion as it was asked when it was answered."""

    @property
    def version_id(self) -> int: ...
    @property
    def bit(self) -> int: ...


@dataclass(frozen=True, slots=True)
class Given:
    """An answer as it was recorded: to which version, what, and what was seen."""

    version_id: int
    result: Result
    observed: str = ""


@dataclass(frozen=True, slots=True)
class Restated:
    """What a lead would be, and which blocking criteria keep it undecided."""

    judgement: Judgement
    missing: tuple[int, ...] = ()

    @property
    def verdict(self) -> Verdict:
        return self.judgement.verdict


@dataclass(frozen=True, slots=True)
class Move(Generic[Id]):
    """One lead: what it is, what it would be, where it came from."""

    lead: Id
    was: Verdict
    now: Restated
    source: int

    @property
    def is_changed(self) -> bool:
        return self.was is not self.now.verdict


@dataclass(frozen=True, slots=True)
class Mover:
    """A source, and how many of its leads would be something else."""

    source: int
    changed: Ratio
    to: Mapping[Verdict, int]


def restate(*, given: Mapping[int, Given], criteria: Sequence[AskedThen], known: Mapping[int, AskedThen]) -> Restated:
    """Tell what a lead would be under these criteria.

    `given` holds its answers by criterion, `known` every version that may have been answered by its id.
    """
    results = {
        criterion.bit: _result(given[criterion.criterion_id], criterion, known)
        for criterion in criteria
        if criterion.criterion_id in given
    }
    blocking = [criterion for criterion in criteria if criterion.is_blocking]
    found = verdict(results=results, blocking=[criterion.bit for criterion in blocking])
    if found.verdict is not Verdict.UNDECIDED:
        return Restated(found)
    missing = [c.criterion_id for c in blocking if results.get(c.bit, Result.NOT_ASKED) in UNKNOWN]
    return Restated(found, tuple(missing))


def crosstab(moves: Iterable[Move[Id]]) -> Mapping[tuple[Verdict, Verdict], int]:
    """Count leads by what they are and what they would be."""
    return Counter((move.was, move.now.verdict) for move in moves)


def undone_by(moves: Iterable[Move[Id]]) -> list[tuple[int, int]]:
    """Count what decided leads were not asked, where that would leave them undecided; the most frequent first."""
    counts: Counter[int] = Counter()
    for move in moves:
        if move.is_changed and move.now.verdict is Verdict.UNDECIDED:
            counts.update(move.now.missing)
    return sorted(counts.items(), key=lambda item: (-item[1], item[0]))


def movers(moves: Iterable[Move[Id]], *, most: int) -> list[Mover]:
    """List the sources whose leads would change most, by number."""
    all_of: Counter[int] = Counter()
    to: dict[int, Counter[Verdict]] = {}
    for move in moves:
        all_of[move.source] += 1
        if move.is_changed:
            to.setdefault(move.source, Counter())[move.now.verdict] += 1
    found = [Mover(source, Ratio(sum(counts.values()), all_of[source]), counts) for source, counts in to.items()]
    return sorted(found, key=lambda mover: (-mover.changed.k, mover.source))[:most]


def _result(given: Given, criterion: AskedThen, known: Mapping[int, AskedThen]) -> Result:
    if given.version_id == criterion.version_id:
        return given.result
    then = known.get(given.version_id)
    if then is not None and same_question(then, criterion):
        return given.result
    return _replayed(given.observed, criterion) or Result.NOT_ASKED


def _replayed(observed: str, criterion: AskedThen) -> Result | None:
    """Judge the value that was seen by what is asked now; None when it does not decide."""
    if not observed.strip():
        return None
    if criterion.judged_by == JudgedBy.RULE and (said := _by_rule(observed, criterion.rule)) is not None:
        return said
    try:
        return result_of_observed(
            answer_type=criterion.answer_type,
            observed=observed,
            options=criterion.options,
            threshold=criterion.threshold,
            operator=criterion.comparison,
        )
    except DomainError:
        return None


def _by_rule(observed: str, rule: Mapping[str, object]) -> Result | None:
    kind = RuleKind(str(rule["kind"]))
    if kind not in WITH_VALUE:
        return None
    result = judge_by_rule(rule=rule, lead_facts={str(rule.get("field", "region")): observed})
    return None if result is Result.UNKNOWN else result
