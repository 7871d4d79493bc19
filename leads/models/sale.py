"""Money received from a contact."""

from typing import ClassVar

from django.conf import settings
from django.db import models

from crm.rules.choices import choices
from leads.models.contact import Contact
from leads.models.lead import Lead
from leads.rules.facts import SALE_KIND_LABELS, SaleKind


class Sale(models.Model):
    """A payment: first, repeat or refund. Amounts are without VAT in the currency of the row."""

    lead = models.ForeignKey(Lead, null=True, blank=True, on_delete=models.CASCADE, related_name="sales")
    contact = models.ForeignKey(Contact, on_delete=models.PROTECT, related_name="sales")
    kind = models.CharField(max_length=16, choices=choices(SaleKind, SALE_KIND_LABELS))
    amount = models.DecimalField(max_digits=14, decimal_places=2, help_text="negative for a refund")
    variable_cost = models.DecimalField(max_digits=14, decimal_places=2, null=True, blank=True)
    currency = models.CharField(max_length=3)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    occurred_at = models.DateTimeField()
    recorded_at = models.DateTimeField()

    PERSONAL_DATA: ClassVar[tuple[str, ...]] = ()

    class Meta:
        ordering = ("occurred_at", "id")

    def __str__(self) -> str:
        return f"{self.kind} {self.amount} {self.currency}"
