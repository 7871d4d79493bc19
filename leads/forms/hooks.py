"""Addresses of senders as an administrator sets them up, and the filter of what came by them."""

from collections.abc import Mapping, Sequence
from typing import Any, cast

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from crm.models import ApiKey
from crm.rules.choices import choices
from funnels.models import Funnel
from funnels.queries import funnels_in_use
from leads.intake.profiles import PROFILES, Profile
from leads.models import HookProfile
from leads.queries.submissions import DOORS
from leads.rules.facts import CHANNEL_LABELS, SUBMISSION_STATE_LABELS, SubmissionState

LONGEST_MAP = 20_000
SECRET = "secret_"  # noqa: S105  the beginning of a field's name
FORGET = "forget_"


class AddressForm(forms.Form):
    """Which key, which sender."""

    key = forms.ChoiceField(label=_("Key"))
    profile = forms.ChoiceField(label=_("Sender"))

    def __init__(self, data: Mapping[str, Any] | None = None, *, keys: Sequence[ApiKey]) -> None:
        super().__init__(data)
        self._keys = {str(key.pk): key for key in keys}
        cast(forms.ChoiceField, self.fields["key"]).choices = [
            (pk, f"{key.name} · rz_{key.token_id}_…") for pk, key in self._keys.items()
        ]
        cast(forms.ChoiceField, self.fields["profile"]).choices = [(one.code, one.name) for one in PROFILES.values()]

    @property
    def key_chosen(self) -> ApiKey:
        """The key of the address."""
        return self._keys[self.cleaned_data["key"]]


class HookForm(forms.Form):
    """How the payload is read, where its leads go, what proves it. A secret left empty stays as it is."""

    funnel = forms.ChoiceField(label=_("Funnel"), required=False)
    field_map = forms.CharField(
        label=_("Field map"),
        required=False,
        max_length=LONGEST_MAP,
        widget=forms.Textarea(attrs={"rows": 8, "spellcheck": "false", "autocapitalize": "off"}),
        help_text=_("A line a field, ours first: “phone: contact.phones.0.value”, or a fixed value: “source: =site”."),
    )

    def __init__(self, data: Mapping[str, Any] | None = None, *, profile: Profile, held: HookProfile | None) -> None:
        self._profile = profile
        told = {"funnel": held.funnel.code if held and held.funnel else "", "field_map": _written(held)}
        super().__init__(data, initial=told)
        self._funnels = {funnel.code: funnel for funnel in funnels_in_use()}
        names = [(code, funnel.name) for code, funnel in self._funnels.items()]
        cast(forms.ChoiceField, self.fields["funnel"]).choices = [("", _("the only one there is")), *names]
        for name, label in profile.secrets.items():
            is_kept = bool(held and held.secrets.get(name))
            self.fields[f"{SECRET}{name}"] = forms.CharField(
                label=label,
                required=False,
                max_length=500,
                widget=forms.PasswordInput(attrs={"autocomplete": "off"}),
                help_text=_("Kept. Write another to replace it.")
                if is_kept
                else _("Not set: nothing is checked by it."),
            )
            if is_kept:
                self.fields[f"{FORGET}{name}"] = forms.BooleanField(label=_("Remove it"), required=False)

    def clean_field_map(self) -> dict[str, str]:
        """Read the lines; one of them all without a colon is a slip."""
        found: dict[str, str] = {}
        for number, line in enumerate(self.cleaned_data["field_map"].splitlines(), 1):
            if not line.strip():
                continue
            name, colon, path = (part.strip() for part in line.partition(":"))
            if not colon or name in found:
                text = _("Line %(number)s: write “our field: path”, each field once.")
                raise ValidationError(text, code="line", params={"number": number})
            found[name] = path
        return found

    def values(self) -> dict[str, Any]:
        """Return what the operation takes."""
        told = self.cleaned_data
        secrets = {name: told.get(f"{SECRET}{name}", "").strip() for name in self._profile.secrets}
        return {
            "funnel": self._funnel(told["funnel"]),
            "field_map": told["field_map"],
            "secrets": secrets,
            "forget": [name for name in secrets if told.get(f"{FORGET}{name}") and not secrets[name]],
        }

    def _funnel(self, code: str) -> Funnel | None:
        return self._funnels.get(code)


class SubmissionsForm(forms.Form):
    """What the list is narrowed by. What is not understood is refused: a typo must not hide a failure."""

    channel = forms.ChoiceField(
        label=_("Channel"),
        required=False,
        choices=[("", _("any")), *((door.value, CHANNEL_LABELS[door]) for door in DOORS)],
    )
    state = forms.ChoiceField(
        label=_("State"), required=False, choices=[("", _("any")), *choices(SubmissionState, SUBMISSION_STATE_LABELS)]
    )
    profile = forms.ChoiceField(
        label=_("Sender"),
        required=False,
        choices=[("", _("any")), *((one.code, one.name) for one in PROFILES.values())],
    )
    before = forms.IntegerField(required=False, min_value=1, widget=forms.HiddenInput)


def _written(held: HookProfile | None) -> str:
    return "\n".join(f"{name}: {path}" for name, path in held.field_map.items()) if held else ""
