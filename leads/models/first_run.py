"""How far a new installation has been set up, where that cannot be seen from what there is."""

from typing import ClassVar

from django.conf import settings
from django.db import models


class FirstRun(models.Model):
    """The one row of an installation that was begun from its pages; others have none and are led nowhere."""

    began_at = models.DateTimeField()
    skipped = models.JSONField(default=list, blank=True, help_text="steps that were left out")
    dismissed_at = models.DateTimeField(null=True, blank=True)
    dismissed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )

    PERSONAL_DATA: ClassVar[tuple[str, ...]] = ()

    class Meta:
        constraints = (
            models.CheckConstraint(
                condition=models.Q(dismissed_by__isnull=True) | models.Q(dismissed_at__isnull=False),
                name="first_run_dismissed_by_has_a_time",
            ),
        )

    def __str__(self) -> str:
        return f"first run of {self.began_at:%Y-%m-%d}"
