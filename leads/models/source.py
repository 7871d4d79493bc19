"""Where leads come from and whom we sell to. Archived, never deleted."""

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext

UNDEFINED_SOURCE = "undefined"


class Source(models.Model):
    """A channel that brings leads. `code` is what integrations send; a name seen for the first time waits for a yes."""

    code = models.CharField(max_length=100, unique=True)
    name = models.CharField(max_length=150)
    is_confirmed = models.BooleanField(default=False)
    looks_like = models.ForeignKey("self", null=True, blank=True, on_delete=models.SET_NULL, related_name="lookalikes")
    merged_into = models.ForeignKey("self", null=True, blank=True, on_delete=models.PROTECT, related_name="merged")
    created_at = models.DateTimeField()
    archived_at = models.DateTimeField(null=True, blank=True)

    PERSONAL_DATA: ClassVar[tuple[str, ...]] = ()

    class Meta:
        ordering = ("name",)
        constraints = (
            models.CheckConstraint(
                condition=models.Q(merged_into__isnull=True) | models.Q(archived_at__isnull=False),
                name="source_merged_is_archived",
            ),
        )

    def __str__(self) -> str:
        return self.name

    @property
    def label(self) -> str:
        """The name to show: leads that came without a source are a row of their own, in the reader's language."""
        return gettext("not determined") if self.code == UNDEFINED_SOURCE else self.name


class SourceAlias(models.Model):
    """Another name of a source, agreed by a person."""

    source = models.ForeignKey(Source, on_delete=models.CASCADE, related_name="aliases")
    name = models.CharField(max_length=100, unique=True)

    PERSONAL_DATA: ClassVar[tuple[str, ...]] = ()

    def __str__(self) -> str:
        return self.name


class Campaign(models.Model):
    source = models.ForeignKey(Source, on_delete=models.PROTECT, related_name="campaigns")
    code = models.CharField(max_length=150)
    name = models.CharField(max_length=150)
    merged_into = models.ForeignKey("self", null=True, blank=True, on_delete=models.PROTECT, related_name="merged")
    created_at = models.DateTimeField()
    archived_at = models.DateTimeField(null=True, blank=True)

    PERSONAL_DATA: ClassVar[tuple[str, ...]] = ()

    class Meta:
        ordering = ("source", "name")
        constraints = (
            models.UniqueConstraint(fields=("source", "code"), name="campaign_code_is_unique_in_its_source"),
            models.CheckConstraint(
                condition=models.Q(merged_into__isnull=True) | models.Q(archived_at__isnull=False),
                name="campaign_merged_is_archived",
            ),
        )

    def __str__(self) -> str:
        return self.name


class Segment(models.Model):
    """Whom we sell to: economics are per segment."""

    code = models.CharField(max_length=100, unique=True)
    name = models.CharField(max_length=150)
    is_confirmed = models.BooleanField(default=False)
    merged_into = models.ForeignKey("self", null=True, blank=True, on_delete=models.PROTECT, related_name="merged")
    created_at = models.DateTimeField()
    archived_at = models.DateTimeField(null=True, blank=True)

    PERSONAL_DATA: ClassVar[tuple[str, ...]] = ()

    class Meta:
        ordering = ("name",)
        constraints = (
            models.CheckConstraint(
                condition=models.Q(merged_into__isnull=True) | models.Q(archived_at__isnull=False),
                name="segment_merged_is_archived",
            ),
        )

    def __str__(self) -> str:
        return self.name
