"""What the rules of a definition say about a lead as it arrives."""

from collections.abc import Mapping
from datetime import datetime

from funnels.queries import CriterionInForce, NoDefinition, criteria_of, definitions_agreed, in_force
from funnels.rules.criteria import JudgedBy, Result, judge_by_rule
from leads.models import Assessment
from leads.operations.assessments.writing import write
from leads.operations.desk import Desk
from leads.operations.states import Held
from leads.rules.answers import Answer
from leads.rules.facts import AssessmentKind, Channel
from leads.rules.times import effective_at


def judge_by_rules(*, held: Held, facts: Mapping[str, object], at: datetime, desk: Desk) -> Assessment | None:
    """Record what the rules of the definition say about a lead as it arrives; called by the operation that receives it.

    A rule whose fact is absent says nothing, and when none speaks, nothing is recorded.
    """
    lead = held.lead
    try:
        definition = in_force(desk.once(definitions_agreed, funnel_id=lead.funnel_id), at=lead.received_at)
    except NoDefinition:
        return None  # a request is taken in before anybody has agreed on what is a good one
    criteria = desk.once(criteria_of, definition=definition)
    answers = {}
    for criterion in criteria:
        if criterion.judged_by == JudgedBy.RULE:
            result = judge_by_rule(rule=criterion.rule, lead_facts=facts)
            if result != Result.UNKNOWN:
                answers[criterion.code] = Answer(result, observed_value=_observed(criterion, facts))
    if not answers:
        return None
    assessment = Assessment(
        lead=lead,
        kind=AssessmentKind.ASSESS,
        channel=Channel.RULE,
        occurred_at=lead.received_at,
        recorded_at=at,
        effective_at=effective_at(occurred_at=lead.received_at, recorded_at=at, is_machine=True),
    )
    write(held, assessment, definition, criteria, answers, at=at)
    return assessment


def _observed(criterion: CriterionInForce, facts: Mapping[str, object]) -> str:
    """Keep the value a rule has seen, so that a new threshold can be replayed (R11)."""
    field = criterion.rule.get("field") or ("region" if "values" in criterion.rule else "")
    return str(facts.get(str(field), ""))[:200]
