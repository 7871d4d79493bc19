"""That a lead stayed overdue, and whose head was told."""

from typing import ClassVar

from django.conf import settings
from django.db import models

from crm.rules.choices import choices
from leads.models.lead import Lead
from leads.rules.sla import LATE_LABELS, Late


class Escalation(models.Model):
    """A fact, once a lead and kind: it was still overdue when its head had to know."""

    lead = models.ForeignKey(Lead, on_delete=models.CASCADE, related_name="escalations")
    kind = models.CharField(max_length=16, choices=choices(Late, LATE_LABELS))
    at = models.DateTimeField()
    told = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")

    PERSONAL_DATA: ClassVar[tuple[str, ...]] = ()

    class Meta:
        ordering = ("at", "id")
        constraints = (models.UniqueConstraint(fields=("lead", "kind"), name="escalation_is_once_a_lead_and_kind"),)

    def __str__(self) -> str:
        return f"{self.kind} of lead {self.lead_id}"
