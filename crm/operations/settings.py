"""Change what the organisation agreed on: always a new version, never an edit."""

import re
from collections.abc import Mapping
from datetime import date, datetime, time
from typing import TYPE_CHECKING
from zoneinfo import available_timezones

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext_lazy as _
from phonenumbers import SUPPORTED_REGIONS

from crm.models import OrganisationSettings, User
from crm.operations import agreements
from crm.operations.rights import require_administrator
from crm.queries.organisation import default_settings, number_of, settings_at
from crm.rules.calendar import END_OF_DAY
from crm.rules.errors import DomainError

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise

CURRENCY = re.compile(r"[A-Z]{3}")
KEPT_BY_THE_SYSTEM = {"id", "valid_from_at", "created_at", "created_by"}
NUMBERS_FROM_ONE = (
    "age_a1_days",
    "age_a2_days",
    "unreachable_attempts",
    "unreachable_days",
    "unreachable_channels",
    "first_touch_sla_minutes",
    "verdict_sla_minutes",
    "escalation_minutes",
    "minimum_sample_to_show",
    "minimum_sample_to_rank",
)


class InvalidSetting(DomainError):
    """A setting that would make the numbers meaningless."""


class SettingsChangedMeanwhile(InvalidSetting):
    """A change made by looking at a version that is in force no more: it would undo what somebody else did."""

    def __init__(self, *, base: OrganisationSettings, current: OrganisationSettings) -> None:
        super().__init__(
            "settings_changed_meanwhile",
            _("Another version was put in force while you were looking at this one. See what it changed."),
        )
        self.base, self.current = base, current


@transaction.atomic
def change(*, by: User | None, at: datetime, based_on: int | None = None, **fields: object) -> OrganisationSettings:
    """Put a new version in force from `at`: the version before it with these fields changed.

    `based_on` is the version one was looking at, as `number_of` tells it; another one in force is a refusal. Where
    nothing would change, no version is made and the one in force is returned.
    """
    require_administrator(by=by)
    OrganisationSettings.objects.select_for_update().order_by("-valid_from_at").first()  # one change at a time
    before = settings_at(at)
    if based_on is not None and based_on != number_of(before):
        _require_the_same(based_on, before, at=at)
    after = OrganisationSettings(
        **{**_values(before), **_known(fields)}, valid_from_at=at, created_at=at, created_by=by
    )
    _validate(after)
    if not _difference(before, after):
        return before
    if OrganisationSettings.objects.filter(valid_from_at__gte=at).exists():
        raise InvalidSetting(
            "settings_changed_meanwhile", _("The settings were changed at this very moment. Try again.")
        )
    after.save(force_insert=True)
    agreements.record(action="settings.change", obj=after, by=by, at=at, changes=_difference(before, after))
    return after


def _require_the_same(based_on: int, current: OrganisationSettings, *, at: datetime) -> None:
    base = OrganisationSettings.objects.filter(pk=based_on).first() or default_settings(at=at)
    if _difference(base, current):
        raise SettingsChangedMeanwhile(base=base, current=current)


def _values(version: OrganisationSettings) -> dict[str, object]:
    return {
        field.attname: getattr(version, field.attname)
        for field in OrganisationSettings._meta.concrete_fields
        if field.name not in KEPT_BY_THE_SYSTEM
    }


def _known(fields: Mapping[str, object]) -> Mapping[str, object]:
    names = {field.name for field in OrganisationSettings._meta.concrete_fields} - KEPT_BY_THE_SYSTEM
    if unknown := set(fields) - names:
        raise TypeError(f"no such settings: {sorted(unknown)}")
    return fields


def _difference(before: OrganisationSettings, after: OrganisationSettings) -> dict[str, object]:
    old, new = _values(before), _values(after)
    return {name: [old[name], new[name]] for name in new if old[name] != new[name]}


def _validate(version: OrganisationSettings) -> None:
    _require(version.time_zone in available_timezones(), "time_zone", _("There is no such time zone."))
    _require(version.default_region in SUPPORTED_REGIONS, "default_region", _("There is no such region."))
    _require(bool(CURRENCY.fullmatch(version.currency)), "currency", _("A currency is three capital letters."))
    _require(1 <= version.week_starts_on <= 7, "week_starts_on", _("A week starts on a day from 1 to 7."))
    for name in NUMBERS_FROM_ONE:
        _require(getattr(version, name) >= 1, name, _("Must be at least 1."))
    _require(version.duplicate_window_days >= 0, "duplicate_window_days", _("Must not be negative."))
    _require(
        version.age_a2_days >= version.age_a1_days, "age_a2_days", _("The second age must not be less than the first.")
    )
    _validate_hours(version.business_hours)
    _validate_holidays(version.holidays)
    try:
        version.clean_fields(exclude=KEPT_BY_THE_SYSTEM | {"business_hours", "holidays"})
    except ValidationError as error:
        name, messages = next(iter(error.message_dict.items()))
        raise InvalidSetting("invalid_setting", messages[0], field=name) from error


def _validate_hours(hours: object) -> None:
    _require(isinstance(hours, dict) and bool(hours), "business_hours", _("At least one day must have business hours."))
    assert isinstance(hours, dict)  # noqa: S101  tells the type checker what was just required
    for weekday, span in hours.items():
        _require(
            weekday in {str(day) for day in range(1, 8)}, "business_hours", _("A weekday is a number from 1 to 7.")
        )
        _require(_is_span(span), "business_hours", _("Write hours as 09:00–18:00, the start before the end."))


def _is_span(span: object) -> bool:
    if not isinstance(span, list | tuple) or len(span) != 2:
        return False
    start, end = span
    return _is_clock(start) and (end == END_OF_DAY or _is_clock(end)) and start < end


def _is_clock(value: object) -> bool:
    try:
        return isinstance(value, str) and time.fromisoformat(value).strftime("%H:%M") == value
    except ValueError:
        return False


def _validate_holidays(holidays: object) -> None:
    try:
        ok = isinstance(holidays, list) and all(date.fromisoformat(day).isoformat() == day for day in holidays)
    except (TypeError, ValueError):
        ok = False
    _require(ok, "holidays", _("Write holidays as dates, like 2026-01-01."))


def _require(ok: bool, field: str, message: "str | _StrPromise") -> None:
    if not ok:
        raise InvalidSetting("invalid_setting", message, field=field)
