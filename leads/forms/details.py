"""What is known of a lead and its contact, put right by a person who read it a while ago."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, cast

from django import forms
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from leads.forms.money import MoneyField
from leads.models import Lead, Segment
from leads.operations.details import Amendment
from leads.queries.presentation import point_shown

KEPT = ("name", "company", "segment", "expected_amount")  # what the card shows, and what may change meanwhile
ADDED = ("phone", "email")
CLEARED = ("segment", "expected_amount")


@dataclass(frozen=True, slots=True)
class Meanwhile:
    """A field somebody else has changed since it was read: what it was, and what it is now."""

    label: Any
    was: str
    now: str


def _text(label: Any, most: int, **attributes: str) -> forms.CharField:
    widget = forms.TextInput(attrs={"autocomplete": "off"} | attributes)
    return forms.CharField(label=label, required=False, max_length=most, widget=widget, show_hidden_initial=True)


class DetailsForm(forms.Form):
    """Contact details, segment and expected amount. It carries what was read, so that only what was typed is saved."""

    version = forms.IntegerField(widget=forms.HiddenInput, min_value=1)
    name = _text(_("Name"), 200)
    company = _text(_("Company"), 200)
    phone = _text(_("Another phone"), 64, inputmode="tel")
    email = _text(_("Another e-mail"), 254, inputmode="email")
    removed = forms.TypedMultipleChoiceField(
        label=_("Take away"), required=False, coerce=int, widget=forms.CheckboxSelectMultiple
    )
    segment = forms.ChoiceField(label=_("Segment"), required=False, show_hidden_initial=True)
    expected_amount = MoneyField(label=_("Expected amount"), required=False, show_hidden_initial=True)

    def __init__(self, data: Mapping[str, Any] | None = None, *, lead: Lead) -> None:
        self._lead = lead
        self._segments = {"": "—"} | _segments(lead)
        self._now = _as_it_is(lead)
        super().__init__(data, initial={**self._now, "version": lead.version}, auto_id="details_%s")
        field = cast(forms.ChoiceField, self.fields["segment"])
        field.choices = list(self._segments.items())
        points = [(point.pk, str(point_shown(point=point))) for point in lead.contact.points.all()]
        cast(forms.TypedMultipleChoiceField, self.fields["removed"]).choices = points
        if not points:
            del self.fields["removed"]

    @property
    def meanwhile(self) -> list[Meanwhile]:
        """What others have changed since this form was made, unless to the very thing that was typed."""
        compared = ((name, self._read(name), self._now[name]) for name in KEPT if self.is_bound)
        return [
            Meanwhile(self.fields[name].label, self._word(name, was), self._word(name, now))
            for name, was, now in compared
            if was != now and str(self[name].value() or "").strip() != now
        ]

    @property
    def expected_version(self) -> int:
        """The version to be changed: as read, and as it is now where nothing this form asks has changed since."""
        return int(self.cleaned_data["version"]) if self.meanwhile else self._lead.version

    def amendment(self) -> Amendment:
        """Return what was typed over."""
        changed = {name: self.cleaned_data[name] for name in (*KEPT, *ADDED) if name in self.changed_data}
        clears = frozenset(name for name in CLEARED if name in changed and changed[name] in ("", None))
        told = {name: value for name, value in changed.items() if name not in clears and (value or name not in ADDED)}
        return Amendment(**told, clears=clears, removes=frozenset(self.cleaned_data.get("removed", ())))

    def brought_up_to_date(self, *, lead: Lead) -> "DetailsForm":
        """Return the form to be sent again: what was typed stays, all else is as it is now."""
        now = _as_it_is(lead)
        renewed = {name: self[name].value() if name in self.changed_data else now.get(name, "") for name in self.fields}
        shown = {f"initial-{name}": now.get(name, "") for name in self.fields}
        form = _Renewed({**renewed, **shown, "version": lead.version}, lead=lead)
        form.told = DetailsForm(self.data, lead=lead).meanwhile
        for error in self.non_field_errors():
            form.add_error(None, error)
        return form

    def _read(self, name: str) -> str:
        return str(self.data.get(self[name].html_initial_name, ""))

    def _word(self, name: str, value: str) -> str:
        if name == "segment":
            return self._segments.get(value, value)
        return value or "—"


class _Renewed(DetailsForm):
    """A form brought up to date: it tells what had changed when it was."""

    told: list[Meanwhile]

    @property
    def meanwhile(self) -> list[Meanwhile]:
        """What others had changed."""
        return self.told


def _as_it_is(lead: Lead) -> dict[str, str]:
    amount = lead.expected_amount
    return {
        "name": lead.contact.name,
        "company": lead.contact.company,
        "segment": lead.segment.code if lead.segment else "",
        "expected_amount": "" if amount is None else f"{amount:f}",
    }


def _segments(lead: Lead) -> dict[str, str]:
    in_use = Q(archived_at__isnull=True) | Q(pk=lead.segment_id)
    return {segment.code: segment.name for segment in Segment.objects.filter(in_use)}
