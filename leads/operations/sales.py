"""Record money received from a lead."""

from datetime import datetime
from decimal import ROUND_HALF_UP, Decimal

from django.db import transaction
from django.db.models import QuerySet, Sum
from django.utils.translation import gettext_lazy as _

from crm.models import User
from crm.operations import audit
from crm.queries.organisation import settings_at
from crm.rules.errors import DomainError
from leads.models import Lead, Sale
from leads.operations.desk import Desk
from leads.rules.facts import SaleKind
from leads.rules.times import told_at

CENT = Decimal("0.01")
TOO_MUCH = Decimal(10) ** 12


class AmountHasTheWrongSign(DomainError):
    """A sale below zero, or a refund above it."""

    def __init__(self) -> None:
        super().__init__("amount_sign", _("A sale is not negative, and a refund is."), "amount")


class AmountIsTooLarge(DomainError):
    """More money than a column holds."""

    def __init__(self) -> None:
        super().__init__("amount_too_large", _("This amount is too large."), "amount")


@transaction.atomic
def record(
    *,
    lead: Lead,
    amount: Decimal,
    kind: SaleKind,
    by: User | None,
    at: datetime,
    occurred_at: datetime | None = None,
    variable_cost: Decimal | None = None,
    currency: str = "",
    desk: Desk | None = None,
) -> Sale:
    """Record a payment, or money given back, in the organisation's currency unless told another."""
    desk = desk or Desk()
    held = desk.hold(lead)
    for money in (amount, variable_cost or Decimal(0)):
        if not money.is_finite() or abs(money) >= TOO_MUCH:
            raise AmountIsTooLarge
    if (amount >= 0) == (kind == SaleKind.REFUND):
        raise AmountHasTheWrongSign
    recorded_at = held.written_at(Sale, at=at)
    sale = Sale(
        lead=held.lead,
        contact_id=held.lead.contact_id,
        kind=kind,
        amount=amount.quantize(CENT, ROUND_HALF_UP),
        variable_cost=None if variable_cost is None else variable_cost.quantize(CENT, ROUND_HALF_UP),
        currency=currency or settings_at(at).currency,
        by=by,
        occurred_at=told_at(told=occurred_at, at=recorded_at),
        recorded_at=recorded_at,
    )
    held.write(sale)
    changes = {"sale": sale.pk, "kind": kind, "amount": str(sale.amount), "currency": sale.currency}
    audit.record(action="lead.sale", obj=lead, by=by, at=at, changes=changes, rows=held.rows)
    desk.done()
    return sale


@transaction.atomic
def take_back(
    *,
    lead: Lead,
    by: User | None,
    at: datetime,
    occurred_at: datetime | None = None,
    desk: Desk | None = None,
) -> list[Sale]:
    """Append a refund of what was received for a lead, one a currency; the sales stay told."""
    received = _net(Sale.objects.filter(lead=lead))
    return [
        record(
            lead=lead,
            amount=-amount,
            kind=SaleKind.REFUND,
            by=by,
            at=at,
            occurred_at=occurred_at,
            variable_cost=None if cost is None else -cost,
            currency=currency,
            desk=desk,
        )
        for currency, amount, cost in received
    ]


def next_kind(*, lead: Lead) -> SaleKind:
    """Tell whether the next sale to this contact is the first or a repeated one; money given back is no sale."""
    return SaleKind.REPEAT if _net(Sale.objects.filter(contact_id=lead.contact_id)) else SaleKind.FIRST


def _net(sold: QuerySet[Sale]) -> list[tuple[str, Decimal, Decimal | None]]:
    """Add sales up: the currencies in which something is left, with the costs."""
    sums = sold.order_by("currency").values_list("currency").annotate(Sum("amount"), Sum("variable_cost"))
    return [(currency, amount, cost) for currency, amount, cost in sums if amount > 0]
