"""The steps from an empty installation to its first judged lead."""

from enum import StrEnum


class Step(StrEnum):
    COMPANY = "company"
    RULES = "rules"
    PEOPLE = "people"
    SOURCE = "source"
    LEAD = "lead"


STEPS = tuple(Step)
MAY_BE_SKIPPED = (Step.PEOPLE, Step.SOURCE)
