"""The organisation's settings as an administrator types them."""

from collections.abc import Mapping
from typing import Any, ClassVar
from zoneinfo import available_timezones

from django import forms
from django.core.exceptions import ValidationError
from django.utils.datastructures import MultiValueDict
from django.utils.dates import WEEKDAYS
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from crm.models import OrganisationSettings
from crm.queries.organisation import number_of

WEEKDAY_CHOICES = [(number, WEEKDAYS[number - 1]) for number in range(1, 8)]
HOURS = tuple(f"hours_{number}" for number, _name in WEEKDAY_CHOICES)


def _minutes(label: Any) -> forms.IntegerField:
    return forms.IntegerField(label=label, min_value=1, max_value=60 * 24 * 90)


def _days(label: Any) -> forms.IntegerField:
    return forms.IntegerField(label=label, min_value=1, max_value=365)


def _count(label: Any) -> forms.IntegerField:
    return forms.IntegerField(label=label, min_value=1, max_value=1000)


class SettingsForm(forms.Form):
    """One version of the settings; hours are typed as `09:00-18:00` a day, an empty day is off."""

    GROUPS: ClassVar[tuple[tuple[Promise, tuple[str, ...]], ...]] = (
        (_("Company"), ("organisation_name", "time_zone", "currency", "default_region")),
        (_("Business hours"), (*HOURS, "holidays")),
        (
            _("Numbers"),
            ("age_a1_days", "age_a2_days", "minimum_sample_to_show", "minimum_sample_to_rank", "duplicate_window_days"),
        ),
        (
            _("Effort"),
            (
                "first_touch_sla_minutes",
                "verdict_sla_minutes",
                "escalation_minutes",
                "unreachable_attempts",
                "unreachable_days",
                "unreachable_channels",
                "managers_see_team",
            ),
        ),
        (_("Signing in"), ("second_factor_required",)),
    )
    PLAIN: ClassVar[tuple[str, ...]] = tuple(
        name for _title, names in GROUPS for name in names if name not in (*HOURS, "holidays")
    )

    based_on = forms.IntegerField(widget=forms.HiddenInput, required=False)
    organisation_name = forms.CharField(label=_("Organisation"), max_length=150, required=False)
    time_zone = forms.ChoiceField(
        label=_("Time zone"), choices=lambda: [(zone, zone) for zone in sorted(available_timezones())]
    )
    currency = forms.CharField(label=_("Currency"), min_length=3, max_length=3)
    default_region = forms.CharField(label=_("Region of phones without a country code"), min_length=2, max_length=2)
    holidays = forms.CharField(
        label=_("Holidays"),
        help_text=_("Dates like 2026-01-01, one a line."),
        required=False,
        widget=forms.Textarea(attrs={"rows": 4}),
    )
    age_a1_days = _days(_("Age of the early reading A1, days"))
    age_a2_days = _days(_("Age of the mature reading A2, days"))
    duplicate_window_days = forms.IntegerField(label=_("Duplicate window, days"), min_value=0, max_value=365)
    unreachable_attempts = _count(_("Unreachable after so many attempts"))
    unreachable_days = _count(_("… on at least so many days"))
    unreachable_channels = _count(_("… over at least so many channels"))
    first_touch_sla_minutes = _minutes(_("First touch within, business minutes"))
    verdict_sla_minutes = _minutes(_("Verdict within, business minutes"))
    escalation_minutes = _minutes(_("Head told when overdue by, business minutes"))
    minimum_sample_to_show = _count(_("Smallest number of leads for a share to be shown"))
    minimum_sample_to_rank = _count(_("Smallest number of leads for a row to be ranked"))
    managers_see_team = forms.BooleanField(label=_("Managers see the leads of their team"), required=False)
    second_factor_required = forms.BooleanField(
        label=_("Administrators and heads sign in in two steps"), required=False
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for number, name in WEEKDAY_CHOICES:
            self.fields[f"hours_{number}"] = forms.CharField(
                label=name, required=False, max_length=13, widget=forms.TextInput(attrs={"placeholder": "09:00-18:00"})
            )

    @classmethod
    def of(cls, version: OrganisationSettings, *, data: Mapping[str, Any] | None) -> "SettingsForm":
        """Show a version to be changed."""
        return cls(data, initial=_initial(version))

    @classmethod
    def rebased(
        cls, *, base: OrganisationSettings, current: OrganisationSettings, data: MultiValueDict[str, str]
    ) -> "SettingsForm":
        """Lay what a person changed in one version over another, and say at each field what that one changed."""
        typed, before, now = cls.of(base, data=data), _initial(base), _initial(current)
        changed = [name for name in typed.fields if name != "based_on" and before.get(name) != now.get(name)]
        data = data.copy()
        data["based_on"] = str(number_of(current))
        for name in changed:
            if name not in typed.changed_data:
                _retype(data, name, now.get(name))
        form = cls.of(current, data=data)
        for name in changed:
            message = _("Changed meanwhile: %(old)s → %(new)s.")
            told = {"old": _told(before.get(name)), "new": _told(now.get(name))}
            form.add_error(name, ValidationError(message, code="changed_meanwhile", params=told))
        return form

    @property
    def groups(self) -> list[tuple[Promise, list[forms.BoundField]]]:
        """Lay the fields out under headings."""
        return [(title, [self[name] for name in names]) for title, names in self.GROUPS]

    def values(self) -> dict[str, object]:
        """Return the fields as the operation takes them."""
        values: dict[str, object] = {name: self.cleaned_data[name] for name in self.PLAIN}
        values["holidays"] = self.cleaned_data["holidays"]
        values["business_hours"] = {
            str(number): self.cleaned_data[f"hours_{number}"].replace("–", "-").replace(" ", "").split("-")
            for number, _name in WEEKDAY_CHOICES
            if self.cleaned_data[f"hours_{number}"]
        }
        return values

    @property
    def base(self) -> int:
        """The version one was looking at; the defaults where the form does not say."""
        return int(self.cleaned_data["based_on"] or 0)

    def clean_currency(self) -> str:
        """Accept small letters."""
        return str(self.cleaned_data["currency"]).upper()

    def clean_default_region(self) -> str:
        """Accept small letters."""
        return str(self.cleaned_data["default_region"]).upper()

    def clean_holidays(self) -> list[str]:
        """Split into dates."""
        return sorted(set(self.cleaned_data["holidays"].replace(",", " ").split()))


def changes_told(*, before: OrganisationSettings, after: OrganisationSettings) -> list[tuple[Any, Any, Any]]:
    """Tell what one version says otherwise than another: what it is about, before, after, as the form words them."""
    old, new = _initial(before), _initial(after)
    fields = [(name, field.label) for name, field in SettingsForm().fields.items() if name != "based_on"]
    return [
        (label, _told(old.get(name)), _told(new.get(name))) for name, label in fields if old.get(name) != new.get(name)
    ]


def _initial(version: OrganisationSettings) -> dict[str, Any]:
    initial = {name: getattr(version, name) for name in SettingsForm.PLAIN}
    initial["based_on"] = number_of(version)
    initial["holidays"] = "\n".join(version.holidays)
    for weekday, (start, end) in version.business_hours.items():
        initial[f"hours_{weekday}"] = f"{start}-{end}"
    return initial


def _retype(data: MultiValueDict[str, str], name: str, value: Any) -> None:
    """Type a value as a browser would send it: a box that is not ticked is not sent."""
    data[name] = "" if value is None else str(value)
    if value is False:
        del data[name]


def _told(value: Any) -> Any:
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if isinstance(value, str):
        value = ", ".join(value.split("\n"))
    return "—" if value in (None, "") else value
