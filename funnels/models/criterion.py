"""One checkable question about a lead, and its versions."""

from typing import ClassVar

from django.conf import settings
from django.db import models

from crm.rules.choices import choices
from funnels.models.funnel import Funnel, Stage
from funnels.rules.criteria import (
    ANSWER_TYPE_LABELS,
    EVIDENCE_LABELS,
    JUDGED_BY_LABELS,
    MAXIMUM_CRITERIA,
    AnswerType,
    EvidenceRule,
    JudgedBy,
)


class Criterion(models.Model):
    """The question's identity. Its bit in the masks is never given to another criterion of the funnel."""

    funnel = models.ForeignKey(Funnel, on_delete=models.PROTECT, related_name="criteria")
    code = models.SlugField(max_length=64)
    bit = models.PositiveSmallIntegerField()
    created_at = models.DateTimeField()
    archived_at = models.DateTimeField(null=True, blank=True)

    PERSONAL_DATA: ClassVar[tuple[str, ...]] = ()

    class Meta:
        ordering = ("funnel", "bit")
        constraints = (
            models.UniqueConstraint(fields=("funnel", "code"), name="criterion_code_is_unique_in_its_funnel"),
            models.UniqueConstraint(fields=("funnel", "bit"), name="criterion_bit_is_never_reused"),
            models.CheckConstraint(condition=models.Q(bit__lt=MAXIMUM_CRITERIA), name="criterion_bit_fits_the_mask"),
        )

    def __str__(self) -> str:
        return self.code


class CriterionVersion(models.Model):
    """One wording of a criterion. Once used it is superseded by the next version, never edited."""

    criterion = models.ForeignKey(Criterion, on_delete=models.PROTECT, related_name="versions")
    number = models.PositiveSmallIntegerField()
    name = models.CharField(max_length=150, help_text="the question in two words")
    failed_name = models.CharField(max_length=150, help_text="what a failed one is called on the board")
    wording = models.TextField(help_text="how to ask and decide")
    example_met = models.TextField(blank=True, default="")
    example_failed = models.TextField(blank=True, default="")
    is_blocking = models.BooleanField(default=True)
    evidence = models.CharField(
        max_length=16, choices=choices(EvidenceRule, EVIDENCE_LABELS), default=EvidenceRule.NONE.value
    )
    answer_type = models.CharField(
        max_length=16, choices=choices(AnswerType, ANSWER_TYPE_LABELS), default=AnswerType.YES_NO.value
    )
    options = models.JSONField(default=list, blank=True, help_text='choice: [{"value", "label", "met": true|false}]')
    threshold = models.DecimalField(max_digits=14, decimal_places=2, null=True, blank=True)
    unit = models.CharField(max_length=32, blank=True, default="")
    answerable_at = models.ForeignKey(Stage, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    judged_by = models.CharField(
        max_length=16, choices=choices(JudgedBy, JUDGED_BY_LABELS), default=JudgedBy.PERSON.value
    )
    rule = models.JSONField(default=dict, blank=True, help_text='{"kind": "phone_valid"} …')
    created_at = models.DateTimeField()
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")

    PERSONAL_DATA: ClassVar[tuple[str, ...]] = ()

    class Meta:
        ordering = ("criterion", "number")
        constraints = (models.UniqueConstraint(fields=("criterion", "number"), name="criterion_versions_are_numbered"),)

    def __str__(self) -> str:
        return f"{self.name} v{self.number}"
