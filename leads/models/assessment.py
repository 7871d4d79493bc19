"""Acts of judging a lead. Append-only: a correction is a new act that names the one it replaces."""

from typing import ClassVar

from django.conf import settings
from django.db import models

from crm.rules.choices import choices
from funnels.models import CriterionVersion, Definition
from funnels.rules.criteria import RESULT_LABELS, Result
from funnels.rules.verdict import VERDICT_LABELS, Verdict
from leads.models.lead import Lead
from leads.rules.facts import (
    ASSESSMENT_KIND_LABELS,
    CHANNEL_LABELS,
    EVIDENCE_LABELS,
    AssessmentKind,
    Channel,
    Evidence,
)


class Assessment(models.Model):
    """One act: the answers are its children; verdict and masks are computed from them when it is written."""

    public_id = models.UUIDField(null=True, unique=True, help_text="the client's request id, against double clicks")
    lead = models.ForeignKey(Lead, on_delete=models.CASCADE, related_name="assessments", db_index=False)
    kind = models.CharField(max_length=16, choices=choices(AssessmentKind, ASSESSMENT_KIND_LABELS))
    channel = models.CharField(max_length=16, choices=choices(Channel, CHANNEL_LABELS))
    definition = models.ForeignKey(Definition, on_delete=models.PROTECT, related_name="assessments", db_index=False)
    supersedes = models.ForeignKey(
        "self", null=True, blank=True, on_delete=models.PROTECT, related_name="superseded_by", db_index=False
    )
    verdict = models.CharField(max_length=16, choices=choices(Verdict, VERDICT_LABELS))
    fail_mask = models.PositiveIntegerField(default=0)
    soft_fail_mask = models.PositiveIntegerField(default=0)
    assessed_mask = models.PositiveIntegerField(default=0)
    is_retraction = models.BooleanField(
        default=False, db_default=False, help_text="undoes a judgement made a moment ago"
    )
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    by_role = models.CharField(max_length=16, blank=True, default="", help_text="the role at that time")
    note = models.TextField(blank=True, default="")
    seconds_spent = models.PositiveIntegerField(null=True, blank=True)
    occurred_at = models.DateTimeField(help_text="when it happened, as told")
    recorded_at = models.DateTimeField(help_text="when the server wrote it down")
    effective_at = models.DateTimeField(help_text="from when it counts (R5, R6)")

    PERSONAL_DATA: ClassVar[tuple[str, ...]] = ("note",)

    class Meta:
        ordering = ("recorded_at", "id")
        constraints = (
            models.CheckConstraint(
                condition=~models.Q(verdict="NON_TARGET") | models.Q(fail_mask__gt=0),
                name="assessment_non_target_failed_something",
            ),
            models.CheckConstraint(
                condition=~models.Q(kind="correct") | models.Q(supersedes__isnull=False),
                name="assessment_correction_names_what_it_replaces",
            ),
            models.CheckConstraint(
                condition=models.Q(is_retraction=False) | models.Q(kind="correct"),
                name="assessment_retraction_is_a_correction",
            ),
        )
        indexes = (
            models.Index(fields=("lead", "-effective_at", "-recorded_at", "-id"), name="assessment_in_force"),
            models.Index(
                fields=("by", "-recorded_at"), name="assessment_of_person", condition=models.Q(by__isnull=False)
            ),
            models.Index(
                fields=("supersedes",), name="assessment_superseding", condition=models.Q(supersedes__isnull=False)
            ),
        )

    def __str__(self) -> str:
        return f"{self.kind} {self.verdict} of lead {self.lead_id}"


class AssessmentAnswer(models.Model):
    """One answer. A criterion of the definition without a row was not asked."""

    assessment = models.ForeignKey(Assessment, on_delete=models.CASCADE, related_name="answers", db_index=False)
    criterion_version = models.ForeignKey(CriterionVersion, on_delete=models.PROTECT, related_name="answers")
    result = models.CharField(max_length=16, choices=choices(Result, RESULT_LABELS))
    observed_value = models.CharField(max_length=200, blank=True, default="")
    evidence = models.CharField(
        max_length=32, choices=choices(Evidence, EVIDENCE_LABELS), blank=True, default=Evidence.NONE.value
    )
    evidence_ref = models.CharField(max_length=200, blank=True, default="")

    PERSONAL_DATA: ClassVar[tuple[str, ...]] = ("observed_value", "evidence_ref")

    class Meta:
        ordering = ("id",)
        constraints = (
            models.UniqueConstraint(fields=("assessment", "criterion_version"), name="answer_is_given_once"),
        )

    def __str__(self) -> str:
        return f"{self.criterion_version_id}: {self.result}"
