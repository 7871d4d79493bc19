"""Who gets the leads that arrive without an owner, and who is away. Archived, never deleted."""

from typing import ClassVar

from django.conf import settings
from django.db import models

from crm.models import Team
from crm.rules.choices import choices
from funnels.models import Funnel
from leads.models.source import Segment, Source
from leads.rules.assignment import METHOD_LABELS, Method


class AssignmentRule(models.Model):
    """Which leads it is for, and among whom they are handed out. The first in order that fits a lead decides."""

    position = models.PositiveIntegerField()
    funnel = models.ForeignKey(Funnel, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    source = models.ForeignKey(Source, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    segment = models.ForeignKey(Segment, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    method = models.CharField(max_length=16, choices=choices(Method, METHOD_LABELS))
    team = models.ForeignKey(Team, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    people = models.ManyToManyField(settings.AUTH_USER_MODEL, blank=True, related_name="+")
    only_working_hours = models.BooleanField(default=False)
    turn = models.PositiveIntegerField(default=0, help_text="how many leads it has handed out")
    created_at = models.DateTimeField()
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    archived_at = models.DateTimeField(null=True, blank=True)

    PERSONAL_DATA: ClassVar[tuple[str, ...]] = ()

    class Meta:
        ordering = ("position", "id")

    def __str__(self) -> str:
        return f"rule {self.pk}: {self.method}"


class Absence(models.Model):
    """Days, both included, on which somebody is given no new leads; one that was called off is archived."""

    person = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="absences")
    from_on = models.DateField()
    until_on = models.DateField()
    created_at = models.DateTimeField()
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    archived_at = models.DateTimeField(null=True, blank=True)

    PERSONAL_DATA: ClassVar[tuple[str, ...]] = ()

    class Meta:
        ordering = ("from_on", "id")
        constraints = (
            models.CheckConstraint(
                condition=models.Q(until_on__gte=models.F("from_on")), name="absence_ends_after_it_begins"
            ),
        )

    def __str__(self) -> str:
        return f"user {self.person_id} away {self.from_on} – {self.until_on}"
