"""What a person does with the lead in front of them in the queue: it is done, and the lead is given back."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from crm.models import User
from crm.rules.errors import DomainError
from funnels.rules.moves import Outcome
from funnels.rules.verdict import Verdict
from leads.models import Assessment, Lead, Transition
from leads.operations import assessments, claims, moves
from leads.operations.states import lock
from leads.queries.judgements import in_force
from leads.rules.answers import Answer
from leads.rules.facts import AssessmentKind, TransitionKind


class JudgedMeanwhile(DomainError):
    """A judgement of a lead that somebody has judged since it was shown."""

    def __init__(self) -> None:
        super().__init__(
            "judged_meanwhile",
            _(
                "Somebody has judged this lead since you opened it: look at what they said. Your answers are still "
                "here; save them once more if they should hold."
            ),
        )


class ClosedMeanwhile(DomainError):
    """A judgement of a lead that somebody has won or lost since it was shown open."""

    def __init__(self) -> None:
        super().__init__(
            "closed_meanwhile",
            _(
                "Somebody has closed this lead since you opened it: look at how. Your answers are still here; save "
                "them once more if they should hold."
            ),
        )


@transaction.atomic
def judge(
    *,
    lead: Lead,
    answers: Mapping[str, Answer],
    kind: AssessmentKind,
    seen: int | None,
    request_id: UUID,
    by: User,
    at: datetime,
    outcome: str = Outcome.OPEN,
    occurred_at: datetime | None = None,
    note: str = "",
    seconds_spent: int | None = None,
) -> Assessment:
    """Judge a lead as it was shown: `seen` is the act that was in force then, `outcome` how the lead stood.

    What is still undecided afterwards is set aside for a while, so that the next lead is another one.
    """
    lead = lock(lead=lead)
    known = Assessment.objects.filter(public_id=request_id).exists()
    if not known:
        _check_seen(lead, seen)
        if lead.outcome not in (Outcome.OPEN, outcome):
            raise ClosedMeanwhile
    made = assessments.judge(
        lead=lead,
        answers=answers,
        kind=kind,
        by=by,
        at=at,
        occurred_at=occurred_at,
        note=note,
        request_id=request_id,
        seconds_spent=seconds_spent,
    )
    claims.let_go(lead=lead, by=by)
    if made.verdict == Verdict.UNDECIDED:
        claims.hold(lead=lead, by=by, at=at)
        claims.set_aside(lead=lead, by=by, at=at)
    return made


@transaction.atomic
def lose(
    *,
    lead: Lead,
    reasons: Sequence[str],
    seen: int | None,
    by: User,
    at: datetime,
    occurred_at: datetime | None = None,
    note: str = "",
) -> Transition:
    """Lose a lead, judged as it was shown, for the reasons given. The same loss told twice is one, as a form resent."""
    lead = lock(lead=lead)
    transition = _same_loss(lead, reasons=reasons, note=note, by=by)
    if transition is None:
        _check_seen(lead, seen)
        transition = moves.lose(lead=lead, reasons=reasons, by=by, at=at, occurred_at=occurred_at, note=note)
    claims.let_go(lead=lead, by=by)
    return transition


def skip(*, lead: Lead, by: User, at: datetime) -> None:
    """Leave a lead for later."""
    claims.hold(lead=lead, by=by, at=at)
    claims.set_aside(lead=lead, by=by, at=at)


def _check_seen(lead: Lead, seen: int | None) -> None:
    """Refuse what was said without having seen the judgement that is in force by now."""
    now = in_force(lead=lead)
    if (now.pk if now else None) != seen:
        raise JudgedMeanwhile


def _same_loss(lead: Lead, *, reasons: Sequence[str], note: str, by: User) -> Transition | None:
    if lead.outcome != Outcome.LOST:
        return None
    last = lead.transitions.order_by("effective_at", "recorded_at", "id").last()
    if last is None or last.kind != TransitionKind.LOSE or last.by_id != by.pk or last.note != note.strip():
        return None
    return last if set(last.reasons.values_list("code", flat=True)) == set(reasons) else None
