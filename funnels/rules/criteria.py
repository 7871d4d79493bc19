"""Criteria: what may be asked about a lead, how it is answered and how a rule answers it."""

from enum import StrEnum

from django.utils.translation import gettext_lazy as _

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
