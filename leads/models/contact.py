"""The person or firm behind leads."""

from typing import ClassVar

from django.db import models

from crm.rules.choices import choices
from leads.rules.facts import POINT_KIND_LABELS, PointKind


class Contact(models.Model):
    name = models.CharField(max_length=200, blank=True, default="")
    company = models.CharField(max_length=200, blank=True, default="")
    search_key = models.TextField(
        blank=True, default="", help_text="name, company, phones and e-mails: casefolded, ё as е"
    )
    created_at = models.DateTimeField()

    PERSONAL_DATA: ClassVar[tuple[str, ...]] = ("name", "company", "search_key")

    def __str__(self) -> str:
        return f"contact {self.pk}"


class ContactPoint(models.Model):
    """A normalised phone (E.164) or e-mail. Unique, so two simultaneous requests cannot both be the first."""

    contact = models.ForeignKey(Contact, on_delete=models.CASCADE, related_name="points")
    kind = models.CharField(max_length=8, choices=choices(PointKind, POINT_KIND_LABELS))
    value = models.CharField(max_length=254)
    created_at = models.DateTimeField()

    PERSONAL_DATA: ClassVar[tuple[str, ...]] = ("value",)

    class Meta:
        ordering = ("id",)
        constraints = (models.UniqueConstraint(fields=("kind", "value"), name="contact_point_belongs_to_one_contact"),)

    def __str__(self) -> str:
        return f"{self.kind} of contact {self.contact_id}"
