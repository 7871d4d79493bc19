"""Money received from a lead."""

from datetime import timedelta
from decimal import Decimal

import pytest

from crm.models import AuditEvent, User
from crm.rules.errors import DomainError
from leads.models import Sale
from leads.operations import sales
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


def test_a_refund_is_negative_and_does_not_make_the_next_sale_a_repeated_one() -> None:
    lead = make_lead(make_rules())
    assert sales.next_kind(lead=lead) is SaleKind.FIRST
    sales.record(lead=lead, amount=Decimal(-5), kind=SaleKind.REFUND, by=None, at=MONDAY)
    assert sales.next_kind(lead=lead) is SaleKind.FIRST
    sales.record(lead=lead, amount=Decimal(5), kind=SaleKind.FIRST, by=None, at=MONDAY)
    assert sales.next_kind(lead=lead) is SaleKind.REPEAT
