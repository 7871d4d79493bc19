"""What the organisation has agreed on, as of an instant."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.conf import settings
from django.db.models import QuerySet

from crm.models import OrganisationSettings
from crm.queries.agreements import remembered

WORKING_WEEK = {str(weekday): ["09:00", "18:00"] for weekday in range(1, 6)}


@dataclass(frozen=True, slots=True)
class SettingsHistory:
    """Every version, the newest first: for those who ask about many instants."""

    versions: Sequence[OrganisationSettings]

    def at(self, instant: datetime) -> OrganisationSettings:
        """Return the version in force at an instant.

        What was said first also holds for the time before it; until anything is said, the defaults do.
        """
        in_force = (version for version in self.versions if version.valid_from_at <= instant)
        return next(in_force, self.versions[-1] if self.versions else default_settings(at=instant))


def settings_history() -> SettingsHistory:
    """Read every version of the settings."""
    return SettingsHistory(list(OrganisationSettings.objects.order_by("-valid_from_at")))


def settings_at(at: datetime) -> OrganisationSettings:
    """Return the version in force at an instant, as `SettingsHistory` tells it."""
    return remembered().once(settings_history).at(at)


def default_settings(*, at: datetime) -> OrganisationSettings:
    """Return what holds until the organisation says something else; not stored."""
    return OrganisationSettings(
        valid_from_at=at,
        created_at=at,
        time_zone=settings.TIME_ZONE,
        business_hours={weekday: list(hours) for weekday, hours in WORKING_WEEK.items()},
    )


def number_of(organisation: OrganisationSettings) -> int:
    """Tell one version from another; the defaults, which are not stored, are number 0."""
    return organisation.pk or 0


def holidays_of(organisation: OrganisationSettings) -> frozenset[date]:
    """Return the days on which nobody works."""
    return frozenset(date.fromisoformat(day) for day in organisation.holidays)


def versions() -> QuerySet[OrganisationSettings]:
    """List every version, the newest first."""
    return OrganisationSettings.objects.select_related("created_by").order_by("-valid_from_at")
