"""Work that must happen after a change, written in the same transaction as the change."""

from typing import ClassVar

from django.db import models


class OutboxMessage(models.Model):
    """One piece of work. The row is the truth; the broker only hints that there is something to do."""

    name = models.CharField(max_length=64, help_text="the job's registered name")
    payload = models.JSONField(default=dict, help_text="ids only")
    created_at = models.DateTimeField()
    due_at = models.DateTimeField()
    attempts = models.PositiveSmallIntegerField(default=0)
    last_error = models.CharField(max_length=500, blank=True, default="")
    done_at = models.DateTimeField(null=True, blank=True)
    failed_at = models.DateTimeField(null=True, blank=True, help_text="given up; a person has to look")

    PERSONAL_DATA: ClassVar[tuple[str, ...]] = ()

    class Meta:
        ordering = ("id",)
        indexes = (
            models.Index(
                fields=("due_at", "id"),
                condition=models.Q(done_at__isnull=True, failed_at__isnull=True),
                name="outbox_waiting",
            ),
        )

    def __str__(self) -> str:
        return f"{self.name} #{self.pk}"
