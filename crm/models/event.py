"""What happened to leads, as other systems are told it."""

from typing import ClassVar

from django.db import models

from crm.rules.choices import choices
from crm.rules.events import EVENT_LABELS, EventType


class Event(models.Model):
    """One thing that happened. It is written with the change and numbered after the commit.

    Ids are drawn before transactions commit, so a reader of ids would miss what commits late; numbers are given to
    what is committed already, one publisher at a time, so whoever has read up to a number has read all before it.
    """

    type = models.CharField(max_length=32, choices=choices(EventType, EVENT_LABELS))
    lead = models.CharField(max_length=40, help_text="the lead's public code")
    source = models.CharField(max_length=100, help_text="the source's code")
    data = models.JSONField(default=dict, help_text="codes, ids and counts only, never a person's data")
    occurred_at = models.DateTimeField()
    recorded_at = models.DateTimeField()
    number = models.BigIntegerField(null=True, unique=True, editable=False, help_text="null until published")

    PERSONAL_DATA: ClassVar[tuple[str, ...]] = ()

    class Meta:
        ordering = ("number", "id")
        indexes = (
            models.Index(fields=("id",), condition=models.Q(number__isnull=True), name="event_unpublished"),
            models.Index(fields=("source", "number"), name="event_by_source"),
        )

    def __str__(self) -> str:
        return f"{self.type} {self.lead}"


class EventHead(models.Model):
    """The last number given: its one row is what a publisher holds while it gives the next."""

    last_number = models.BigIntegerField(default=0)

    PERSONAL_DATA: ClassVar[tuple[str, ...]] = ()

    def __str__(self) -> str:
        return str(self.last_number)
