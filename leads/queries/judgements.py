"""What a lead has been judged to be, act by act."""

from funnels.queries import CriterionInForce
from funnels.rules.criteria import Result
from leads.models import Assessment, Lead
from leads.queries.derived import act_in_force
from leads.rules.answers import Answer, observed_result
from leads.rules.facts import Evidence


def in_force(*, lead: Lead) -> Assessment | None:
    """Find the assessment in force now."""
    return act_in_force(lead.assessments.all())


def answers_of(*, assessment: Assessment | None, criteria: list[CriterionInForce]) -> dict[str, Answer]:
    """Read the answers of an act as far as they answer these criteria.

    An answer to another version of a criterion answered another question: it is kept only when the value that was
    seen decides the new one too.
    """
    if assessment is None:
        return {}
    by_criterion = {criterion.criterion_id: criterion for criterion in criteria}
    result = {}
    for row in assessment.answers.select_related("criterion_version"):
        criterion = by_criterion.get(row.criterion_version.criterion_id)
        if criterion is None:
            continue
        now: Result | None = Result(row.result)
        if row.criterion_version_id != criterion.version_id:
            now = observed_result(value=row.observed_value, criterion=criterion)
        if now is not None:
            result[criterion.code] = Answer(now, row.observed_value, Evidence(row.evidence), row.evidence_ref)
    return result
