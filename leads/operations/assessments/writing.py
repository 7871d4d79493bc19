"""Write an act of judging down: the verdict is computed from its answers, never told."""

from collections.abc import Mapping
from datetime import datetime

from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from crm.operations import audit
from crm.rules.errors import DomainError
from funnels.models import Definition
from funnels.queries import CriterionInForce, blocking_bits
from funnels.rules.criteria import Result
from funnels.rules.verdict import VERDICT_LABELS, Judgement, Verdict, verdict
from leads.models import Assessment, AssessmentAnswer
from leads.operations import events
from leads.operations.states import Held
from leads.rules.answers import Answer
from leads.rules.facts import AssessmentKind


class VerdictDoesNotFollow(DomainError):
    """A claimed verdict that the answers do not bear out, such as non-target with nothing failed."""

    def __init__(self, *, computed: Verdict) -> None:
        message = format_lazy(
            _("The answers say “{verdict}”. A lead is non-target only when a blocking criterion is not met."),
            verdict=VERDICT_LABELS[computed],
        )
        super().__init__("verdict_does_not_follow", message, "verdict")


def write(
    held: Held,
    assessment: Assessment,
    definition: Definition,
    criteria: list[CriterionInForce],
    answers: Mapping[str, Answer],
    *,
    at: datetime,
    expected: Verdict | None = None,
) -> None:
    """Add an act with its answers, the state that follows from it, its audit row and its event."""
    judgement = _judgement(criteria, answers)
    if expected is not None and judgement.verdict != expected:
        raise VerdictDoesNotFollow(computed=judgement.verdict)
    assessment.definition = definition
    assessment.verdict = judgement.verdict
    assessment.fail_mask = judgement.fail_mask
    assessment.soft_fail_mask = judgement.soft_fail_mask
    assessment.assessed_mask = judgement.assessed_mask
    held.write(assessment)
    for criterion in criteria:
        if answer := answers.get(criterion.code):
            held.rows.add(_answer_row(assessment, criterion, answer))
    if assessment.kind != AssessmentKind.AUDIT:
        held.settle(Assessment)
    changes = {
        "assessment": assessment.pk,
        "kind": assessment.kind,
        "verdict": judgement.verdict,
        "channel": assessment.channel,
    }
    audit.record(action="lead.judge", obj=assessment.lead, by=assessment.by, at=at, changes=changes, rows=held.rows)
    failed = [code for code, answer in answers.items() if answer.said == Result.FAILED]
    events.tell_judged(lead=held.lead, assessment=assessment, failed=failed, at=at, rows=held.rows)


def _answer_row(assessment: Assessment, criterion: CriterionInForce, answer: Answer) -> AssessmentAnswer:
    return AssessmentAnswer(
        assessment=assessment,
        criterion_version_id=criterion.version_id,
        result=answer.said,
        observed_value=answer.observed_value,
        evidence=answer.evidence,
        evidence_ref=answer.evidence_ref,
    )


def _judgement(criteria: list[CriterionInForce], answers: Mapping[str, Answer]) -> Judgement:
    results = {criterion.bit: answers[criterion.code].said for criterion in criteria if criterion.code in answers}
    return verdict(results=results, blocking=blocking_bits(criteria=criteria))
