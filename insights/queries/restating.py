"""Which acts of judging are still to be put to the definition in force, and what they say under it."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from django.db.models import Exists, OuterRef, QuerySet

from funnels.models import Definition
from funnels.queries import criteria_of
from funnels.queries.definitions import versions_asked
from insights.models import Restatement
from insights.queries.scope import received
from insights.queries.verdicts import definition_at
from insights.queries.whatif import answers_given
from insights.rules.control import MOST_BASE
from insights.rules.period import WEEK
from insights.rules.slice import Slice
from insights.rules.whatif import restate
from leads.models import Assessment
from leads.rules.facts import AssessmentKind

MOST_AT_ONCE = 20_000
"""So many leads are counted while somebody waits for a page; more are counted in the background."""


def is_lengthy(*, slice: Slice) -> bool:
    """Tell whether a question is of the past, or reads leads unusually, and of more than a page may wait for."""
    if slice.as_of is None and slice.is_usual:
        return False
    return received(slice=read_for(slice)).order_by()[: MOST_AT_ONCE + 1].count() > MOST_AT_ONCE


def read_for(slice: Slice) -> Slice:
    """Widen a slice to the leads that a board reads for it: of the period before, and of the weeks it is judged by."""
    if slice.from_on is None:
        return slice
    back: timedelta = MOST_BASE * WEEK
    if slice.to_on is not None:
        back = max(back, slice.to_on - slice.from_on + timedelta(days=1))
    return replace(slice, from_on=slice.from_on - back)


def acts_to_restate(*, slice: Slice, at: datetime) -> QuerySet[Assessment]:
    """Select the acts a board reads for a slice that were judged by another definition and are not restated yet."""
    by = definition_at(slice=slice, at=at)
    if by is None or not slice.restated:
        return Assessment.objects.none()
    acts = Assessment.objects.filter(lead__in=received(slice=read_for(slice)).order_by().values("pk"))
    if slice.as_of is not None:
        acts = acts.filter(recorded_at__lte=slice.as_of)
    done = Restatement.objects.filter(assessment=OuterRef("pk"), definition=by)
    return acts.exclude(kind=AssessmentKind.AUDIT).exclude(definition=by).filter(~Exists(done)).order_by()


def restatements(*, acts: Sequence[int], by: Definition) -> Iterator[Restatement]:
    """Put the answers of some acts to a definition."""
    criteria, known = criteria_of(definition=by), versions_asked(funnel_id=by.funnel_id)
    given = answers_given(acts=acts)
    for act in acts:
        found = restate(given=given.get(act, {}), criteria=criteria, known=known).judgement
        yield Restatement(
            assessment_id=act,
            definition=by,
            verdict=found.verdict,
            fail_mask=found.fail_mask,
            assessed_mask=found.assessed_mask,
        )
