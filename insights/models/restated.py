"""What acts of judging would have said under a later definition. Derived: it may be dropped and is filled again."""

from typing import ClassVar

from django.db import models

from crm.rules.choices import choices
from funnels.models import Definition
from funnels.rules.verdict import VERDICT_LABELS, Verdict
from leads.models import Assessment


class Restatement(models.Model):
    """The verdict that the answers of one act give under a definition other than its own.

    Neither an act nor a definition that is published ever changes, so a row holds for good.
    """

    assessment = models.ForeignKey(Assessment, on_delete=models.CASCADE, related_name="+", db_index=False)
    definition = models.ForeignKey(Definition, on_delete=models.CASCADE, related_name="+")
    verdict = models.CharField(max_length=16, choices=choices(Verdict, VERDICT_LABELS))
    fail_mask = models.PositiveIntegerField(default=0)
    assessed_mask = models.PositiveIntegerField(default=0)

    PERSONAL_DATA: ClassVar[tuple[str, ...]] = ()

    class Meta:
        constraints = (models.UniqueConstraint(fields=("assessment", "definition"), name="act_is_restated_once"),)

    def __str__(self) -> str:
        return f"{self.verdict} by definition {self.definition_id}"
