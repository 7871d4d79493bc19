"""What is known about one lead, and what may be done with it."""

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
from leads.models import Assessment, Lead
from leads.queries.evidence import evidence_at_hand
from leads.queries.history import History, history
from leads.queries.judgements import answers_of, in_force
from leads.queries.path import Step, path_of
from leads.queries.timeline import Asked
from leads.rules.answers import Answer
from leads.rules.evidence import EvidenceAtHand
from leads.rules.facts import EVIDENCE_LABELS, AssessmentKind, Evidence

NEWEST = Asked()


@dataclass(frozen=True, slots=True)
class Question:
    """A criterion in force with the answer in force."""

    criterion: CriterionInForce
    answer: Answer | None
    is_carried: bool = False  # said under an older definition that left the lead undecided: under this one nobody has

    @property
    def rests_on(self) -> str:
        """What the answer was proven by, in words; empty where nothing was."""
        if self.answer is None or self.answer.evidence is Evidence.NONE:
            return ""
        return " · ".join(filter(None, (str(EVIDENCE_LABELS[self.answer.evidence]), self.answer.evidence_ref)))


@dataclass(frozen=True, slots=True)
class Judged:
    """Who gave the answers in force, and when; nobody where a rule or a program did."""

    by: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Card:
    """One lead, as one person may see it: for masked roles entries are without notes, answers without values."""

    lead: Lead
    questions: Sequence[Question]
    kinds: tuple[AssessmentKind, ...]
    evidence: EvidenceAtHand
    reasons: Sequence[LossReason]
    stages: Sequence[Stage]
    path: Sequence[Step]
    history: History
    judged: Judged | None
    unsaid: Sequence[str]


def card(*, lead: Lead, actor: User, at: datetime, asked: Asked = NEWEST) -> Card:
    """Read the card of a lead as it stands; `kinds` are the acts of judging that would not be refused outright.

    `unsaid` names the criteria that the reasons of the loss imply and nobody has called failed.
    """
    may_know = lead.is_reached(actor, Permission.SEE_CONTACTS)
    act = in_force(lead=lead)
    questions = _questions(lead, act, at, may_know=may_know)
    is_open = lead.outcome == Outcome.OPEN
    elsewhere = stages_of(funnel=lead.funnel).exclude(pk=lead.stage_id).exclude(milestone=Milestone.WON)
    stages = list(elsewhere) if is_open else []
    return Card(
        lead=lead,
        questions=questions,
        kinds=_kinds(lead),
        evidence=evidence_at_hand(lead=lead, at=at),
        reasons=list(reasons_of(stage=lead.stage)) if is_open else [],
        stages=stages,
        path=path_of(lead=lead, offered=stages, at=at),
        history=history(lead=lead, asked=asked, actor=actor, with_notes=may_know),
        judged=Judged(act.by.name if act.by else "", act.occurred_at) if act else None,
        unsaid=_unsaid(lead, questions),
    )


def _questions(lead: Lead, act: Assessment | None, at: datetime, *, may_know: bool) -> list[Question]:
    try:
        definition = current_definition(funnel=lead.funnel, at=at)
    except NoDefinition:
        return []
    criteria = criteria_of(definition=definition)
    answers = answers_of(assessment=act, criteria=criteria)
    if not may_know:  # a value seen or a reference may name the person
        answers = {code: Answer(answer.result, evidence=answer.evidence) for code, answer in answers.items()}
    is_older = act is not None and act.definition_id != definition.pk and act.verdict == Verdict.UNDECIDED
    return [Question(one, answers.get(one.code), is_older and one.code in answers) for one in criteria]


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
