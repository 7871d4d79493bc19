"""Answers to criteria: what one act says, what it keeps of the act before it, and what an answer needs to stand."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Protocol

from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from crm.rules.errors import DomainError
from funnels.rules.criteria import AnswerType, Comparison, Result, result_of_observed
from leads.rules.facts import Evidence

DECIDED = (Result.MET, Result.FAILED)
LONGEST_OBSERVED = 200


class AnswerSaysNothing(DomainError):
    """An answer with neither a result nor a value that decides."""

    def __init__(self, *, code: str) -> None:
        super().__init__("answer_says_nothing", format_lazy(_("Say whether “{code}” is met."), code=code), code)


class AnswerContradictsItself(DomainError):
    """A result that its own observed value denies."""

    def __init__(self, *, code: str) -> None:
        message = format_lazy(_("The answer to “{code}” says one thing and its value another."), code=code)
        super().__init__("answer_contradicts_itself", message, code)


class AnswerIsTooLong(DomainError):
    """A value that is a story."""

    def __init__(self, *, code: str) -> None:
        message = format_lazy(_("The value of “{code}” is too long; put the story into the note."), code=code)
        super().__init__("answer_too_long", message, code)


class AlreadyJudged(DomainError):
    """A first judgement of what has been judged: it would replace somebody's answer in silence."""

    def __init__(self) -> None:
        super().__init__(
            "already_judged",
            _(
                "This lead has been judged already. Say what yours is: a correction of a wrong judgement, or a change "
                "of the facts."
            ),
            "kind",
        )


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer as given. Without a result the observed value has to decide."""

    result: Result | None = None
    observed_value: str = ""
    evidence: Evidence = Evidence.NONE
    evidence_ref: str = ""

    @property
    def said(self) -> Result:
        """The result, once it is settled."""
        return self.result or Result.NOT_ASKED


class Asked(Protocol):
    """What is needed of a criterion to read its answer."""

    @property
    def code(self) -> str: ...
    @property
    def answer_type(self) -> AnswerType: ...
    @property
    def options(self) -> Sequence[Mapping[str, object]]: ...
    @property
    def threshold(self) -> Decimal | None: ...
    @property
    def comparison(self) -> Comparison: ...


def settled(*, answer: Answer, criterion: Asked) -> Answer:
    """Bring result and observed value together: a number or a choice decides by itself and may not be denied."""
    if len(answer.observed_value) > LONGEST_OBSERVED or len(answer.evidence_ref) > LONGEST_OBSERVED:
        raise AnswerIsTooLong(code=criterion.code)
    derived = observed_result(value=answer.observed_value, criterion=criterion)
    if derived is None and answer.result is None:
        raise AnswerSaysNothing(code=criterion.code)
    if derived is not None and answer.result is not None and derived != answer.result:
        raise AnswerContradictsItself(code=criterion.code)
    return replace(answer, result=answer.result or derived)


def observed_result(*, value: str, criterion: Asked) -> Result | None:
    """Derive a result from the value seen, if the value decides."""
    return result_of_observed(
        answer_type=criterion.answer_type,
        observed=value,
        options=criterion.options,
        threshold=criterion.threshold,
        operator=criterion.comparison,
    )


def combined(*, given: Mapping[str, Answer], before: Mapping[str, Answer], may_replace: bool) -> dict[str, Answer]:
    """Lay the answers given over those in force: what is not mentioned stays.

    "Not asked" takes an answer back. A repeated result keeps the evidence and the value it had, unless new ones come
    with it. Without `may_replace` an answer of met or failed may only be repeated.
    """
    result = dict(before)
    for code, answer in given.items():
        old = before.get(code)
        if old is not None and old.result in DECIDED and answer.result != old.result and not may_replace:
            raise AlreadyJudged
        if answer.result == Result.NOT_ASKED:
            result.pop(code, None)
        elif old is not None and old.result == answer.result:
            result[code] = _refreshed(answer, old)
        else:
            result[code] = answer
    return result


def is_new(*, code: str, answer: Answer, before: Mapping[str, Answer]) -> bool:
    """Tell whether an act says something the act before it did not: only that has to be proven again."""
    old = before.get(code)
    return old is None or old.result != answer.result


def _refreshed(answer: Answer, old: Answer) -> Answer:
    return replace(
        answer,
        observed_value=answer.observed_value or old.observed_value,
        evidence=answer.evidence or old.evidence,
        evidence_ref=answer.evidence_ref or (old.evidence_ref if not answer.evidence else ""),
    )
