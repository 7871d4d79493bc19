"""Where events are sent, what was sent, and how it was taken. Secrets are derived, not stored."""

from datetime import datetime
from typing import ClassVar

from django.conf import settings
from django.db import models

from crm.models.event import Event
from crm.rules.choices import choices
from crm.rules.ids import new_public_id
from crm.rules.webhooks import (
    DELIVERY_STATE_LABELS,
    DISABLED_REASON_LABELS,
    SEND_ERROR_LABELS,
    DeliveryState,
    DisabledReason,
    SendError,
)


class WebhookEndpoint(models.Model):
    """One address of another system, and the events it asked for."""

    public_id = models.UUIDField(default=new_public_id, unique=True, editable=False)
    url = models.CharField(max_length=500)
    description = models.CharField(max_length=200, blank=True, default="")
    events = models.JSONField(default=list, help_text="the types it is sent; none is all")
    generation = models.PositiveIntegerField(default=1, help_text="of the secret, which is derived from it")
    previous_until_at = models.DateTimeField(null=True, blank=True, help_text="until when the last secret signs too")
    created_at = models.DateTimeField()
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    disabled_at = models.DateTimeField(null=True, blank=True)
    disabled_reason = models.CharField(
        max_length=16, choices=choices(DisabledReason, DISABLED_REASON_LABELS), blank=True, default=""
    )
    failing_since_at = models.DateTimeField(null=True, blank=True, help_text="the first failure since the last success")
    failures = models.PositiveIntegerField(default=0, help_text="tries that failed since the last success")
    rests_until_at = models.DateTimeField(null=True, blank=True, help_text="nothing is tried before")

    PERSONAL_DATA: ClassVar[tuple[str, ...]] = ()

    class Meta:
        ordering = ("created_at", "id")
        constraints = (
            models.CheckConstraint(
                condition=models.Q(disabled_at__isnull=True, disabled_reason="")
                | (models.Q(disabled_at__isnull=False) & ~models.Q(disabled_reason="")),
                name="webhook_disabled_for_a_reason",
            ),
        )

    def __str__(self) -> str:
        return self.code

    @property
    def code(self) -> str:
        """The endpoint's public name."""
        return f"wh_{self.public_id.hex}"

    @property
    def is_failing(self) -> bool:
        """Tell whether what was sent last was not taken."""
        return self.failing_since_at is not None

    def generations(self, *, at: datetime) -> list[int]:
        """List the generations of the secret that sign at an instant, the newest first."""
        overlaps = self.previous_until_at is not None and at < self.previous_until_at
        return [self.generation, self.generation - 1] if overlaps else [self.generation]

    def wants(self, event_type: str) -> bool:
        """Tell whether it asked for events of this type."""
        return not self.events or event_type in self.events


class WebhookDelivery(models.Model):
    """One message for one endpoint: the row is the truth about when it is tried next."""

    public_id = models.UUIDField(default=new_public_id, unique=True, editable=False)
    endpoint = models.ForeignKey(WebhookEndpoint, on_delete=models.CASCADE, related_name="deliveries")
    event = models.ForeignKey(Event, null=True, on_delete=models.PROTECT, related_name="deliveries")
    message_id = models.CharField(max_length=64, help_text="the same at every try, so a receiver can tell repeats")
    state = models.CharField(
        max_length=16, choices=choices(DeliveryState, DELIVERY_STATE_LABELS), default=DeliveryState.WAITING.value
    )
    attempts = models.PositiveSmallIntegerField(default=0)
    due_at = models.DateTimeField()
    last_status = models.PositiveSmallIntegerField(null=True)
    last_error = models.CharField(max_length=100, blank=True, default="")
    done_at = models.DateTimeField(null=True, help_text="delivered or given up")
    created_at = models.DateTimeField()

    PERSONAL_DATA: ClassVar[tuple[str, ...]] = ()

    class Meta:
        ordering = ("-id",)
        constraints = (
            models.UniqueConstraint(fields=("endpoint", "event"), name="one_delivery_an_event_and_endpoint"),
            models.CheckConstraint(
                condition=models.Q(state=DeliveryState.WAITING.value, done_at__isnull=True)
                | (~models.Q(state=DeliveryState.WAITING.value) & models.Q(done_at__isnull=False)),
                name="webhook_delivery_done_has_a_time",
            ),
        )
        indexes = (
            models.Index(
                fields=("endpoint", "due_at", "id"),
                condition=models.Q(state=DeliveryState.WAITING.value),
                name="webhook_waiting",
            ),
        )

    def __str__(self) -> str:
        return self.code

    @property
    def code(self) -> str:
        """The delivery's public name."""
        return f"dl_{self.public_id.hex}"


class WebhookAttempt(models.Model):
    """One try of a delivery and what came back; kept for 30 days."""

    delivery = models.ForeignKey(WebhookDelivery, on_delete=models.CASCADE, related_name="tries")
    at = models.DateTimeField()
    status = models.PositiveSmallIntegerField(null=True, help_text="null when nothing answered")
    error = models.CharField(max_length=100, choices=choices(SendError, SEND_ERROR_LABELS), blank=True, default="")
    milliseconds = models.PositiveIntegerField(default=0)

    PERSONAL_DATA: ClassVar[tuple[str, ...]] = ()

    class Meta:
        ordering = ("id",)
        indexes = (models.Index(fields=("at",), name="webhook_attempt_age"),)

    def __str__(self) -> str:
        return f"{self.status or self.error}"
