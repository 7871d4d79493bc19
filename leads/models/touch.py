"""Attempts to reach the person behind a lead."""

from typing import ClassVar

from django.conf import settings
from django.db import models

from crm.rules.choices import choices
from leads.models.lead import Lead
from leads.rules.facts import (
    TOUCH_ACTOR_LABELS,
    TOUCH_CHANNEL_LABELS,
    TOUCH_RESULT_LABELS,
    TouchActor,
    TouchChannel,
    TouchResult,
)


class Touch(models.Model):
    request_id = models.UUIDField(null=True, unique=True, help_text="the client's, against double clicks")
    lead = models.ForeignKey(Lead, on_delete=models.CASCADE, related_name="touches")
    actor = models.CharField(max_length=16, choices=choices(TouchActor, TOUCH_ACTOR_LABELS))
    channel = models.CharField(max_length=16, choices=choices(TouchChannel, TOUCH_CHANNEL_LABELS))
    is_inbound = models.BooleanField(default=False)
    result = models.CharField(max_length=32, choices=choices(TouchResult, TOUCH_RESULT_LABELS))
    telephony_code = models.CharField(max_length=32, blank=True, default="")
    duration_seconds = models.PositiveIntegerField(null=True, blank=True)
    note = models.TextField(blank=True, default="")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    occurred_at = models.DateTimeField()
    recorded_at = models.DateTimeField()

    PERSONAL_DATA: ClassVar[tuple[str, ...]] = ("note",)

    class Meta:
        ordering = ("occurred_at", "id")
        verbose_name_plural = "touches"
        indexes = (models.Index(fields=("lead", "occurred_at"), name="touch_of_lead"),)

    def __str__(self) -> str:
        return f"{self.channel} {self.result} of lead {self.lead_id}"
