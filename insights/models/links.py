"""Links by which people without an account see a board. The secret itself is stored nowhere."""

from typing import ClassVar

from django.conf import settings
from django.db import models

from insights.models.saved import SavedBoard


class BoardLink(models.Model):
    """One link to one board: whom it is for, until when, and how often it was opened."""

    board = models.ForeignKey(SavedBoard, on_delete=models.PROTECT, related_name="links")
    token_id = models.CharField(max_length=8, unique=True, help_text="the part of the token that may be shown")
    digest = models.CharField(max_length=64, help_text="SHA-256 of the whole token, which is drawn at random")
    note = models.CharField(max_length=200, blank=True, default="", help_text="whom it is for")
    created_at = models.DateTimeField()
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    expires_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True, blank=True)
    revoked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    openings = models.PositiveIntegerField(default=0)
    last_opened_at = models.DateTimeField(null=True, blank=True)

    PERSONAL_DATA: ClassVar[tuple[str, ...]] = ("note",)

    class Meta:
        ordering = ("-created_at", "-id")
        constraints = (
            models.CheckConstraint(
                condition=models.Q(revoked_at__isnull=True, revoked_by__isnull=True)
                | models.Q(revoked_at__isnull=False, revoked_by__isnull=False),
                name="board_link_is_revoked_by_somebody",
            ),
        )

    def __str__(self) -> str:
        return f"link {self.token_id}"
