"""What is to be done next about a lead, and by when."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, cast
from uuid import uuid4

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from crm.models import OrganisationSettings, User
from crm.rules.choices import choices
from leads.queries.inbox import holders
from leads.rules.steps import PRESET_LABELS, Preset, due_by


class WhenForm(forms.Form):
    """By when: a named time, or one of one's own, which wins."""

    request_id = forms.UUIDField(widget=forms.HiddenInput, initial=uuid4)
    preset = forms.ChoiceField(
        label=_("By when"), choices=choices(Preset, PRESET_LABELS), initial=Preset.TOMORROW, required=False
    )
    due_at = forms.DateTimeField(
        label=_("Or exactly at"),
        required=False,
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M"),
    )

    def due(self, *, organisation: OrganisationSettings, at: datetime) -> datetime:
        """Tell the time that was chosen."""
        told: datetime | None = self.cleaned_data["due_at"]
        if told is not None:
            return told
        preset = Preset(self.cleaned_data["preset"])
        return due_by(preset=preset, at=at, zone=organisation.time_zone, hours=organisation.business_hours)

    def clean(self) -> None:
        """Ask for a time."""
        if not self.cleaned_data.get("preset") and not self.cleaned_data.get("due_at") and "due_at" not in self.errors:
            self.add_error("preset", ValidationError(_("Say by when."), code="required"))


class StepForm(WhenForm):
    """A step to plan."""

    what = forms.CharField(label=_("What to do"), max_length=300)
    for_person = forms.ModelChoiceField(
        label=_("Who"), queryset=User.objects.none(), required=False, empty_label=_("the owner")
    )
    field_order = ("what", "preset", "due_at", "for_person", "request_id")

    def __init__(self, data: Mapping[str, Any] | None = None, *, actor: User, auto_id: str = "step_%s") -> None:
        super().__init__(data, auto_id=auto_id)
        cast("forms.ModelChoiceField[User]", self.fields["for_person"]).queryset = holders(actor=actor)
