"""What one definition asks otherwise than another, criterion by criterion."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from typing import Generic, Protocol, TypeVar

from funnels.rules.criteria import AnswerType, Comparison, EvidenceRule, JudgedBy


class Change(StrEnum):
    """One way in which a criterion of one definition differs from the other's; the heaviest first."""

    ADDED = "added"
    REMOVED = "removed"
    BLOCKS_NOW = "blocks_now"
    BLOCKS_NO_MORE = "blocks_no_more"
    THRESHOLD = "threshold"
    ANSWER = "answer"
    JUDGED_BY = "judged_by"
    EVIDENCE = "evidence"
    WORDING = "wording"
    EXAMPLES = "examples"
    NAME = "name"
    STAGE = "stage"
    ORDER = "order"


class Asked(Protocol):
    """What is compared of a criterion as a definition asks it."""

    @property
    def criterion_id(self) -> int: ...
    @property
    def name(self) -> str: ...
    @property
    def failed_name(self) -> str: ...
    @property
    def wording(self) -> str: ...
    @property
    def example_met(self) -> str: ...
    @property
    def example_failed(self) -> str: ...
    @property
    def is_blocking(self) -> bool: ...
    @property
    def evidence(self) -> EvidenceRule: ...
    @property
    def answer_type(self) -> AnswerType: ...
    @property
    def options(self) -> Sequence[Mapping[str, object]]: ...
    @property
    def threshold(self) -> Decimal | None: ...
    @property
    def unit(self) -> str: ...
    @property
    def comparison(self) -> Comparison: ...
    @property
    def answerable_at_id(self) -> int | None: ...
    @property
    def judged_by(self) -> JudgedBy: ...
    @property
    def rule(self) -> Mapping[str, object]: ...


C = TypeVar("C", bound=Asked)


@dataclass(frozen=True, slots=True)
class Difference(Generic[C]):
    """One criterion before and after; None is not asked. Without changes it is the same in both."""

    before: C | None
    after: C | None
    changes: tuple[Change, ...]


def differences(*, before: Sequence[C], after: Sequence[C]) -> list[Difference[C]]:
    """Lay two definitions side by side: what the new one asks in its order, then what it asks no more."""
    old = {criterion.criterion_id: criterion for criterion in before}
    new = {criterion.criterion_id: criterion for criterion in after}
    moved = _moved([pk for pk in old if pk in new], [pk for pk in new if pk in old])
    rows = [
        Difference(old.get(pk), criterion, changes_between(old.get(pk), criterion, is_moved=pk in moved))
        for pk, criterion in new.items()
    ]
    return rows + [Difference(criterion, None, (Change.REMOVED,)) for pk, criterion in old.items() if pk not in new]


def changes_between(before: C | None, after: C, *, is_moved: bool = False) -> tuple[Change, ...]:
    """List what differs between two versions of a criterion."""
    if before is None:
        return (Change.ADDED,)
    found = [change for change, parts in _PARTS.items() if _differ(before, after, parts)]
    if before.is_blocking != after.is_blocking:
        found.append(Change.BLOCKS_NOW if after.is_blocking else Change.BLOCKS_NO_MORE)
    if is_moved:
        found.append(Change.ORDER)
    return tuple(sorted(found, key=list(Change).index))


def same_question(before: Asked, after: Asked) -> bool:
    """Tell whether an answer to one version answers the other too: nothing that decides it has changed."""
    return not any(_differ(before, after, _PARTS[change]) for change in _DECIDING)


_PARTS: dict[Change, tuple[str, ...]] = {
    Change.THRESHOLD: ("threshold", "unit", "comparison"),
    Change.ANSWER: ("answer_type", "options"),
    Change.JUDGED_BY: ("judged_by", "rule"),
    Change.EVIDENCE: ("evidence",),
    Change.WORDING: ("wording",),
    Change.EXAMPLES: ("example_met", "example_failed"),
    Change.NAME: ("name", "failed_name"),
    Change.STAGE: ("answerable_at_id",),
}
_DECIDING = (Change.THRESHOLD, Change.ANSWER, Change.JUDGED_BY, Change.WORDING)


def _differ(before: Asked, after: Asked, parts: Sequence[str]) -> bool:
    return any(_plain(getattr(before, part), part) != _plain(getattr(after, part), part) for part in parts)


def _plain(value: object, part: str) -> object:
    """Leave the side of the threshold to `comparison`: else one change of it would be told twice."""
    if part == "rule" and isinstance(value, Mapping):
        return {key: said for key, said in value.items() if key != "operator"}
    return value


def _moved(old: Sequence[int], new: Sequence[int]) -> set[int]:
    """Name the fewest criteria that have to be moved to come from one order to the other."""
    rank = {pk: place for place, pk in enumerate(old)}
    best: list[list[int]] = []
    for place, pk in enumerate(new):
        before = [best[i] for i in range(place) if rank[new[i]] < rank[pk]]
        best.append([*_longest(before), pk])
    return set(new) - set(_longest(best))


def _longest(runs: Sequence[list[int]]) -> list[int]:
    return max(runs, key=lambda run: len(run)) if runs else []
