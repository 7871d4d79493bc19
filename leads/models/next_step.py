"""What somebody has promised to do about a lead, and by when."""

from typing import ClassVar

from django.conf import settings
from django.db import models

from leads.models.lead import Lead


class NextStep(models.Model):
    """A promise: closed by doing or dropping it, never edited; one put off is replaced by another."""

    request_id = models.UUIDField(null=True, unique=True, help_text="the client's, against double clicks")
    lead = models.ForeignKey(Lead, on_delete=models.CASCADE, related_name="next_steps")
    what = models.CharField(max_length=300)
    due_at = models.DateTimeField()
    for_person = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="next_steps")
    replaces = models.OneToOneField("self", null=True, blank=True, on_delete=models.PROTECT, related_name="replaced_by")
    created_at = models.DateTimeField()
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    done_at = models.DateTimeField(null=True, blank=True)
    done_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    dropped_at = models.DateTimeField(null=True, blank=True)
    dropped_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")

    PERSONAL_DATA: ClassVar[tuple[str, ...]] = ("what",)

    class Meta:
        ordering = ("due_at", "id")
        constraints = (
            models.UniqueConstraint(
                fields=("lead",),
                condition=models.Q(done_at__isnull=True, dropped_at__isnull=True),
                name="next_step_is_one_at_a_time",
            ),
            models.CheckConstraint(
                condition=models.Q(done_at__isnull=True) | models.Q(dropped_at__isnull=True),
                name="next_step_is_done_or_dropped",
            ),
            models.CheckConstraint(
                condition=(models.Q(done_at__isnull=False) | models.Q(done_by__isnull=True))
                & (models.Q(dropped_at__isnull=False) | models.Q(dropped_by__isnull=True)),
                name="next_step_is_closed_by_somebody_at_a_time",
            ),
        )
        indexes = (
            models.Index(
                fields=("for_person", "due_at"),
                condition=models.Q(done_at__isnull=True, dropped_at__isnull=True),
                name="next_step_open_of_person",
            ),
        )

    def __str__(self) -> str:
        return f"step {self.pk} of lead {self.lead_id}"
