"""What is asked on the way to the first judged lead."""

from collections.abc import Mapping, Sequence
from typing import Any
from zoneinfo import available_timezones

from django import forms
from django.conf import settings
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.utils.dates import WEEKDAYS_ABBR
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from crm.models import OrganisationSettings, User
from crm.rules.choices import choices
from crm.rules.roles import ROLE_LABELS, Role
from leads.forms.names import NameForm

CURRENCIES = {"RU": "RUB", "BY": "BYN", "KZ": "KZT", "US": "USD", "GB": "GBP", "UA": "UAH", "CH": "CHF", "PL": "PLN"}
OF_LANGUAGE = {"ru": "RU", "en": "US"}
DAYS = [(str(number), WEEKDAYS_ABBR[number - 1]) for number in range(1, 8)]
CLOCK = forms.TimeInput(attrs={"type": "time"}, format="%H:%M")
INVITATIONS = 4


class AdministratorForm(forms.Form):
    """The person who sets Razbor up."""

    code = forms.CharField(
        label=_("Setup code"),
        max_length=100,
        help_text=_("The server prints it: “manage.py setup_link”."),
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
    )
    name = forms.CharField(label=_("Your name"), max_length=150, widget=forms.TextInput(attrs={"autocomplete": "name"}))
    email = forms.EmailField(
        label=_("E-mail"),
        max_length=254,
        help_text=_("You sign in with it."),
        widget=forms.EmailInput(attrs={"autocomplete": "username"}),
    )
    password = forms.CharField(
        label=_("Password"),
        max_length=200,
        strip=False,
        help_text=_("At least 10 characters."),
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )

    def clean_password(self) -> str:
        """Refuse what is guessed first."""
        password = str(self.cleaned_data["password"])
        name, email = self.cleaned_data.get("name", ""), self.cleaned_data.get("email", "")
        validate_password(password, User(name=name, email=email))
        return password


class CompanyForm(forms.Form):
    """What nothing can be counted without; the rest of the settings has sensible defaults."""

    organisation_name = forms.CharField(label=_("Name of the company"), max_length=150)
    time_zone = forms.ChoiceField(
        label=_("Time zone"),
        choices=lambda: [(zone, zone) for zone in sorted(available_timezones())],
        help_text=_("Days are counted by it."),
    )
    currency = forms.CharField(label=_("Currency"), min_length=3, max_length=3)
    default_region = forms.CharField(
        label=_("Country of phones"),
        min_length=2,
        max_length=2,
        help_text=_("Two letters. Phones without a country code are read as its."),
    )
    days = forms.MultipleChoiceField(label=_("Working days"), choices=DAYS, widget=forms.CheckboxSelectMultiple)
    opens = forms.TimeField(label=pgettext_lazy("hours", "From"), widget=CLOCK)
    closes = forms.TimeField(label=pgettext_lazy("hours", "To"), widget=CLOCK)

    @classmethod
    def of(
        cls, version: OrganisationSettings, *, data: Mapping[str, Any] | None, language: str, is_new: bool
    ) -> "CompanyForm":
        """Show what is in force; where nothing is, what is likely for a reader of that language."""
        start, end = next(iter(version.business_hours.values()))
        initial: dict[str, Any] = {
            name: getattr(version, name) for name in ("organisation_name", "time_zone", "currency", "default_region")
        }
        if is_new:
            initial |= _likely(language)
        return cls(data, initial={**initial, "days": list(version.business_hours), "opens": start, "closes": end})

    def clean(self) -> None:
        """Refuse a day that ends before it begins."""
        opens, closes = self.cleaned_data.get("opens"), self.cleaned_data.get("closes")
        if opens and closes and opens >= closes:
            self.add_error("closes", ValidationError(_("The day must end after it begins."), code="hours"))

    def values(self) -> dict[str, Any]:
        """Return what the operation takes."""
        told = self.cleaned_data
        span = [told["opens"].strftime("%H:%M"), told["closes"].strftime("%H:%M")]
        return {
            "organisation_name": told["organisation_name"],
            "time_zone": told["time_zone"],
            "currency": told["currency"].upper(),
            "default_region": told["default_region"].upper(),
            "business_hours": dict.fromkeys(told["days"], span),
        }


class PresetForm(forms.Form):
    """Which rules to begin with."""

    code = forms.ChoiceField()
    language = forms.ChoiceField(choices=settings.LANGUAGES)

    def __init__(self, data: Mapping[str, Any] | None = None, *, codes: Sequence[str]) -> None:
        super().__init__(data)
        self.fields["code"] = forms.ChoiceField(
            choices=[(code, code) for code in codes], error_messages={"required": _("Choose one of them.")}
        )


class InvitationForm(forms.Form):
    """One colleague; an empty row is nobody."""

    name = forms.CharField(label=_("Name"), max_length=150, required=False)
    email = forms.EmailField(label=_("E-mail"), max_length=254, required=False)
    role = forms.ChoiceField(label=_("Role"), choices=choices(Role, ROLE_LABELS), initial=Role.MANAGER.value)

    def clean(self) -> None:
        """Ask for both, or for nothing."""
        told = self.cleaned_data
        if bool(told.get("name")) != bool(told.get("email")) and not self.errors:
            missing = "email" if told.get("name") else "name"
            self.add_error(missing, ValidationError(_("Give both the name and the e-mail."), code="required"))

    @property
    def is_somebody(self) -> bool:
        """Tell whether somebody was written into the row."""
        return bool(self.cleaned_data.get("email"))


InvitationsFormSet = forms.formset_factory(InvitationForm, extra=INVITATIONS, max_num=20)


class SourceForm(NameForm):
    """Where the first lead comes from."""

    name = forms.CharField(label=_("Where do most of your leads come from?"), max_length=100)


def _likely(language: str) -> dict[str, str]:
    """Guess the country from what the browser asks for: `en-GB` says more than `en`."""
    code, _dash, country = language.partition("-")
    region = country.upper() if len(country) == 2 else OF_LANGUAGE.get(code, "US")
    return {"default_region": region, "currency": CURRENCIES.get(region, "EUR")}
