"""Keys by which programs push and read leads. The secret itself is stored nowhere."""

from datetime import datetime
from typing import ClassVar

from django.conf import settings
from django.db import models

from crm.rules.permissions import Permission, Reach
from crm.rules.scopes import scopes_granting


class ApiKey(models.Model):
    """One integration's right to call: what it may do, for which sources, until when."""

    name = models.CharField(max_length=100)
    token_id = models.CharField(max_length=8, unique=True, help_text="the part of the token that may be shown")
    digest = models.CharField(max_length=64, help_text="SHA-256 of the whole token, which is drawn at random")
    scopes = models.JSONField(default=list)
    sources = models.JSONField(default=list, blank=True, help_text="codes of the only sources it is for; none is all")
    replaces = models.ForeignKey("self", null=True, blank=True, on_delete=models.PROTECT, related_name="replaced_by")
    created_at = models.DateTimeField()
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    expires_at = models.DateTimeField(null=True, blank=True)
    revoked_at = models.DateTimeField(null=True, blank=True)
    revoked_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    last_used_at = models.DateTimeField(null=True, blank=True, help_text="written at most once a minute")

    PERSONAL_DATA: ClassVar[tuple[str, ...]] = ()

    class Meta:
        ordering = ("-created_at", "-id")
        constraints = (
            models.CheckConstraint(
                condition=models.Q(revoked_by__isnull=True) | models.Q(revoked_at__isnull=False),
                name="api_key_revoked_by_has_a_time",
            ),
        )

    def __str__(self) -> str:
        return f"{self.name} ({self.token_id})"

    @property
    def is_authenticated(self) -> bool:
        """A key in force is somebody; without one a request is a stranger's."""
        return True

    def reach(self, permission: Permission) -> Reach:
        """Tell how far this key goes with a permission."""
        if not any(scope in self.scopes for scope in scopes_granting(permission=permission)):
            return Reach.NONE
        return Reach.SOURCES if self.sources else Reach.ALL

    def is_in_force(self, *, at: datetime) -> bool:
        """Tell whether the key opens anything at an instant."""
        return self.revoked_at is None and (self.expires_at is None or at < self.expires_at)
