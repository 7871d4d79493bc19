"""Undo what one has done a moment ago. Nothing is erased: undoing is an act like any other."""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from crm.models import User
from crm.operations import audit
from crm.rules.errors import DomainError
from crm.rules.ids import new_public_id
from funnels.rules.criteria import Result
from funnels.rules.verdict import Verdict
from leads.models import Assessment, AssessmentAnswer, Transition
from leads.operations import events, moves
from leads.operations.desk import Desk
from leads.operations.states import Held
from leads.queries.derived import act_in_force
from leads.queries.queue import UNDONE_WITHIN
from leads.rules.facts import AssessmentKind, Channel, TransitionKind


class NotToBeUndone(DomainError):
    """Undoing somebody else's act, one of some time ago, or one that something has followed."""

    def __init__(self) -> None:
        super().__init__(
            "not_to_be_undone",
            _(
                "This can no longer be undone: ten minutes have passed, or something has followed it. Correct it on "
                "the lead's card."
            ),
        )


@transaction.atomic
def take_back(*, act: Assessment | Transition, by: User, at: datetime) -> Assessment | Transition:
    """Undo one's own judgement or loss of the last ten minutes, as long as it is what holds."""
    if act.by_id != by.pk or at - act.recorded_at > UNDONE_WITHIN:
        raise NotToBeUndone
    return _reopen(act, by=by, at=at) if isinstance(act, Transition) else _restore(act, by=by, at=at)


def _reopen(loss: Transition, *, by: User, at: datetime) -> Transition:
    desk = Desk()
    held = desk.hold(loss.lead)
    last = max(held.facts(Transition), key=lambda move: (move.effective_at, move.recorded_at, move.pk))
    if last.pk != loss.pk or last.kind != TransitionKind.LOSE:
        raise NotToBeUndone
    return moves.reopen(lead=held.lead, by=by, at=at, note=gettext("Lost by mistake and taken back at once."))


def _restore(act: Assessment, *, by: User, at: datetime) -> Assessment:
    """Write a correction that says again what the act before said; without one, that nothing is known.

    As every correction it keeps the time of what it replaces (R6); definition, answers and masks are those of the act
    it brings back, so the verdict is again what it was.
    """
    desk = Desk()
    held = desk.hold(act.lead)
    acts = held.facts(Assessment)
    holding = act_in_force(acts)
    if holding is None or holding.pk != act.pk or holding.is_retraction:
        raise NotToBeUndone
    before = act_in_force(other for other in acts if other.pk != act.pk)
    restored = before or act
    made = Assessment(
        public_id=new_public_id(),
        lead=held.lead,
        kind=AssessmentKind.CORRECT,
        channel=Channel.PAGE,
        supersedes=act,
        is_retraction=True,
        definition_id=restored.definition_id,
        verdict=before.verdict if before else Verdict.UNDECIDED,
        fail_mask=before.fail_mask if before else 0,
        soft_fail_mask=before.soft_fail_mask if before else 0,
        assessed_mask=before.assessed_mask if before else 0,
        by=by,
        by_role=by.role,
        occurred_at=at,
        recorded_at=held.written_at(Assessment, at=at),
        effective_at=act.effective_at,
    )
    held.write(made)
    failed = _copy_answers(held, before, made)
    held.settle(Assessment)
    changes = {"assessment": made.pk, "of": act.pk, "verdict": made.verdict, "channel": made.channel}
    audit.record(action="lead.take_back", obj=held.lead, by=by, at=at, changes=changes, rows=held.rows)
    events.tell_judged(lead=held.lead, assessment=made, failed=failed, at=at, rows=held.rows)
    desk.done()
    return made


def _copy_answers(held: Held, before: Assessment | None, made: Assessment) -> list[str]:
    """Say again what the act before said; return the codes of what it called failed."""
    if before is None:
        return []
    answers = list(before.answers.select_related("criterion_version__criterion"))
    for answer in answers:
        held.rows.add(
            AssessmentAnswer(
                assessment=made,
                criterion_version_id=answer.criterion_version_id,
                result=answer.result,
                observed_value=answer.observed_value,
                evidence=answer.evidence,
                evidence_ref=answer.evidence_ref,
            )
        )
    return [answer.criterion_version.criterion.code for answer in answers if answer.result == Result.FAILED]
