"""Criteria: what may be asked about a lead, how it is answered and how a rule answers it."""

from collections.abc import Mapping, Sequence
from decimal import Decimal, InvalidOperation
from enum import StrEnum

from django.utils.translation import gettext_lazy as _

from crm.rules.errors import DomainError
from crm.rules.numbers import read_written

MAXIMUM_CRITERIA = 31  # a funnel's masks are signed 32-bit integers on every database


class Result(StrEnum):
    MET = "met"
    FAILED = "failed"
    UNKNOWN = "unknown"
    NOT_ASKED = "not_asked"


RESULT_LABELS = {
    Result.MET: _("Met"),
    Result.FAILED: _("Not met"),
    Result.UNKNOWN: _("Unknown"),
    Result.NOT_ASKED: _("Not asked"),
}


class AnswerType(StrEnum):
    YES_NO = "yes_no"
    CHOICE = "choice"
    NUMBER = "number"


ANSWER_TYPE_LABELS = {
    AnswerType.YES_NO: _("Yes or no"),
    AnswerType.CHOICE: _("Choice from a list"),
    AnswerType.NUMBER: _("Number with a threshold"),
}


class JudgedBy(StrEnum):
    PERSON = "person"
    RULE = "rule"


JUDGED_BY_LABELS = {
    JudgedBy.PERSON: _("A person"),
    JudgedBy.RULE: _("A rule"),
}


class EvidenceRule(StrEnum):
    """What "not met" has to be supported by."""

    NONE = "none"
    NOTE = "note"
    UNREACHABLE = "unreachable"  # machine evidence, or at least K attempts on at least D days


EVIDENCE_LABELS = {
    EvidenceRule.NONE: _("None"),
    EvidenceRule.NOTE: _("A note"),
    EvidenceRule.UNREACHABLE: _("Machine evidence or enough attempts"),
}


class RuleKind(StrEnum):
    PHONE_VALID = "phone_valid"
    EMAIL_VALID = "email_valid"
    FIELD_IN_LIST = "field_in_list"
    NUMBER_AT_LEAST = "number_at_least"
    REGION_IN_LIST = "region_in_list"


RULE_KEYS: dict[RuleKind, frozenset[str]] = {
    RuleKind.PHONE_VALID: frozenset(),
    RuleKind.EMAIL_VALID: frozenset(),
    RuleKind.FIELD_IN_LIST: frozenset({"field", "values"}),
    RuleKind.NUMBER_AT_LEAST: frozenset({"field", "threshold"}),
    RuleKind.REGION_IN_LIST: frozenset({"values"}),
}


class Comparison(StrEnum):
    AT_LEAST = "at_least"
    AT_MOST = "at_most"


class RuleIsNotUnderstood(DomainError):
    """A criterion's rule names an unknown kind or lacks what the kind needs."""

    def __init__(self) -> None:
        super().__init__("rule_not_understood", _("This rule is unknown or incomplete."), "rule")


class AnswerIsNotInTheList(DomainError):
    """A choice that the criterion does not offer."""

    def __init__(self) -> None:
        super().__init__(
            "answer_not_in_the_list", _("This answer is not among those the criterion offers."), "observed"
        )


class AnswerIsNotANumber(DomainError):
    """Words where a number was asked for."""

    def __init__(self) -> None:
        super().__init__("answer_not_a_number", _("The answer to this criterion is a number."), "observed")


class CriterionCannotBeAnswered(DomainError):
    """A criterion whose answer could never be met, or never be failed."""

    def __init__(self) -> None:
        super().__init__(
            "criterion_cannot_be_answered",
            _("A choice needs both good and bad options, a number needs a threshold, a rule needs its settings."),
        )


def check_content(
    *,
    answer_type: AnswerType,
    options: Sequence[Mapping[str, object]],
    threshold: Decimal | None,
    judged_by: JudgedBy,
    rule: Mapping[str, object],
) -> None:
    """Refuse a criterion that nobody could answer."""
    if answer_type == AnswerType.CHOICE and {bool(option["met"]) for option in options} != {True, False}:
        raise CriterionCannotBeAnswered
    if answer_type == AnswerType.NUMBER and threshold is None:
        raise CriterionCannotBeAnswered
    if rule.get("operator", Comparison.AT_LEAST) not in set(Comparison):
        raise RuleIsNotUnderstood
    if judged_by == JudgedBy.RULE:
        check_rule(rule=rule)


