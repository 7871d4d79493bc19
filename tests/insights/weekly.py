"""Weeks of leads told by two numbers each: how many came, and how many of them are non-target."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta

from funnels.models import CriterionVersion, Definition
from funnels.operations.definitions import draft_definition
from funnels.operations.dictionaries import revise_criterion
from tests.factories.funnels import content_of
from tests.factories.insights_leads import Facts

FIRST_ON = date(2026, 1, 5)
DECIDED_AFTER = timedelta(days=1)


def monday(number: int) -> date:
    """Find the Monday of a week; the first is number 0."""
    return FIRST_ON + timedelta(weeks=number)


def tell(facts: Facts, counts: Sequence[tuple[int, int]], *, start: int = 0, failing: Sequence[str] = ()) -> None:
    """Let n leads come each week, of which k fail one of the criteria named, in turn, and the others are target."""
    failing = failing or list(facts.rules.versions)[:1]
    for week, (k, n) in enumerate(counts, start=start):
        for number in range(n):
            came_at = datetime.combine(monday(week), time(9, number % 60), UTC) + timedelta(days=number % 5)
            lead = facts.lead(came_at)
            if number < k:
                facts.judge(lead, at=came_at + DECIDED_AFTER, failed=[failing[number % len(failing)]])
            else:
                facts.target(lead, at=came_at + DECIDED_AFTER)
    facts.settle()


def redefine(facts: Facts, *, at: datetime, revised: Sequence[str] = ()) -> Definition:
    """Put a second definition in force, in which the criteria named have a new version."""
    versions: list[CriterionVersion] = []
    for code, version in facts.rules.versions.items():
        if code in revised:
            version = revise_criterion(
                criterion=version.criterion, content=content_of(code, wording="Anew?"), by=None, at=at
            )
        versions.append(version)
    draft = draft_definition(
        funnel=facts.rules.funnel, versions=versions, note="Second", effective_from_at=at, by=None, at=at
    )
    draft.published_at = draft.marketing_signed_at = draft.sales_signed_at = at
    draft.save()
    return draft
