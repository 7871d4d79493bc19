"""Letting a person in who has no password yet."""

from typing import ClassVar

from django.conf import settings
from django.db import models

from crm.rules.ids import new_public_id


class Invitation(models.Model):
    """A link by which a person sets their first password: once, and for some days. Its token is derived, not kept."""

    number = models.UUIDField(default=new_public_id, unique=True, editable=False)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="invitations")
    created_at = models.DateTimeField()
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    expires_at = models.DateTimeField()
    accepted_at = models.DateTimeField(null=True, blank=True)
    revoked_at = models.DateTimeField(null=True, blank=True)

    PERSONAL_DATA: ClassVar[tuple[str, ...]] = ()

    class Meta:
        ordering = ("-created_at", "-id")
        constraints = (
            models.UniqueConstraint(
                fields=("user",),
                condition=models.Q(accepted_at__isnull=True, revoked_at__isnull=True),
                name="invitation_stands_once",
            ),
            models.CheckConstraint(
                condition=models.Q(accepted_at__isnull=True) | models.Q(revoked_at__isnull=True),
                name="invitation_is_accepted_or_revoked",
            ),
        )

    def __str__(self) -> str:
        return f"invitation of user {self.user_id}"
