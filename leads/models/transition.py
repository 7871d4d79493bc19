"""Moves, losses, wins and reopenings. Append-only: reopening a lead never erases why it was lost."""

from typing import ClassVar

from django.conf import settings
from django.db import models

from crm.rules.choices import choices
from funnels.models import LossReason, Stage
from funnels.rules.moves import MILESTONE_LABELS, Milestone
from leads.models.lead import Lead
from leads.rules.facts import CHANNEL_LABELS, TRANSITION_KIND_LABELS, Channel, TransitionKind


class Transition(models.Model):
    """One move. A loss stays at its stage: `from_stage` and `to_stage` are then the same."""

    lead = models.ForeignKey(Lead, on_delete=models.CASCADE, related_name="transitions")
    kind = models.CharField(max_length=16, choices=choices(TransitionKind, TRANSITION_KIND_LABELS))
    channel = models.CharField(max_length=16, choices=choices(Channel, CHANNEL_LABELS))
    from_stage = models.ForeignKey(Stage, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    to_stage = models.ForeignKey(Stage, on_delete=models.PROTECT, related_name="+")
    from_milestone = models.CharField(max_length=16, blank=True, default="")
    to_milestone = models.CharField(max_length=16, choices=choices(Milestone, MILESTONE_LABELS))
    reasons = models.ManyToManyField(LossReason, through="leads.TransitionReason", related_name="transitions")
    note = models.TextField(blank=True, default="")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    occurred_at = models.DateTimeField()
    recorded_at = models.DateTimeField()
    effective_at = models.DateTimeField()

    PERSONAL_DATA: ClassVar[tuple[str, ...]] = ("note",)

    class Meta:
        ordering = ("recorded_at", "id")
        indexes = (
            models.Index(fields=("lead", "effective_at", "recorded_at", "id"), name="transition_of_lead"),
            models.Index(
                fields=("by", "-recorded_at"), name="transition_of_person", condition=models.Q(by__isnull=False)
            ),
        )

    def __str__(self) -> str:
        return f"{self.kind} of lead {self.lead_id}"


class TransitionReason(models.Model):
    """A reason given for a loss."""

    transition = models.ForeignKey(Transition, on_delete=models.CASCADE, related_name="given_reasons")
    loss_reason = models.ForeignKey(LossReason, on_delete=models.PROTECT, related_name="+")

    PERSONAL_DATA: ClassVar[tuple[str, ...]] = ()

    class Meta:
        ordering = ("id",)
        constraints = (models.UniqueConstraint(fields=("transition", "loss_reason"), name="loss_names_a_reason_once"),)

    def __str__(self) -> str:
        return f"{self.transition_id}: {self.loss_reason_id}"
