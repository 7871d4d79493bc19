"""What a person does to a lead from its card. Whether it may be done is for the operation to say."""

from collections.abc import Mapping, Sequence
from typing import Any, cast
from uuid import uuid4

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from crm.models import User
from crm.rules.choices import choices
from crm.rules.permissions import Permission, Reach, reach
from funnels.models import LossReason
from funnels.rules.definitions import SIDE_LABELS, Side
from leads.forms.money import MoneyField
from leads.models import Lead
from leads.queries.inbox import holders
from leads.queries.presentation import lead_by_code
from leads.rules.facts import TOUCH_CHANNEL_LABELS, TOUCH_RESULT_LABELS, TouchChannel, TouchResult


def when_field() -> forms.DateTimeField:
    """Make a field for the time an act happened; empty means now."""
    return forms.DateTimeField(
        label=_("When, if not now"),
        required=False,
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M"),
    )


def note_field(label: Any) -> forms.CharField:
    """Make a field for a story."""
    return forms.CharField(
        label=label, required=False, max_length=5000, widget=forms.Textarea(attrs={"rows": 2, "cols": 20})
    )


class ReasonsField(forms.MultipleChoiceField):
    """Reasons by code. Whether one belongs to the stage is for the operation to say, as at every other door."""

    def valid_value(self, value: str) -> bool:
        """Take any code."""
        return True


class TouchForm(forms.Form):
    """One attempt to reach the person."""

    request_id = forms.UUIDField(widget=forms.HiddenInput, initial=uuid4)
    channel = forms.ChoiceField(label=_("How"), choices=choices(TouchChannel, TOUCH_CHANNEL_LABELS))
    result = forms.ChoiceField(label=_("Result"), choices=choices(TouchResult, TOUCH_RESULT_LABELS))
    is_inbound = forms.BooleanField(label=_("They contacted us"), required=False)
    note = note_field(_("Note"))
    occurred_at = when_field()

    def values(self) -> dict[str, Any]:
        """Return the fields as the operation takes them."""
        told = self.cleaned_data
        return {
            "channel": TouchChannel(told["channel"]),
            "result": TouchResult(told["result"]),
            "direction": "in" if told["is_inbound"] else "out",
            "note": told["note"],
            "occurred_at": told["occurred_at"],
            "request_id": told["request_id"],
        }


class MoveForm(forms.Form):
    """Where to."""

    to = forms.CharField(max_length=64)


class LoseForm(forms.Form):
    """Why the lead is lost, in the reasons of its stage."""

    reasons = ReasonsField(label=_("Why"), required=False, widget=forms.CheckboxSelectMultiple)
    note = note_field(_("Note, needed for some reasons"))
    occurred_at = when_field()

    def __init__(self, *args: Any, offered: Sequence[LossReason] = (), **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.offered = offered
        cast(forms.MultipleChoiceField, self.fields["reasons"]).choices = [
            (reason.code, reason.name) for reason in offered
        ]

    @property
    def sides(self) -> list[tuple[Any, list[tuple[LossReason, bool]]]]:
        """Group the reasons by whose side they are on, with whether each is ticked."""
        ticked = set(self["reasons"].value() or ())
        grouped = [
            (SIDE_LABELS[side], [(reason, reason.code in ticked) for reason in self.offered if reason.side == side])
            for side in Side
        ]
        return [(label, reasons) for label, reasons in grouped if reasons]


class WinForm(forms.Form):
    """What it was won for."""

    amount = MoneyField(label=_("Amount"), required=False)
    note = note_field(_("Note"))
    occurred_at = when_field()


class ReopenForm(forms.Form):
    """Why it goes on."""

    note = note_field(_("Why it goes on"))


class OwnerForm(forms.Form):
    """Who answers for the lead from now on."""

    owner = forms.ModelChoiceField(label=_("Owner"), queryset=User.objects.none(), required=False)

    def __init__(self, data: Mapping[str, Any] | None = None, *, lead: Lead, actor: User) -> None:
        super().__init__(data, initial={"owner": lead.owner_id})
        field = cast("forms.ModelChoiceField[User]", self.fields["owner"])
        field.queryset = holders(actor=actor)
        field.required = reach(actor.role, Permission.EDIT_LEAD) is Reach.OWN
        field.empty_label = None if field.required else cast(str, _("nobody"))


class MergeForm(forms.Form):
    """Of which lead this one is a duplicate."""

    master = forms.CharField(
        label=_("Code or address of the other lead"),
        max_length=300,
        widget=forms.TextInput(attrs={"placeholder": "ld_…", "autocomplete": "off"}),
    )

    def __init__(self, *args: Any, actor: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._actor = actor

    def clean_master(self) -> Lead:
        """Find the other lead by its code or pasted address; one the person may not see is not there."""
        code = str(self.cleaned_data["master"]).strip().rstrip("/").rpartition("/")[2]
        found = lead_by_code(code=code, actor=self._actor)
        if found is None:
            raise ValidationError(_("There is no such lead."), code="unknown_lead")
        return found


class UnmergeForm(forms.Form):
    """Nothing to say: the request counts by itself again."""
