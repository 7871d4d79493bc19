"""The main job, walked once through every operation on a preset as companies install it."""

from datetime import timedelta
from decimal import Decimal

import pytest

from crm.models import AuditEvent, User
from crm.rules.errors import DomainError
from funnels.operations.presets import use_preset
from funnels.queries import criteria_of, current_definition
from funnels.rules.criteria import Result
from funnels.rules.moves import Outcome
from funnels.rules.verdict import Verdict
from leads.intake.row import IntakeRow
from leads.models import Lead
from leads.operations import arrivals, assessments, duplicates, moves, owners, touches
from leads.operations.assessments import Answer
from leads.queries.card import card
from leads.queries.consistency import differences
from leads.rules.facts import AssessmentKind, Channel, TouchChannel, TouchResult
from tests.factories.leads import MONDAY

pytestmark = pytest.mark.django_db

HOUR = timedelta(hours=1)
DAY = timedelta(days=1)


def test_a_lead_is_called_called_again_judged_lost_reopened_and_won(head: User, manager: User) -> None:
    funnel = use_preset(code="online-school", language="ru", by=None, at=MONDAY - DAY).funnel
    asked = IntakeRow(external_id="1", source="Сайт", name="Алёна", phone="8 917 220-14-08", message="Хочу учиться")
    lead = arrivals.receive(row=asked, funnel=funnel, by=None, at=MONDAY, channel=Channel.FORM).lead
    again = IntakeRow(external_id="2", source="Партнёры", phone="+7 917 220 14 08")
    second = arrivals.receive(row=again, funnel=funnel, by=None, at=MONDAY + HOUR, channel=Channel.FORM)
    assert second.outcome == "duplicate"
    owners.assign(lead=lead, owner=manager, by=head, at=MONDAY + HOUR)

    # Nobody picks up. One attempt is no evidence, so the lead is not "dead" but undecided — and soon overdue.
    call = {"lead": lead, "channel": TouchChannel.CALL, "by": manager}
    touches.log(**call, result=TouchResult.NO_ANSWER, at=MONDAY + HOUR)  # type: ignore[arg-type]
    dead = {"contact_valid": Answer(Result.FAILED)}
    judged = {"lead": lead, "by": manager, "kind": AssessmentKind.ASSESS}
    with pytest.raises(DomainError) as refusal:
        assessments.judge(**judged, answers=dead, at=MONDAY + 2 * HOUR)  # type: ignore[arg-type]
    assert refusal.value.code == "evidence_missing"

    # The person answers the second call: no money, so non-target, and lost for that.
    touches.log(**call, result=TouchResult.REACHED, at=MONDAY + DAY)  # type: ignore[arg-type]
    moves.advance(lead=lead, to="contacted", by=manager, at=MONDAY + DAY)
    criteria = criteria_of(definition=current_definition(funnel=funnel, at=MONDAY + DAY))
    answers = {criterion.code: Answer(Result.MET) for criterion in criteria} | {"budget": Answer(Result.FAILED)}
    assessments.judge(**judged, answers=answers, at=MONDAY + DAY)  # type: ignore[arg-type]
    moves.lose(lead=lead, reasons=["competitor"], by=manager, at=MONDAY + DAY)
    lead = Lead.objects.get(pk=lead.pk)
    assert (lead.verdict, lead.outcome, lead.stage.code) == (Verdict.NON_TARGET, Outcome.LOST, "contacted")

    # In a month there is money: the world changed, and the past stays what it was.
    moves.reopen(lead=lead, by=manager, at=MONDAY + 30 * DAY)
    money = {"budget": Answer(Result.MET)}
    assessments.judge(
        lead=lead, answers=money, kind=AssessmentKind.CHANGE, by=manager, at=MONDAY + 30 * DAY, note="Нашёл рассрочку"
    )
    moves.win(lead=lead, amount=Decimal(54_000), by=manager, at=MONDAY + 31 * DAY)
    duplicates.unmerge(lead=second.lead, by=head, at=MONDAY + 31 * DAY)

    lead = Lead.objects.get(pk=lead.pk)
    assert (lead.verdict, lead.outcome, lead.verdict_at) == (Verdict.TARGET, Outcome.WON, MONDAY + 30 * DAY)
    history = card(lead=lead, actor=manager, at=MONDAY + 31 * DAY).history
    assert [entry.fact for entry in reversed(history.entries)] == [
        "transition",
        "owner",
        "touch",
        "touch",
        "assessment",
        "transition",
        "transition",
        "assessment",
        "transition",
        "transition",
        "sale",
    ]
    assert AuditEvent.objects.filter(object_type="leads.lead", object_id=str(lead.pk)).count() == len(history.entries)
    assert differences() == []
