"""Who has a lead of the queue open just now: so that two people are not given the same one."""

from typing import ClassVar

from django.conf import settings
from django.db import models

from leads.models.lead import Lead


class Claim(models.Model):
    """One lead at one person's hands until a moment. Not a fact: it is overwritten, and after its time says nothing.

    Set aside, it is the other way round: whoever skipped the lead is not given it again until then, others are.
    """

    lead = models.OneToOneField(Lead, primary_key=True, on_delete=models.CASCADE, related_name="claim")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    until_at = models.DateTimeField()
    is_set_aside = models.BooleanField(default=False)

    PERSONAL_DATA: ClassVar[tuple[str, ...]] = ()

    class Meta:
        ordering = ("until_at",)

    def __str__(self) -> str:
        return f"lead {self.lead_id} → user {self.by_id}"
