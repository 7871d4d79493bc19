"""Judge leads: the verdict follows from answers to criteria, and every act stays."""

from leads.operations.assessments.judging import (
    NotCorrectable,
    NothingAnswered,
    NothingToReplace,
    RequestIdIsTaken,
    UnknownCriterion,
    judge,
    prepare,
)
from leads.operations.assessments.rules import judge_by_rules
from leads.operations.assessments.writing import VerdictDoesNotFollow
from leads.rules.answers import AlreadyJudged, Answer

__all__ = [
    "AlreadyJudged",
    "Answer",
    "NotCorrectable",
    "NothingAnswered",
    "NothingToReplace",
    "RequestIdIsTaken",
    "UnknownCriterion",
    "VerdictDoesNotFollow",
    "judge",
    "judge_by_rules",
    "prepare",
]
