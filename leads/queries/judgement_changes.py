"""What each act of judging changed: the answers before it and after."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from funnels.rules.criteria import RESULT_LABELS, Result
from leads.models import Assessment, AssessmentAnswer, Lead
from leads.rules.facts import AssessmentKind

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise

    Text = str | _StrPromise

Answers = Mapping[int, AssessmentAnswer]


@dataclass(frozen=True, slots=True)
class Change:
    """One criterion that an act answered differently from what held before it."""

    name: str
    before: "Text"
    after: "Text"


def changes_of(*, lead: Lead, acts: Collection[Assessment]) -> Mapping[int, tuple[Change, ...]]:
    """Compare each act with the one it follows; by the act's key."""
    if not acts:
        return {}
    before = _followed(lead, acts)
    answers = _answers({*(act.pk for act in acts), *before.values()})
    return {act.pk: _changes(answers.get(before.get(act.pk, 0), {}), answers.get(act.pk, {})) for act in acts}


def _followed(lead: Lead, acts: Collection[Assessment]) -> dict[int, int]:
    """Find which act held when each of these was written down, at the time from which it counts."""
    written_until = max(act.recorded_at for act in acts)
    rows = lead.assessments.exclude(kind=AssessmentKind.AUDIT).filter(recorded_at__lte=written_until).order_by()
    turns: list[tuple[datetime, datetime, int]] = list(rows.values_list("effective_at", "recorded_at", "pk"))
    followed = {}
    for act in acts:
        written = (act.recorded_at, act.pk)
        earlier = (turn for turn in turns if turn[1:] < written and turn[0] <= act.effective_at)
        held = max(earlier, default=None)
        if held is not None:
            followed[act.pk] = held[2]
    return followed


def _answers(acts: Collection[int]) -> dict[int, dict[int, AssessmentAnswer]]:
    found: dict[int, dict[int, AssessmentAnswer]] = {}
    for row in AssessmentAnswer.objects.filter(assessment__in=acts).select_related("criterion_version").order_by("id"):
        found.setdefault(row.assessment_id, {})[row.criterion_version.criterion_id] = row
    return found


def _changes(before: Answers, after: Answers) -> tuple[Change, ...]:
    criteria = list(dict.fromkeys((*after, *before)))
    compared = ((before.get(pk), after.get(pk)) for pk in criteria)
    return tuple(
        Change(_name(was, now), RESULT_LABELS[_result(was)], RESULT_LABELS[_result(now)])
        for was, now in compared
        if _result(was) != _result(now)
    )


def _result(answer: AssessmentAnswer | None) -> Result:
    return Result(answer.result) if answer else Result.NOT_ASKED


def _name(*answers: AssessmentAnswer | None) -> str:
    return next(answer.criterion_version.name for answer in reversed(answers) if answer)
