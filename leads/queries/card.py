"""Everything the card of one lead shows, with the person behind it only for those who may know them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from crm.models import User
from crm.rules.permissions import Permission
from funnels.models import LossReason, Stage
from funnels.queries import CriterionInForce, NoDefinition, criteria_of, current_definition, reasons_of, stages_of
from funnels.rules.criteria import Result
from funnels.rules.moves import Milestone, Outcome
from funnels.rules.verdict import Verdict
from leads.models import Lead
from leads.queries.evidence import evidence_at_hand
from leads.queries.history import Entry, history
from leads.queries.judgements import answers_of, in_force
from leads.rules.answers import Answer
from leads.rules.evidence import EvidenceAtHand
from leads.rules.facts import AssessmentKind, PointKind


@dataclass(frozen=True, slots=True)
class Person:
    """Who sent the request and what they wrote."""

    name: str
    company: str
    phones: tuple[str, ...]
    emails: tuple[str, ...]
    message: str
    attributes: dict[str, object]


@dataclass(frozen=True, slots=True)
class Question:
    """A criterion in force with the answer in force."""

    criterion: CriterionInForce
    answer: Answer | None


@dataclass(frozen=True, slots=True)
class Card:
    """One lead, as one person may see it. `person` is None, and entries are without notes, for masked roles."""

    lead: Lead
    person: Person | None
    questions: Sequence[Question]
    kinds: tuple[AssessmentKind, ...]
    evidence: EvidenceAtHand
    reasons: Sequence[LossReason]
    stages: Sequence[Stage]
    history: Sequence[Entry]
    duplicates: Sequence[Lead]
    unsaid: Sequence[str]


def card(*, lead: Lead, actor: User, at: datetime) -> Card:
    """Read the card of a lead as it stands; `kinds` are the acts of judging that would not be refused outright.

    `unsaid` names the criteria that the reasons of the loss imply and nobody has called failed.
    """
    may_know = lead.is_reached(actor, Permission.SEE_CONTACTS)
    questions = _questions(lead, at, may_know=may_know)
    is_open = lead.outcome == Outcome.OPEN
    stages = stages_of(funnel=lead.funnel).exclude(pk=lead.stage_id).exclude(milestone=Milestone.WON)
    return Card(
        lead=lead,
        person=_person(lead) if may_know else None,
        questions=questions,
        kinds=_kinds(lead),
        evidence=evidence_at_hand(lead=lead, at=at),
        reasons=list(reasons_of(stage=lead.stage)) if is_open else [],
        stages=list(stages) if is_open else [],
        history=history(lead=lead, with_notes=may_know),
        duplicates=list(lead.duplicates.select_related("source").order_by("received_at", "id")),
        unsaid=_unsaid(lead, questions),
    )


def _person(lead: Lead) -> Person:
    points = list(lead.contact.points.values_list("kind", "value"))
    return Person(
        name=lead.contact.name,
        company=lead.contact.company,
        phones=tuple(value for kind, value in points if kind == PointKind.PHONE),
        emails=tuple(value for kind, value in points if kind == PointKind.EMAIL),
        message=lead.message,
        attributes=lead.attributes,
    )


def _questions(lead: Lead, at: datetime, *, may_know: bool) -> list[Question]:
    try:
        criteria = criteria_of(definition=current_definition(funnel=lead.funnel, at=at))
    except NoDefinition:
        return []
    answers = answers_of(assessment=in_force(lead=lead), criteria=criteria)
    if not may_know:  # a value seen or a reference may name the person
        answers = {code: Answer(answer.result, evidence=answer.evidence) for code, answer in answers.items()}
    return [Question(criterion, answers.get(criterion.code)) for criterion in criteria]


def _kinds(lead: Lead) -> tuple[AssessmentKind, ...]:
    if lead.definition_id is None:
        return (AssessmentKind.ASSESS,)
    replacing = (AssessmentKind.CHANGE, AssessmentKind.CORRECT)
    return (AssessmentKind.ASSESS, *replacing) if lead.verdict == Verdict.UNDECIDED else replacing


def _unsaid(lead: Lead, questions: Sequence[Question]) -> list[str]:
    if lead.outcome != Outcome.LOST:
        return []
    loss = lead.transitions.order_by("effective_at", "recorded_at", "id").last()
    implied = set(loss.reasons.values_list("implied_criterion_id", flat=True)) if loss else set()
    return [
        question.criterion.name
        for question in questions
        if question.criterion.criterion_id in implied
        and (question.answer is None or question.answer.result != Result.FAILED)
    ]
