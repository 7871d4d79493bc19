"""The card of a lead: everything about it, and the person only for those who may know them."""

from dataclasses import asdict
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from pytest_django import DjangoAssertNumQueries

from crm.models import User
from funnels.models import LossReason
from funnels.rules.criteria import Result
from leads.models import Lead
from leads.operations import assessments, moves, sales, touches
from leads.operations.assessments import Answer
from leads.queries.card import card
from leads.queries.card_shown import CardShown, card_shown
from leads.queries.presentation import lead_by_code
from leads.rules.facts import AssessmentKind, SaleKind, TouchChannel, TouchResult
from tests.factories.funnels import Rules, make_rules
from tests.factories.leads import MONDAY, judge, make_lead

pytestmark = pytest.mark.django_db

LATER = MONDAY + timedelta(hours=1)
SECRETS = ("Анна", "Umbrella", "+79172201408", "anna@example.com", "call me", "secret note", "her passport")


@pytest.fixture
def rules() -> Rules:
    return make_rules()


@pytest.fixture
def lead(rules: Rules, manager: User) -> Lead:
    lead = make_lead(
        rules,
        name="Анна",
        company="Umbrella",
        phone="8 917 220-14-08",
        email="anna@example.com",
        message="call me",
        attributes={"city": "her passport"},
        owner=manager.email,
    )
    touches.log(lead=lead, channel=TouchChannel.CALL, result=TouchResult.BUSY, by=manager, at=LATER, note="secret note")
    judge(lead, met=["need"], by=manager, at=LATER, note="secret note")
    return lead


def shown_to(actor: User, lead: Lead) -> CardShown:
    """Open a lead as its page does."""
    found = lead_by_code(code=lead.code, actor=actor)
    assert found is not None
    return card_shown(card=card(lead=found, actor=actor, at=LATER), actor=actor, at=LATER)


def told(shown: CardShown) -> str:
    known: dict[str, Any] = asdict(shown)
    return str(known)


def test_the_card_tells_everything_to_who_works_with_the_lead(lead: Lead, manager: User) -> None:
    shown, facts = shown_to(manager, lead), card(lead=lead, actor=manager, at=LATER)
    assert shown.row.contact is not None
    assert [phone.value for phone in shown.row.contact.phones] == ["+79172201408"]
    assert shown.row.contact.emails == ("anna@example.com",)
    assert [question.answer.result if question.answer else None for question in shown.questions] == [
        None,
        Result.MET,
        None,
    ]
    assert [stage.code for stage in facts.stages] == ["contacted", "qualified", "offer", "contract"]
    assert {reason.code for reason in facts.reasons} == {"price", "competitor", "early", "other"}
    assert facts.evidence.missing.attempts == 4
    assert [entry.fact for entry in shown.history] == ["assessment", "touch", "owner", "transition"]
    assert shown.history[0].note == "secret note"
    assert all(secret in told(shown) for secret in SECRETS)


def test_who_may_not_know_the_person_gets_nothing_that_names_them(lead: Lead, marketer: User, executive: User) -> None:
    sensitive = {"budget": Answer(Result.FAILED, observed_value="her passport", evidence_ref="+79172201408")}
    assessments.judge(lead=lead, answers=sensitive, kind=AssessmentKind.ASSESS, by=None, at=LATER)
    for actor in (marketer, executive):
        shown = shown_to(actor, lead)
        assert (shown.row.contact, shown.told) == (None, None)
        assert not [secret for secret in SECRETS if secret in told(shown)]
        assert len(shown.history) == 5


def test_the_acts_offered_are_those_that_would_not_be_refused(lead: Lead, rules: Rules, manager: User) -> None:
    def offered(of: Lead) -> tuple[str, ...]:
        return card(lead=Lead.objects.get(pk=of.pk), actor=manager, at=LATER).kinds

    assert offered(make_lead(rules)) == ("assess",)
    assert offered(lead) == ("assess", "change", "correct")
    judge(lead, failed=["budget"], at=LATER)
    assert offered(lead) == ("change", "correct")


def test_a_closed_lead_offers_no_moves_and_says_what_its_reasons_imply(lead: Lead, rules: Rules, manager: User) -> None:
    LossReason.objects.filter(code="price").update(implied_criterion=rules.versions["budget"].criterion)
    moves.lose(lead=lead, reasons=["price"], by=manager, at=LATER)
    lead = Lead.objects.get(pk=lead.pk)
    shown = card(lead=lead, actor=manager, at=LATER)
    assert (shown.reasons, shown.stages, shown.unsaid) == ([], [], ["budget"])
    judge(lead, failed=["budget"], at=LATER)
    assert card(lead=lead, actor=manager, at=LATER).unsaid == []


def test_the_history_marks_what_was_told_more_than_a_day_late(lead: Lead, manager: User) -> None:
    sales.record(
        lead=lead,
        amount=Decimal(100),
        kind=SaleKind.FIRST,
        by=None,
        at=LATER + timedelta(days=3),
        occurred_at=LATER,
    )
    newest = card(lead=lead, actor=manager, at=LATER).history.entries[0]
    assert (newest.fact, newest.is_backdated) == ("sale", True)


def test_duplicates_are_shown_with_the_lead_they_belong_to(lead: Lead, rules: Rules, manager: User) -> None:
    duplicate = make_lead(rules, phone="8 917 220-14-08", owner=manager.email, at=LATER)
    relatives = shown_to(manager, lead).relatives
    assert [row.code for row in relatives.duplicates] == [duplicate.code]
    assert [entry.fact for entry in card(lead=duplicate, actor=manager, at=LATER).history.entries] == [
        "link",
        "owner",
        "transition",
    ]


def test_a_card_is_read_in_a_fixed_number_of_queries(
    lead: Lead, manager: User, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    for after in range(2, 8):
        at = MONDAY + timedelta(hours=after)
        touches.log(lead=lead, channel=TouchChannel.CALL, result=TouchResult.BUSY, by=manager, at=at)
        kind = AssessmentKind.CORRECT
        judge(lead, met=["need"], failed=["budget"] if after % 2 else [], kind=kind, by=manager, at=at)
        moves.lose(lead=lead, reasons=["price"], by=manager, at=at)
        moves.reopen(lead=lead, by=manager, at=at)
    with django_assert_max_num_queries(29):
        told(shown_to(manager, lead))
