"""Questions about the past that take a while: how far each has come, and what was found."""

from typing import ClassVar

from django.db import models

from crm.rules.ids import new_public_id


class Counting(models.Model):
    """A question that is counted part by part in the background. Whoever asks the same waits for the same."""

    public_id = models.UUIDField(default=new_public_id, unique=True, editable=False)
    key = models.CharField(max_length=64, unique=True, help_text="digest of the question and of what was agreed on")
    question = models.JSONField(help_text="the slice as parameters")
    group_by = models.CharField(max_length=16, blank=True, default="")
    parts = models.PositiveSmallIntegerField()
    parts_done = models.PositiveSmallIntegerField(default=0)
    started_at = models.DateTimeField()
    moved_at = models.DateTimeField(help_text="when a part was last done")
    done_at = models.DateTimeField(null=True, blank=True)

    PERSONAL_DATA: ClassVar[tuple[str, ...]] = ()

    class Meta:
        indexes = (models.Index(fields=("started_at",), name="counting_by_time"),)

    def __str__(self) -> str:
        return f"{self.parts_done} of {self.parts} parts"


class KeptAnswer(models.Model):
    """What one reading of the past has found: counts, never people."""

    key = models.CharField(max_length=64, unique=True, help_text="digest of the reading and of what was agreed on")
    answer = models.TextField()
    counted_at = models.DateTimeField()

    PERSONAL_DATA: ClassVar[tuple[str, ...]] = ()

    class Meta:
        indexes = (models.Index(fields=("counted_at",), name="kept_answer_by_time"),)

    def __str__(self) -> str:
        return f"counted {self.counted_at:%Y-%m-%d %H:%M}"
