"""What an administrator has said of one sender: where its leads go and how its payload is read."""

from typing import ClassVar

from django.db import models

from crm.models import ApiKey
from funnels.models import Funnel


class HookProfile(models.Model):
    """The settings of one address: a key and a profile. An address works without them where nothing has to be said.

    `secrets` are other people's words by which a payload is proven (an app's secret, a token of VK). An HMAC cannot be
    checked by a digest, so they stand here as they are; no page and no log ever shows them again.
    """

    api_key = models.ForeignKey(ApiKey, on_delete=models.PROTECT, related_name="+")
    profile = models.CharField(max_length=32)
    funnel = models.ForeignKey(Funnel, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    field_map = models.JSONField(default=dict, blank=True, help_text="our field → path in the payload, or =constant")
    secrets = models.JSONField(default=dict, blank=True, help_text="to check proofs of origin; never shown")
    created_at = models.DateTimeField()
    changed_at = models.DateTimeField()

    PERSONAL_DATA: ClassVar[tuple[str, ...]] = ()

    class Meta:
        ordering = ("id",)
        constraints = (models.UniqueConstraint(fields=("api_key", "profile"), name="one_hook_profile_a_key"),)

    def __str__(self) -> str:
        return f"{self.profile} of {self.api_key}"
