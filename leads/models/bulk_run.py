"""One act upon many leads, and what became of each."""

from typing import ClassVar

from django.conf import settings
from django.db import models


class BulkRun(models.Model):
    """Written in the transaction of the act itself: the same request, sent twice, finds what it has done."""

    request_id = models.UUIDField(unique=True)
    act = models.CharField(max_length=16)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()
    results = models.JSONField(
        default=list, help_text="for each lead its code, and why it was refused or an empty text"
    )

    PERSONAL_DATA: ClassVar[tuple[str, ...]] = ()

    def __str__(self) -> str:
        return f"{self.act} of many #{self.pk}"
