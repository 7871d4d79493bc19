"""Why a lead may be lost, listed for each stage."""

from typing import ClassVar

from django.db import models

from crm.rules.choices import choices
from funnels.models.criterion import Criterion
from funnels.models.funnel import Funnel, Stage
from funnels.rules.definitions import SIDE_LABELS, Side


class LossReason(models.Model):
    """A reason of loss. Archived, never deleted: old losses keep it."""

    funnel = models.ForeignKey(Funnel, on_delete=models.PROTECT, related_name="loss_reasons")
    code = models.SlugField(max_length=64)
    name = models.CharField(max_length=150)
    side = models.CharField(max_length=16, choices=choices(Side, SIDE_LABELS))
    group = models.CharField(max_length=64, blank=True, default="")
    needs_note = models.BooleanField(default=False)
    implied_criterion = models.ForeignKey(
        Criterion, null=True, blank=True, on_delete=models.PROTECT, related_name="implied_by"
    )
    position = models.PositiveSmallIntegerField(default=0)
    stages = models.ManyToManyField(Stage, through="funnels.StageLossReason", related_name="loss_reasons")
    archived_at = models.DateTimeField(null=True, blank=True)

    PERSONAL_DATA: ClassVar[tuple[str, ...]] = ()

    class Meta:
        ordering = ("funnel", "position", "id")
        constraints = (
            models.UniqueConstraint(fields=("funnel", "code"), name="loss_reason_code_is_unique_in_its_funnel"),
        )

    def __str__(self) -> str:
        return self.name


class StageLossReason(models.Model):
    """A reason offered at a stage."""

    stage = models.ForeignKey(Stage, on_delete=models.PROTECT, related_name="+")
    loss_reason = models.ForeignKey(LossReason, on_delete=models.PROTECT, related_name="+")

    PERSONAL_DATA: ClassVar[tuple[str, ...]] = ()

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("stage", "loss_reason"), name="loss_reason_is_listed_once_per_stage"),
        )

    def __str__(self) -> str:
        return f"{self.stage_id}: {self.loss_reason_id}"
