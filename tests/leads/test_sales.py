"""Money received from a lead."""

from datetime import timedelta
from decimal import Decimal

import pytest

from crm.models import AuditEvent, User
from crm.rules.errors import DomainError
from leads.models import Sale
from leads.operations import moves, sales
from leads.rules.facts import SaleKind
from tests.factories.crm import OrganisationSettingsFactory
from tests.factories.funnels import make_rules
from tests.factories.leads import MONDAY, make_lead

pytestmark = pytest.mark.django_db


def test_a_sale_is_recorded_in_the_organisations_currency(manager: User) -> None:
    OrganisationSettingsFactory(currency="EUR")
    lead = make_lead(make_rules())
    sale = sales.record(
        lead=lead,
        amount=Decimal("120.005"),
        kind=SaleKind.FIRST,
        by=manager,
        at=MONDAY,
        occurred_at=MONDAY - timedelta(days=3),
        variable_cost=Decimal(40),
    )
    sale.refresh_from_db()
    assert (sale.amount, sale.variable_cost, sale.currency) == (Decimal("120.01"), Decimal(40), "EUR")
    assert (sale.contact, sale.occurred_at, sale.recorded_at) == (lead.contact, MONDAY - timedelta(days=3), MONDAY)
    event = AuditEvent.objects.get(action="lead.sale")
    assert event.changes == {"sale": sale.pk, "kind": "first", "amount": "120.01", "currency": "EUR"}


@pytest.mark.parametrize(
    ("amount", "kind", "code"),
    [
        ("-1", SaleKind.FIRST, "amount_sign"),
        ("1", SaleKind.REFUND, "amount_sign"),
        ("1e12", SaleKind.FIRST, "amount_too_large"),
        ("NaN", SaleKind.FIRST, "amount_too_large"),
    ],
)
def test_amounts_that_cannot_be_are_refused(amount: str, kind: SaleKind, code: str) -> None:
    with pytest.raises(DomainError) as refusal:
        sales.record(lead=make_lead(make_rules()), amount=Decimal(amount), kind=kind, by=None, at=MONDAY)
    assert refusal.value.code == code
    assert not Sale.objects.exists()


def test_a_sale_makes_the_next_one_a_repeated_one_until_its_money_is_given_back() -> None:
    lead = make_lead(make_rules())
    assert sales.next_kind(lead=lead) is SaleKind.FIRST
    sales.record(lead=lead, amount=Decimal(5), kind=SaleKind.FIRST, by=None, at=MONDAY)
    assert sales.next_kind(lead=lead) is SaleKind.REPEAT
    sales.record(lead=lead, amount=Decimal(-3), kind=SaleKind.REFUND, by=None, at=MONDAY)
    assert sales.next_kind(lead=lead) is SaleKind.REPEAT
    sales.record(lead=lead, amount=Decimal(-2), kind=SaleKind.REFUND, by=None, at=MONDAY)
    assert sales.next_kind(lead=lead) is SaleKind.FIRST


def test_a_lead_opened_again_gives_its_money_back_in_the_currency_it_came_in(manager: User) -> None:
    lead = make_lead(make_rules())
    moves.win(lead=lead, by=manager, at=MONDAY, amount=Decimal(100), variable_cost=Decimal(30))
    OrganisationSettingsFactory(valid_from_at=MONDAY, currency="EUR")
    moves.reopen(lead=lead, by=manager, at=MONDAY + timedelta(hours=1))
    moves.win(lead=lead, by=manager, at=MONDAY + timedelta(hours=2), amount=Decimal(120))
    told = list(Sale.objects.order_by("id").values_list("kind", "amount", "variable_cost", "currency"))
    assert told == [
        ("first", Decimal(100), Decimal(30), "RUB"),
        ("refund", Decimal(-100), Decimal(-30), "RUB"),
        ("first", Decimal(120), None, "EUR"),
    ]
    refund = AuditEvent.objects.get(action="lead.sale", changes__kind="refund")
    assert (refund.changes["amount"], refund.changes["currency"]) == ("-100.00", "RUB")
    assert refund.actor_id == manager.pk


@pytest.mark.parametrize("how", ["won for nothing", "lost", "given back"])
def test_a_lead_for_which_nothing_was_received_gives_nothing_back(how: str) -> None:
    lead = make_lead(make_rules())
    if how == "lost":
        sales.record(lead=lead, amount=Decimal(5), kind=SaleKind.FIRST, by=None, at=MONDAY)
        moves.lose(lead=lead, reasons=["price"], by=None, at=MONDAY)
    else:
        moves.win(lead=lead, by=None, at=MONDAY, amount=Decimal(5) if how == "given back" else None)
    if how == "given back":
        sales.record(lead=lead, amount=Decimal(-5), kind=SaleKind.REFUND, by=None, at=MONDAY)
    before = Sale.objects.count()
    moves.reopen(lead=lead, by=None, at=MONDAY)
    assert Sale.objects.count() == before
