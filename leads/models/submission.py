"""What literally arrived, always kept, also when nothing could be made of it."""

from typing import ClassVar

from django.db import models

from crm.models import ApiKey
from crm.rules.choices import choices
from crm.rules.ids import new_public_id
from leads.models.import_batch import ImportBatch
from leads.models.lead import Lead
from leads.rules.facts import CHANNEL_LABELS, SUBMISSION_STATE_LABELS, Channel, SubmissionState


class Submission(models.Model):
    public_id = models.UUIDField(default=new_public_id, unique=True, editable=False)
    channel = models.CharField(max_length=16, choices=choices(Channel, CHANNEL_LABELS))
    payload = models.JSONField(help_text="what was read of it; the body as it came stands beside it where there is one")
    body = models.BinaryField(null=True, blank=True, help_text="the bytes as they came, for doors that take any")
    content_type = models.CharField(max_length=200, blank=True, default="")
    profile = models.CharField(max_length=32, blank=True, default="", help_text="the adapter that reads it")
    api_key = models.ForeignKey(ApiKey, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    attempts = models.PositiveSmallIntegerField(default=0, help_text="how often it was processed")
    received_at = models.DateTimeField()
    state = models.CharField(max_length=16, choices=choices(SubmissionState, SUBMISSION_STATE_LABELS))
    error_code = models.CharField(max_length=64, blank=True, default="")
    error_detail = models.TextField(blank=True, default="")
    lead = models.ForeignKey(Lead, null=True, blank=True, on_delete=models.SET_NULL, related_name="submissions")
    import_batch = models.ForeignKey(
        ImportBatch, null=True, blank=True, on_delete=models.PROTECT, related_name="submissions"
    )
    row_number = models.PositiveIntegerField(null=True, blank=True)

    PERSONAL_DATA: ClassVar[tuple[str, ...]] = ("payload", "body", "error_detail")

    class Meta:
        ordering = ("id",)
        indexes = (models.Index(fields=("state", "received_at"), name="submission_by_state"),)

    def __str__(self) -> str:
        return f"submission {self.public_id.hex}"
