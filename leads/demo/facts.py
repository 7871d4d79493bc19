"""The facts about each drawn lead: touches, assessments, transitions and sales, and what the lead repeats of them."""

from collections.abc import Sequence
from random import Random

from funnels.models import Funnel, LossReason, Stage
from funnels.queries.definitions import criteria_of
from funnels.rules.criteria import Result
from funnels.rules.moves import Milestone, Outcome
from funnels.rules.verdict import verdict
from leads.demo.history import AssessmentEvent, History, MoveEvent
from leads.demo.story import NOTES
from leads.models import (
    Assessment,
    AssessmentAnswer,
    Lead,
    OwnerChange,
    Sale,
    Submission,
    Touch,
    Transition,
    TransitionReason,
)
from leads.rules.facts import (
    AssessmentKind,
    Channel,
    SaleKind,
    SubmissionState,
    TouchActor,
    TouchChannel,
    TransitionKind,
)

DERIVED = (
    "stage",
    "stage_since_at",
    "expected_amount",
    "outcome",
    "outcome_at",
    "definition",
    "verdict",
    "verdict_at",
    "fail_mask",
    "soft_fail_mask",
    "assessed_mask",
    "first_touch_at",
)


class FactWriter:
    """Writes the facts of a chunk of leads in bulk."""

    def __init__(self, *, funnel: Funnel, stages: Sequence[Stage], currency: str, language: str) -> None:
        self.funnel = funnel
        self.stages = stages
        self.currency = currency
        self.language = language
        self.definitions = list(funnel.definitions.filter(published_at__isnull=False).order_by("effective_from_at"))
        self.asked = {definition.pk: criteria_of(definition=definition) for definition in self.definitions}
        self.reasons = {
            stage.pk: list(
                LossReason.objects.filter(stages=stage, archived_at=None).select_related("implied_criterion")
            )
            for stage in stages
        }

    def write(self, chunk: Sequence[tuple[History, Lead]]) -> None:
        """Write everything that happened to these leads and derive what their rows repeat."""
        Submission.objects.bulk_create(self._submission(history, lead) for history, lead in chunk)
        OwnerChange.objects.bulk_create(
            OwnerChange(lead=lead, owner=lead.owner, occurred_at=lead.received_at, recorded_at=lead.received_at)
            for _history, lead in chunk
        )
        self._write_touches(chunk)
        self._write_assessments(chunk)
        self._write_transitions(chunk)
        Lead.objects.bulk_update([lead for _history, lead in chunk], DERIVED, batch_size=100)

    def _submission(self, history: History, lead: Lead) -> Submission:
        payload = {"form": "demo", "request": history.number + 1, "utm_campaign": history.campaign}
        return Submission(
            channel=Channel.FORM.value,
            payload=payload,
            received_at=lead.received_at,
            state=SubmissionState.ACCEPTED.value,
            lead=lead,
        )

    def _write_touches(self, chunk: Sequence[tuple[History, Lead]]) -> None:
        touches = []
        for history, lead in chunk:
            for event in history.touches:
                touches.append(
                    Touch(
                        lead=lead,
                        actor=TouchActor.HUMAN.value,
                        channel=TouchChannel.CALL.value,
                        result=event.result.value,
                        by=lead.owner,
                        occurred_at=event.at,
                        recorded_at=event.at,
                    )
                )
            if history.touches:
                lead.first_touch_at = history.touches[0].at
        Touch.objects.bulk_create(touches)

    def _write_assessments(self, chunk: Sequence[tuple[History, Lead]]) -> None:
        pairs = [(history, lead) for history, lead in chunk if history.assessments]
        firsts = [self._assessment(lead, history.assessments[0], None) for history, lead in pairs]
        Assessment.objects.bulk_create(firsts)
        seconds = [
            (self._assessment(lead, history.assessments[1], first), history.assessments[1])
            for (history, lead), first in zip(pairs, firsts, strict=True)
            if len(history.assessments) > 1
        ]
        Assessment.objects.bulk_create(assessment for assessment, _event in seconds)
        written = [
            *((first, history.assessments[0]) for (history, _lead), first in zip(pairs, firsts, strict=True)),
            *seconds,
        ]
        AssessmentAnswer.objects.bulk_create(
            answer for assessment, event in written for answer in self._answers(assessment, event)
        )

    def _assessment(self, lead: Lead, event: AssessmentEvent, before: Assessment | None) -> Assessment:
        definition = [known for known in self.definitions if known.effective_from_at <= event.at][-1]
        criteria = self.asked[definition.pk]
        judged = verdict(
            results={criterion.bit: event.results.get(criterion.code, Result.NOT_ASKED) for criterion in criteria},
            blocking=[criterion.bit for criterion in criteria if criterion.is_blocking],
        )
        corrects = before is not None and event.kind is AssessmentKind.CORRECT
        assessment = Assessment(
            lead=lead,
            kind=event.kind.value,
            channel=Channel.PAGE.value,
            definition=definition,
            supersedes=before if corrects else None,
            verdict=judged.verdict.value,
            fail_mask=judged.fail_mask,
            soft_fail_mask=judged.soft_fail_mask,
            assessed_mask=judged.assessed_mask,
            by=lead.owner,
            by_role=lead.owner.role if lead.owner else "",
            occurred_at=event.at,
            recorded_at=event.at,
            effective_at=before.effective_at if corrects and before else event.at,
        )
        lead.definition = definition
        lead.verdict = assessment.verdict
        lead.verdict_at = assessment.effective_at
        lead.fail_mask, lead.soft_fail_mask = assessment.fail_mask, assessment.soft_fail_mask
        lead.assessed_mask = assessment.assessed_mask
        return assessment

    def _answers(self, assessment: Assessment, event: AssessmentEvent) -> list[AssessmentAnswer]:
        return [
            AssessmentAnswer(
                assessment=assessment,
                criterion_version_id=criterion.version_id,
                result=event.results[criterion.code].value,
                observed_value=str(event.budget) if criterion.code == "budget" and event.budget else "",
                evidence=event.evidence.value,
            )
            for criterion in self.asked[assessment.definition_id]
            if criterion.code in event.results
        ]

    def _write_transitions(self, chunk: Sequence[tuple[History, Lead]]) -> None:
        transitions, reasons, sales = [], [], []
        for history, lead in chunk:
            transitions.append(self._transition(lead, MoveEvent(lead.received_at, TransitionKind.ARRIVE, 0)))
            for event in history.moves:
                transition = self._transition(lead, event)
                transitions.append(transition)
                if event.kind is TransitionKind.LOSE:
                    reasons.extend(self._reasons(transition, lead, event))
                if event.amount is not None:
                    sales.append(self._sale(lead, event))
        Transition.objects.bulk_create(transitions)
        TransitionReason.objects.bulk_create(reasons)
        Sale.objects.bulk_create(sales)

    def _transition(self, lead: Lead, event: MoveEvent) -> Transition:
        arrives = event.kind is TransitionKind.ARRIVE
        before, stage = lead.stage, self.stages[event.to]
        if stage != before:
            lead.stage, lead.stage_since_at = stage, event.at
            lead.expected_amount = lead.expected_amount or _expected(lead, stage)
        lead.outcome, lead.outcome_at = Outcome.OPEN.value, None
        if event.kind in (TransitionKind.LOSE, TransitionKind.WIN):
            lead.outcome = (Outcome.WON if event.kind is TransitionKind.WIN else Outcome.LOST).value
            lead.outcome_at = event.at
        return Transition(
            lead=lead,
            kind=event.kind.value,
            channel=Channel.FORM.value if arrives else Channel.PAGE.value,
            from_stage=None if arrives else before,
            to_stage=stage,
            from_milestone="" if arrives else before.milestone,
            to_milestone=stage.milestone,
            by=None if arrives else lead.owner,
            occurred_at=event.at,
            recorded_at=event.at,
            effective_at=event.at,
        )

    def _reasons(self, transition: Transition, lead: Lead, event: MoveEvent) -> list[TransitionReason]:
        """Choose the reasons of this stage: the one that implies the failed criterion, or one or two others."""
        random = Random(lead.pk)
        offered = self.reasons[transition.to_stage_id]
        implied = [r for r in offered if r.implied_criterion and r.implied_criterion.code == event.because]
        free = [reason for reason in offered if reason.implied_criterion is None]
        chosen = implied[:1] or random.sample(free, k=min(len(free), 2 if random.random() < 0.15 else 1))
        if any(reason.needs_note for reason in chosen):
            transition.note = NOTES[self.language]
        return [TransitionReason(transition=transition, loss_reason=reason) for reason in chosen]

    def _sale(self, lead: Lead, event: MoveEvent) -> Sale:
        return Sale(
            lead=lead,
            contact_id=lead.contact_id,
            kind=SaleKind.FIRST.value,
            amount=event.amount or 0,
            variable_cost=round((event.amount or 0) * 0.45, 2),
            currency=self.currency,
            by=lead.owner,
            occurred_at=event.at,
            recorded_at=event.at,
        )


def _expected(lead: Lead, stage: Stage) -> int | None:
    """Say what a lead may bring once it has been talked to; some salespeople never say."""
    random = Random(lead.received_at.timestamp())
    has_talked = stage.milestone not in (Milestone.NEW, Milestone.CONTACTED)
    return random.randrange(30, 180) * 1000 if has_talked and random.random() < 0.8 else None
