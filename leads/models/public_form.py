"""Forms of our own on other people's sites, what their visitors agreed to, and what looks like spam."""

from typing import ClassVar
from urllib.parse import urlsplit

from django.conf import settings
from django.db import models

from crm.rules.choices import choices
from funnels.models import Funnel
from leads.models.source import Source
from leads.models.submission import Submission
from leads.rules.public_forms import SUSPICION_LABELS, FormField, Suspicion


class PublicForm(models.Model):
    """A form that anybody may fill in: what it asks, for which source, what it says afterwards."""

    key = models.CharField(max_length=32, unique=True, help_text="stands in the address; opens nothing")
    title = models.CharField(max_length=150)
    funnel = models.ForeignKey(Funnel, on_delete=models.PROTECT, related_name="+")
    source = models.ForeignKey(Source, on_delete=models.PROTECT, related_name="+")
    campaign = models.CharField(max_length=150, blank=True, default="")
    fields = models.JSONField(default=dict, help_text="what is asked: name of the field -> whether it is required")
    thanks_text = models.TextField(blank=True, default="")
    thanks_url = models.URLField(max_length=500, blank=True, default="", help_text="where to go instead; https")
    allowed_sites = models.JSONField(default=list, blank=True, help_text="origins of the sites that may show it")
    is_active = models.BooleanField(default=True)
    archived_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField()
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")

    PERSONAL_DATA: ClassVar[tuple[str, ...]] = ()

    class Meta:
        ordering = ("title", "id")

    def __str__(self) -> str:
        return self.title

    @property
    def is_open(self) -> bool:
        """Tell whether it takes requests."""
        return self.is_active and self.archived_at is None

    @property
    def asked(self) -> list[tuple[FormField, bool]]:
        """List what is asked, and whether it must be answered."""
        return [(field, bool(self.fields[field])) for field in FormField if field in self.fields]

    @property
    def thanks_origin(self) -> str:
        """The site of the page that is shown afterwards; empty when it is ours."""
        parts = urlsplit(self.thanks_url)
        return f"{parts.scheme}://{parts.netloc}" if self.thanks_url else ""

    @property
    def consent(self) -> "ConsentText":
        """The text in force; a form has one from its making."""
        return self.consent_texts.latest("version")


class ConsentText(models.Model):
    """One version of what a visitor agrees to. Never edited: a change is a new version."""

    form = models.ForeignKey(PublicForm, on_delete=models.PROTECT, related_name="consent_texts")
    version = models.PositiveIntegerField()
    text = models.TextField()
    digest = models.CharField(max_length=64, help_text="SHA-256 of the text")
    created_at = models.DateTimeField()
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")

    PERSONAL_DATA: ClassVar[tuple[str, ...]] = ()

    class Meta:
        ordering = ("form", "version")
        constraints = (models.UniqueConstraint(fields=("form", "version"), name="consent_text_version_is_unique"),)

    def __str__(self) -> str:
        return f"{self.form} v{self.version}"


class Consent(models.Model):
    """A visitor's yes to one text, with the request it came with."""

    submission = models.OneToOneField(Submission, on_delete=models.PROTECT, related_name="consent")
    text = models.ForeignKey(ConsentText, on_delete=models.PROTECT, related_name="consents")
    given_at = models.DateTimeField()

    PERSONAL_DATA: ClassVar[tuple[str, ...]] = ()

    class Meta:
        ordering = ("id",)

    def __str__(self) -> str:
        return f"consent to {self.text} at {self.given_at}"


class Quarantine(models.Model):
    """A request that may come from a program, and what a person made of it."""

    submission = models.OneToOneField(Submission, on_delete=models.PROTECT, related_name="quarantine")
    suspicion = models.CharField(max_length=16, choices=choices(Suspicion, SUSPICION_LABELS))
    decided_at = models.DateTimeField(null=True, blank=True)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    is_released = models.BooleanField(default=False)

    PERSONAL_DATA: ClassVar[tuple[str, ...]] = ()

    class Meta:
        ordering = ("-id",)
        constraints = (
            models.CheckConstraint(
                condition=models.Q(decided_at__isnull=False) | models.Q(decided_by__isnull=True, is_released=False),
                name="quarantine_decision_has_a_time",
            ),
        )
        indexes = (
            models.Index(fields=("id",), condition=models.Q(decided_at__isnull=True), name="quarantine_waiting"),
        )

    def __str__(self) -> str:
        return f"{self.suspicion}: {self.submission}"
