"""What a visitor types into a public form."""

import hashlib
from collections.abc import Mapping
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.datastructures import MultiValueDict
from django.utils.translation import gettext_lazy as _

from leads.intake import utm
from leads.models import PublicForm
from leads.operations.public_forms import Sent
from leads.rules.public_forms import FORM_FIELD_LABELS, FormField, Stamp

LONGEST_MESSAGE = 5000
LONGEST_ADDRESS = 500
CONSENT, CONSENT_VERSION = "consent", "rz_consent"
STAMP, TRAP, PAGE, REFERRER, EMBEDDED = "rz_stamp", "rz_topic", "rz_page", "rz_referrer", "rz_embed"
OURS = frozenset({*FormField, CONSENT, CONSENT_VERSION, STAMP, TRAP, PAGE, REFERRER, EMBEDDED, *utm.NAMES})


def _line(longest: int, **attributes: str) -> forms.CharField:
    # A NUL and the like stand in no keyboard: `without_controls` has taken them out before.
    return forms.CharField(max_length=longest, widget=forms.TextInput(attrs=attributes))


def _hidden() -> forms.CharField:
    return forms.CharField(required=False, widget=forms.HiddenInput)


def _fields() -> dict[FormField, forms.Field]:
    return {
        FormField.NAME: _line(200, autocomplete="name"),
        FormField.PHONE: _line(64, type="tel", autocomplete="tel"),
        FormField.EMAIL: forms.EmailField(max_length=254, widget=forms.EmailInput(attrs={"autocomplete": "email"})),
        FormField.COMPANY: _line(200, autocomplete="organization"),
        FormField.MESSAGE: forms.CharField(max_length=LONGEST_MESSAGE, widget=forms.Textarea(attrs={"rows": 4})),
    }


class VisitorForm(forms.Form):
    """The fields a form asks for, the consent, and what tells people from programs."""

    def __init__(self, data: Mapping[str, Any] | None = None, *, form: PublicForm, **kwargs: Any) -> None:
        super().__init__(data, auto_id="f_%s", **kwargs)
        known = _fields()
        for asked, is_required in form.asked:
            field = known[asked]
            field.label, field.required = FORM_FIELD_LABELS[asked], is_required
            self.fields[asked.value] = field
        self.fields[CONSENT] = forms.BooleanField(
            label=_("I agree"), error_messages={"required": _("Without your consent the request cannot be taken.")}
        )
        for name in (CONSENT_VERSION, STAMP, PAGE, REFERRER, EMBEDDED, *utm.NAMES):
            self.fields[name] = _hidden()
        trap = {"autocomplete": "off", "tabindex": "-1"}
        self.fields[TRAP] = forms.CharField(
            label=_("Leave this empty"), required=False, widget=forms.TextInput(attrs=trap)
        )
        self._asked = [name.value for name, _required in form.asked]

    @property
    def asked(self) -> list[forms.BoundField]:
        """List the fields a visitor sees, without the consent."""
        return [self[name] for name in self._asked]

    @property
    def trap(self) -> forms.BoundField:
        """The field that people do not see."""
        return self[TRAP]

    def clean(self) -> None:
        """Ask for one way to answer at least, where none is required by itself."""
        ways = [name for name in (FormField.PHONE, FormField.EMAIL) if name in self.fields]
        if not any(self.cleaned_data.get(name) or name in self.errors for name in ways):
            message = (
                _("Leave a phone or an e-mail, so that we can answer.")
                if len(ways) > 1
                else _("Leave it, so that we can answer.")
            )
            self.add_error(ways[0].value, ValidationError(message, code="no_way_to_answer"))

    @property
    def has_consent(self) -> bool:
        """Tell whether the visitor has agreed, whatever else is wrong."""
        return bool(self.cleaned_data.get(CONSENT))

    @property
    def is_embedded(self) -> bool:
        """Tell whether the form stands in a page of another site."""
        return bool(self[EMBEDDED].value())

    def sent(self, *, stamp: Stamp | None) -> Sent:
        """Return what was sent. Sent twice from one opening, it is recognised by its number."""
        told = self.cleaned_data if self.is_valid() else self.data
        fields = {name: str(told.get(name) or "") for name in self._asked if told.get(name)}
        said = "\n".join(f"{name}={value}" for name, value in sorted(fields.items()))
        digest = hashlib.sha256(f"{stamp.number}\n{said}".encode()).hexdigest()[:32] if stamp else ""
        return Sent(
            fields=fields,
            number=digest,
            utm=utm.from_mapping({name: self.data.get(name, "") for name in utm.NAMES}),
            page=str(self.data.get(PAGE, ""))[:LONGEST_ADDRESS],
            referrer=str(self.data.get(REFERRER, ""))[:LONGEST_ADDRESS],
            others={name: value for name, value in self.data.items() if name not in OURS},
        )


def without_controls(told: "MultiValueDict[str, str]") -> dict[str, str]:
    """Take out of what was sent the characters that no keyboard has and no database takes."""
    return {_plain(name): _plain(", ".join(values)) for name, values in told.lists()}


def _plain(text: str) -> str:
    return "".join(letter for letter in text if letter in "\n\r\t" or letter >= " ").encode(errors="replace").decode()
