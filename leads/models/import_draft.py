"""A spreadsheet on its way in: the file, what a person said of it, and how far it has come."""

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q

from crm.rules.choices import choices
from crm.rules.ids import new_public_id
from funnels.models import Funnel
from leads.models.import_batch import ImportBatch
from leads.rules.imports import IMPORT_STATE_LABELS, ImportState


class ImportDraft(models.Model):
    """The file is kept in the database, so that every process of every machine has it, and forgotten in time."""

    public_id = models.UUIDField(default=new_public_id, unique=True, editable=False)
    request_id = models.UUIDField(unique=True, help_text="the page's, against double clicks")
    file_name = models.CharField(max_length=255)
    sha256 = models.CharField(max_length=64)
    content = models.BinaryField(null=True, help_text="as it came; nothing once it is forgotten")
    kind = models.CharField(max_length=8)
    encoding = models.CharField(max_length=32, blank=True, default="")
    delimiter = models.CharField(max_length=1, blank=True, default="")
    page = models.CharField(max_length=255, blank=True, default="")
    pages = models.JSONField(default=list)
    header = models.JSONField(default=list)
    columns = models.JSONField(default=list)
    row_count = models.PositiveIntegerField(default=0)
    funnel = models.ForeignKey(Funnel, on_delete=models.PROTECT, related_name="+")
    source = models.CharField(max_length=100, blank=True, default="", help_text="for rows that name none")
    arrived_at = models.DateTimeField(help_text="given to rows without a time of their own")
    language = models.CharField(max_length=8, help_text="in which its rows are complained about")
    uploaded_at = models.DateTimeField()
    uploaded_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    column_meanings = models.JSONField(default=dict)
    word_meanings = models.JSONField(default=dict)
    empty_words = models.JSONField(default=list)
    date_format = models.CharField(max_length=40, blank=True, default="")
    state = models.CharField(
        max_length=16, choices=choices(ImportState, IMPORT_STATE_LABELS), default=ImportState.PREPARED
    )
    attempt = models.PositiveIntegerField(default=0, help_text="which trial or run its work belongs to")
    totals = models.JSONField(default=dict, help_text="what the trial found, or the run beside its batch")
    work_started_at = models.DateTimeField(null=True, help_text="of the trial or the run")
    finished_at = models.DateTimeField(null=True)
    batch = models.OneToOneField(ImportBatch, null=True, on_delete=models.PROTECT, related_name="draft")
    cancelled_at = models.DateTimeField(null=True)
    cancelled_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")

    PERSONAL_DATA: ClassVar[tuple[str, ...]] = (
        "content",
        "header",
        "columns",
        "column_meanings",
        "word_meanings",
        "totals",
    )

    class Meta:
        ordering = ("-id",)
        constraints = (
            models.CheckConstraint(
                condition=Q(cancelled_at__isnull=True, cancelled_by__isnull=True)
                | Q(cancelled_at__isnull=False, cancelled_by__isnull=False),
                name="import_cancelled_by_somebody",
            ),
            models.CheckConstraint(
                condition=Q(batch__isnull=False) | ~Q(state__in=("running", "done", "stopped", "undoing")),
                name="import_run_has_a_batch",
            ),
        )

    def __str__(self) -> str:
        return f"{self.file_name} {self.public_id.hex}"


class ImportPart(models.Model):
    """Some hundred rows of a file: taken in by one transaction, so that each row comes in once whatever breaks."""

    draft = models.ForeignKey(ImportDraft, on_delete=models.CASCADE, related_name="parts")
    number = models.PositiveIntegerField()
    row_count = models.PositiveIntegerField()
    rows = models.BinaryField(help_text="packed: line, turn among equal rows, cells")
    tried_in = models.PositiveIntegerField(default=0, help_text="the last trial that had these rows")
    seen = models.BinaryField(default=b"", help_text="digests of the ids and people that trial saw here")
    done_at = models.DateTimeField(null=True)

    PERSONAL_DATA: ClassVar[tuple[str, ...]] = ("rows", "seen")

    class Meta:
        ordering = ("draft", "number")
        constraints = (models.UniqueConstraint(fields=("draft", "number"), name="import_part_is_numbered"),)

    def __str__(self) -> str:
        return f"part {self.number} of {self.draft_id}"


class ImportMemory(models.Model):
    """What columns and words meant in the last file of a source with these headings."""

    source = models.CharField(max_length=100, blank=True)
    funnel = models.ForeignKey(Funnel, on_delete=models.CASCADE, related_name="+")
    headings = models.CharField(max_length=64, help_text="digest of the column names")
    column_meanings = models.JSONField()
    word_meanings = models.JSONField()
    empty_words = models.JSONField()
    date_format = models.CharField(max_length=40, blank=True)
    used_at = models.DateTimeField()

    PERSONAL_DATA: ClassVar[tuple[str, ...]] = ("column_meanings", "word_meanings")

    class Meta:
        ordering = ("-used_at",)
        constraints = (
            models.UniqueConstraint(fields=("source", "funnel", "headings"), name="import_memory_is_one_a_source"),
        )

    def __str__(self) -> str:
        return f"{self.source} {self.headings[:8]}"
