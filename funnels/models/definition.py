"""What the company calls a target lead: a published set of criterion versions, signed by both sides."""

from typing import ClassVar

from django.conf import settings
from django.db import models

from funnels.models.criterion import CriterionVersion
from funnels.models.funnel import Funnel


def _paired(first: str, second: str) -> models.Q:
    return models.Q(**{f"{first}__isnull": True, f"{second}__isnull": True}) | models.Q(**{f"{first}__isnull": False})


class Definition(models.Model):
    """One version of "target". In force from `effective_from_at` until the next published one."""

    funnel = models.ForeignKey(Funnel, on_delete=models.PROTECT, related_name="definitions")
    number = models.PositiveSmallIntegerField()
    note = models.TextField(blank=True, default="")
    effective_from_at = models.DateTimeField()
    criterion_versions = models.ManyToManyField(
        CriterionVersion, through="funnels.DefinitionCriterion", related_name="definitions"
    )
    created_at = models.DateTimeField()
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    based_on = models.ForeignKey(
        "self",
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
        help_text="the published definition it was drafted against: what the signatures compare it with",
    )
    marketing_signed_at = models.DateTimeField(null=True, blank=True)
    marketing_signed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    sales_signed_at = models.DateTimeField(null=True, blank=True)
    sales_signed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    published_at = models.DateTimeField(null=True, blank=True)
    discarded_at = models.DateTimeField(null=True, blank=True)
    discarded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )

    PERSONAL_DATA: ClassVar[tuple[str, ...]] = ()

    class Meta:
        ordering = ("funnel", "number")
        constraints = (
            models.UniqueConstraint(fields=("funnel", "number"), name="definition_versions_are_numbered"),
            models.CheckConstraint(
                condition=_paired("marketing_signed_at", "marketing_signed_by"),
                name="definition_marketing_signature_has_a_time",
            ),
            models.CheckConstraint(
                condition=_paired("sales_signed_at", "sales_signed_by"), name="definition_sales_signature_has_a_time"
            ),
            models.CheckConstraint(
                condition=models.Q(published_at__isnull=True)
                | models.Q(marketing_signed_at__isnull=False, sales_signed_at__isnull=False),
                name="definition_is_published_with_two_signatures",
            ),
            models.CheckConstraint(
                condition=_paired("discarded_at", "discarded_by"), name="definition_discarding_has_a_time"
            ),
            models.CheckConstraint(
                condition=models.Q(published_at__isnull=True) | models.Q(discarded_at__isnull=True),
                name="definition_published_is_not_discarded",
            ),
        )

    def __str__(self) -> str:
        return f"{self.funnel_id} v{self.number}"


class DefinitionCriterion(models.Model):
    """A criterion version's place in a definition: the order in which it is asked."""

    definition = models.ForeignKey(Definition, on_delete=models.CASCADE, related_name="entries")
    criterion_version = models.ForeignKey(CriterionVersion, on_delete=models.PROTECT, related_name="entries")
    position = models.PositiveSmallIntegerField()

    PERSONAL_DATA: ClassVar[tuple[str, ...]] = ()

    class Meta:
        ordering = ("definition", "position")
        constraints = (
            models.UniqueConstraint(fields=("definition", "criterion_version"), name="definition_asks_a_version_once"),
            models.UniqueConstraint(fields=("definition", "position"), name="definition_positions_are_unique"),
        )

    def __str__(self) -> str:
        return f"{self.definition_id}: {self.criterion_version_id}"
