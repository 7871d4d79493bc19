"""Who did what, when. No foreign keys, so that nothing can be deleted out of the story."""

from typing import ClassVar

from django.db import models


class AuditEvent(models.Model):
    at = models.DateTimeField()
    actor_id = models.BigIntegerField(null=True, help_text="a person's id; null is the system itself")
    api_key_id = models.BigIntegerField(null=True, help_text="the key by which a program did it")
    action = models.CharField(max_length=64)
    object_type = models.CharField(max_length=64)
    object_id = models.CharField(max_length=64)
    changes = models.JSONField(default=dict, help_text="no personal data: codes, ids and counts only")
    request_id = models.CharField(max_length=64, blank=True, default="")

    PERSONAL_DATA: ClassVar[tuple[str, ...]] = ()

    class Meta:
        ordering = ("id",)
        indexes = (
            models.Index(fields=("object_type", "object_id"), name="audit_by_object"),
            models.Index(fields=("at",), name="audit_by_time"),
        )

    def __str__(self) -> str:
        return f"{self.action} {self.object_type} {self.object_id}"
