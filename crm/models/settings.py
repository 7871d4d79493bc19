"""What the organisation agreed on about time, money and effort. A change is a new version; old ones stay."""

from typing import ClassVar

from django.conf import settings
from django.db import models


class OrganisationSettings(models.Model):
    """One version of the settings; the one in force at an instant is the last with `valid_from_at` not after it."""

    valid_from_at = models.DateTimeField(unique=True)
    created_at = models.DateTimeField()
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+", db_constraint=True
    )
    organisation_name = models.CharField(max_length=150, default="", blank=True)
    time_zone = models.CharField(max_length=64)
    week_starts_on = models.PositiveSmallIntegerField(default=1, help_text="ISO weekday: 1 is Monday")
    currency = models.CharField(max_length=3, default="RUB")
    default_region = models.CharField(max_length=2, default="RU", help_text="for phones written without a country")
    business_hours = models.JSONField(help_text='{"1": ["09:00", "18:00"], …} by ISO weekday; a missing day is off')
    holidays = models.JSONField(default=list, help_text="ISO dates on which nobody works")
    age_a1_days = models.PositiveSmallIntegerField(default=7)
    age_a2_days = models.PositiveSmallIntegerField(default=28)
    duplicate_window_days = models.PositiveSmallIntegerField(default=30)
    unreachable_attempts = models.PositiveSmallIntegerField(default=5, help_text="K: attempts …")
    unreachable_days = models.PositiveSmallIntegerField(default=3, help_text="D: … on at least so many local days")
    unreachable_channels = models.PositiveSmallIntegerField(default=1, help_text="… over at least so many channels")
    first_touch_sla_minutes = models.PositiveIntegerField(default=60, help_text="business minutes")
    verdict_sla_minutes = models.PositiveIntegerField(default=5 * 9 * 60, help_text="business minutes")
    escalation_minutes = models.PositiveIntegerField(
        default=4 * 60, help_text="business minutes after a time was due until the head is told"
    )
    minimum_sample_to_show = models.PositiveSmallIntegerField(default=10)
    minimum_sample_to_rank = models.PositiveSmallIntegerField(default=30)
    managers_see_team = models.BooleanField(default=False)
    second_factor_required = models.BooleanField(default=False, help_text="of administrators and heads")

    PERSONAL_DATA: ClassVar[tuple[str, ...]] = ()

    class Meta:
        ordering = ("valid_from_at",)
        constraints = (
            models.CheckConstraint(
                condition=models.Q(week_starts_on__gte=1, week_starts_on__lte=7),
                name="settings_week_start_is_a_weekday",
            ),
            models.CheckConstraint(
                condition=models.Q(age_a1_days__gte=1) & models.Q(age_a2_days__gte=models.F("age_a1_days")),
                name="settings_ages_grow",
            ),
        )

    def __str__(self) -> str:
        return f"{self.valid_from_at:%Y-%m-%d %H:%M}"