def check_rule(*, rule: Mapping[str, object]) -> None:
    """Refuse a rule that could not be evaluated later."""
    try:
        kind = RuleKind(str(rule.get("kind")))
    except ValueError:
        raise RuleIsNotUnderstood from None
    if not all(rule.get(key) for key in RULE_KEYS[kind]):
        raise RuleIsNotUnderstood
    if "threshold" in RULE_KEYS[kind] and number_in(rule["threshold"]) is None:
        raise RuleIsNotUnderstood
    if "values" in RULE_KEYS[kind] and not isinstance(rule["values"], list):
        raise RuleIsNotUnderstood


def judge_by_rule(*, rule: Mapping[str, object], lead_facts: Mapping[str, object]) -> Result:
    """Answer a criterion from what is known about the lead.

    `lead_facts` holds `phone_valid` and `email_valid` (true, false, or None when there is none), `region`, and any
    other field by its name. What is absent is unknown: silence never fails a lead.
    """
    check_rule(rule=rule)
    kind = RuleKind(str(rule["kind"]))
    if kind in {RuleKind.PHONE_VALID, RuleKind.EMAIL_VALID}:
        return _of(lead_facts.get(kind.value))
    fact = lead_facts.get("region" if kind is RuleKind.REGION_IN_LIST else str(rule["field"]))
    if fact is None or _plain(fact) == "":
        return Result.UNKNOWN
    if kind is RuleKind.NUMBER_AT_LEAST:
        number, threshold = number_in(fact), number_in(rule["threshold"])
        return Result.UNKNOWN if number is None or threshold is None else _of(number >= threshold)
    values = rule["values"]
    return _of(isinstance(values, list) and _plain(fact) in {_plain(value) for value in values})


def number_meets(
    *, value: Decimal | float, threshold: Decimal | float, operator: Comparison = Comparison.AT_LEAST
) -> bool:
    """Compare an observed number with the agreed threshold; the threshold itself is enough."""
    return value <= threshold if operator == Comparison.AT_MOST else value >= threshold


def comparison_of(*, rule: Mapping[str, object]) -> Comparison:
    """Read from a number criterion's rule on which side of the threshold it is met."""
    return Comparison(str(rule.get("operator", Comparison.AT_LEAST)))


def result_of_observed(
    *,
    answer_type: AnswerType,
    observed: object,
    options: Sequence[Mapping[str, object]] = (),
    threshold: Decimal | None = None,
    operator: Comparison = Comparison.AT_LEAST,
) -> Result | None:
    """Derive the result from the observed value, so that it can be replayed when the threshold moves.

    None when the value does not decide: nothing was observed, or the criterion is a plain yes or no.
    """
    if observed is None or _plain(observed) == "":
        return None
    if answer_type == AnswerType.NUMBER:
        number = number_in(observed)
        if number is None:
            raise AnswerIsNotANumber
        if threshold is None:
            return None
        return _of(number_meets(value=number, threshold=threshold, operator=operator))
    if answer_type == AnswerType.CHOICE:
        chosen = [option for option in options if str(option["value"]) == str(observed)]
        if not chosen:
            raise AnswerIsNotInTheList
        return _of(bool(chosen[0]["met"]))
    return None


def number_in(value: object) -> Decimal | None:
    """Read a number as programs and people write it: "150.050" is 150.05, "150,050" is 150050, "150,5" is 150.5.

    None when it is not one. A point alone is always a decimal mark, as programs mean it; a comma before exactly three
    digits groups them where it can.
    """
    if isinstance(value, bool):
        return None
    text = "".join(str(value).split())
    try:
        number = Decimal(text)
    except InvalidOperation:
        return _by_hand(text)
    return number if number.is_finite() else None


def _by_hand(text: str) -> Decimal | None:
    written = read_written(text=text.removeprefix("-"))
    if written is None:
        return None
    return -written.value if text.startswith("-") else written.value


def _of(fact: object) -> Result:
    if fact is None:
        return Result.UNKNOWN
    return Result.MET if fact else Result.FAILED


def _plain(value: object) -> str:
    return " ".join(str(value).casefold().replace("ё", "е").split())
