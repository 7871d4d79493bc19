"""A funnel and its ordered stages. Lost is an outcome at a stage, not a stage; won is the last milestone."""

from typing import ClassVar

from django.db import models

from crm.rules.choices import choices
from funnels.rules.moves import MILESTONE_LABELS, Milestone


class Funnel(models.Model):
    code = models.SlugField(max_length=64, unique=True)
    name = models.CharField(max_length=150)
    created_at = models.DateTimeField()
    archived_at = models.DateTimeField(null=True, blank=True)

    PERSONAL_DATA: ClassVar[tuple[str, ...]] = ()

    class Meta:
        ordering = ("id",)

    def __str__(self) -> str:
        return self.name


class Stage(models.Model):
    """A step of a funnel. Numbers are computed on `milestone`, so renaming or reordering leaves them alone."""

    funnel = models.ForeignKey(Funnel, on_delete=models.PROTECT, related_name="stages")
    code = models.SlugField(max_length=64)
    name = models.CharField(max_length=150)
    position = models.PositiveSmallIntegerField()
    milestone = models.CharField(max_length=16, choices=choices(Milestone, MILESTONE_LABELS))
    archived_at = models.DateTimeField(null=True, blank=True)

    PERSONAL_DATA: ClassVar[tuple[str, ...]] = ()

    class Meta:
        ordering = ("funnel", "position")
        constraints = (
            models.UniqueConstraint(fields=("funnel", "code"), name="stage_code_is_unique_in_its_funnel"),
            models.UniqueConstraint(
                fields=("funnel", "position"),
                condition=models.Q(archived_at__isnull=True),
                name="stage_position_is_unique_in_its_funnel",
            ),
        )

    def __str__(self) -> str:
        return self.name
