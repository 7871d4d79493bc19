"""Leads move, are lost with reasons, won and opened again; nothing that was told is ever wiped."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from crm.models import AuditEvent, User
from crm.rules.errors import DomainError
from funnels.models import LossReason
from funnels.operations.dictionaries import archive_stage
from funnels.rules.moves import LeadAlreadyClosed, LeadNotClosed, Outcome, ReasonNotOfThisStage
from funnels.rules.verdict import Verdict
from leads.models import Lead, Sale, Transition, TransitionReason
from leads.operations import moves
from leads.queries.consistency import differences
from leads.rules.facts import Channel, SaleKind, TransitionKind
from tests.factories.funnels import Rules, make_rules
from tests.factories.leads import MONDAY, fresh, judge, make_lead

pytestmark = pytest.mark.django_db

HOUR = timedelta(hours=1)
DAY = timedelta(days=1)


@pytest.fixture
def rules() -> Rules:
    return make_rules()


@pytest.fixture
def lead(rules: Rules) -> Lead:
    return make_lead(rules)


def advance(lead: Lead, to: str, *, after: timedelta = HOUR, **options: Any) -> Transition:
    return moves.advance(lead=lead, to=to, **{"by": None, "at": MONDAY + after} | options)


def lose(lead: Lead, *reasons: str, after: timedelta = HOUR, **options: Any) -> Transition:
    return moves.lose(lead=lead, reasons=reasons, **{"by": None, "at": MONDAY + after} | options)


def win(lead: Lead, *, after: timedelta = HOUR, **options: Any) -> Transition:
    return moves.win(lead=lead, **{"by": None, "at": MONDAY + after} | options)


def reopen(lead: Lead, *, after: timedelta = 2 * HOUR, **options: Any) -> Transition:
    return moves.reopen(lead=lead, **{"by": None, "at": MONDAY + after} | options)


def test_a_lead_advances_and_the_move_tells_its_milestones(lead: Lead, manager: User) -> None:
    move = advance(lead, "qualified", by=manager, note=" wants it ", channel=Channel.API)
    assert (move.from_stage.code, move.to_stage.code) == ("new", "qualified")  # type: ignore[union-attr]
    assert (move.from_milestone, move.to_milestone, move.note) == ("NEW", "QUALIFIED", "wants it")
    assert (fresh(lead).stage.code, fresh(lead).version) == ("qualified", 2)
    event = AuditEvent.objects.get(action="lead.advance")
    assert event.actor_id == manager.pk
    assert event.changes == {"transition": move.pk, "from": "new", "to": "qualified", "channel": "api"}
    assert differences() == []


def test_moves_that_may_not_be_are_refused(lead: Lead, rules: Rules) -> None:
    archive_stage(stage=rules.stages["offer"], by=None, at=MONDAY)
    refused = {
        "new": "lead_already_at_stage",
        "won": "won_is_not_a_move",
        "offer": "stage_archived",
        "nowhere": "unknown_stage",
    }
    for to, code in refused.items():
        with pytest.raises(DomainError) as refusal:
            advance(lead, to)
        assert refusal.value.code == code
    assert Transition.objects.count() == 1
    assert not AuditEvent.objects.filter(action="lead.advance").exists()


def test_an_unknown_stage_is_refused_with_those_there_are(lead: Lead) -> None:
    with pytest.raises(DomainError, match="new, contacted, qualified, offer, contract, won"):
        advance(lead, "nowhere")


def test_D6_a_lost_lead_remembers_its_last_stage(lead: Lead) -> None:
    advance(lead, "offer")
    loss = lose(lead, "price", "competitor", "price", after=2 * HOUR)
    lead = fresh(lead)
    assert (lead.stage.code, lead.outcome, lead.outcome_at) == ("offer", Outcome.LOST, MONDAY + 2 * HOUR)
    assert (loss.from_stage, loss.to_stage) == (lead.stage, lead.stage)
    assert sorted(loss.reasons.values_list("code", flat=True)) == ["competitor", "price"]
    assert AuditEvent.objects.get(action="lead.lose").changes["reasons"] == ["price", "competitor"]
    assert differences() == []


def test_D7_reopening_keeps_why_the_lead_was_lost(lead: Lead) -> None:
    advance(lead, "offer")
    lose(lead, "other", note="moved away", after=2 * HOUR)
    reopen(lead, after=DAY)
    assert (fresh(lead).outcome, fresh(lead).outcome_at, fresh(lead).stage.code) == (Outcome.OPEN, None, "offer")
    loss = lead.transitions.get(kind=TransitionKind.LOSE)
    assert (loss.note, loss.reasons.get().code) == ("moved away", "other")
    lose(lead, "price", after=2 * DAY)
    assert list(TransitionReason.objects.values_list("loss_reason__code", flat=True)) == ["other", "price"]
    assert differences() == []


@pytest.mark.parametrize("channel", list(Channel))
def test_D9_reason_is_compulsory_on_every_path(lead: Lead, channel: Channel) -> None:
    with pytest.raises(DomainError) as refusal:
        lose(lead, channel=channel)
    assert refusal.value.code == "lost_needs_reason"
    assert fresh(lead).outcome == Outcome.OPEN
    assert not Transition.objects.filter(kind=TransitionKind.LOSE).exists()
    assert not AuditEvent.objects.filter(action="lead.lose").exists()


@pytest.mark.parametrize(
    ("reasons", "note", "code"),
    [
        (["early"], "", "reason_not_of_this_stage"),
        (["boredom"], "", "reason_not_of_this_stage"),
        (["price", "other"], "  ", "reason_needs_note"),
    ],
)
def test_a_loss_needs_reasons_of_its_stage(lead: Lead, reasons: list[str], note: str, code: str) -> None:
    advance(lead, "offer")
    with pytest.raises(DomainError) as refusal:
        lose(lead, *reasons, note=note)
    assert refusal.value.code == code
    assert not TransitionReason.objects.exists()


def test_an_archived_reason_is_offered_no_more(lead: Lead) -> None:
    LossReason.objects.filter(code="price").update(archived_at=MONDAY)
    with pytest.raises(ReasonNotOfThisStage):
        lose(lead, "price")


def test_a_reason_that_implies_a_failed_criterion_judges_nothing(lead: Lead, rules: Rules) -> None:
    LossReason.objects.filter(code="price").update(implied_criterion=rules.versions["budget"].criterion)
    lose(lead, "price")
    assert fresh(lead).verdict == Verdict.UNDECIDED


def test_a_lead_is_won_with_an_amount_and_keeps_its_verdict(lead: Lead, manager: User) -> None:
    judge(lead, failed=["need"])
    win(lead, amount=Decimal("1200.50"), variable_cost=Decimal(300), by=manager)
    lead = fresh(lead)
    assert (lead.stage.code, lead.outcome, lead.outcome_at) == ("won", Outcome.WON, MONDAY + HOUR)
    assert lead.verdict == Verdict.NON_TARGET
    sale = Sale.objects.get()
    assert (sale.kind, sale.amount, sale.variable_cost) == (SaleKind.FIRST, Decimal("1200.50"), Decimal(300))
    assert AuditEvent.objects.filter(action__in=("lead.win", "lead.sale"), actor_id=manager.pk).count() == 2
    assert differences() == []


def test_a_lead_may_be_won_without_an_amount(lead: Lead) -> None:
    win(lead)
    assert not Sale.objects.exists()


def test_a_second_win_of_one_contact_is_a_repeated_sale(rules: Rules) -> None:
    for after in (0, 60):
        lead = make_lead(rules, phone="8 917 220-14-08", at=MONDAY + after * DAY)
        win(lead, amount=Decimal(100), after=(after + 1) * DAY)
    assert list(Sale.objects.values_list("kind", flat=True)) == ["first", "repeat"]


def test_a_win_with_an_impossible_amount_wins_nothing(lead: Lead) -> None:
    with pytest.raises(DomainError):
        win(lead, amount=Decimal(-1))
    assert fresh(lead).outcome == Outcome.OPEN
    assert not AuditEvent.objects.filter(action="lead.win").exists()


def test_a_won_lead_is_opened_again_where_it_stood(lead: Lead) -> None:
    advance(lead, "contract")
    win(lead, after=2 * HOUR)
    reopen(lead, after=3 * HOUR)
    assert (fresh(lead).stage.code, fresh(lead).outcome) == ("contract", Outcome.OPEN)
    assert differences() == []


def test_a_closed_lead_is_opened_before_anything_else(lead: Lead) -> None:
    lose(lead, "price")
    for act in (lambda: lose(lead, "price"), lambda: win(lead), lambda: advance(lead, "offer")):
        with pytest.raises(LeadAlreadyClosed):
            act()


def test_an_open_lead_is_not_opened(lead: Lead) -> None:
    with pytest.raises(LeadNotClosed):
        reopen(lead)


def test_r5_a_loss_is_back_dated_by_a_day_at_most(lead: Lead) -> None:
    loss = lose(lead, "price", after=9 * DAY, occurred_at=MONDAY + DAY)
    assert (loss.occurred_at, loss.effective_at) == (MONDAY + DAY, MONDAY + 8 * DAY)
    assert fresh(lead).outcome_at == MONDAY + 8 * DAY


def test_no_move_counts_from_before_the_one_it_follows(lead: Lead) -> None:
    advance(lead, "offer", after=3 * HOUR)
    loss = lose(lead, "price", after=4 * HOUR, occurred_at=MONDAY + HOUR)
    assert loss.effective_at == MONDAY + 3 * HOUR
    assert fresh(lead).outcome == Outcome.LOST
    assert differences() == []


def test_a_move_of_tomorrow_is_refused(lead: Lead) -> None:
    with pytest.raises(DomainError) as refusal:
        advance(lead, "offer", occurred_at=MONDAY + 9 * DAY)
    assert refusal.value.code == "happens_in_the_future"
