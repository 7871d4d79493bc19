"""A request taken by hand → the row every other door makes of one."""

from collections.abc import Mapping
from typing import Any, cast
from uuid import uuid4

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from crm.models import User
from crm.rules.permissions import Permission, Reach, reach
from funnels.models import Funnel
from funnels.queries import funnels_in_use
from leads.intake.row import IntakeRow
from leads.models import Segment
from leads.queries.inbox import holders
from leads.queries.known_sources import sources_in_use


class LeadForm(forms.Form):
    """What a person was told on the phone or in the office."""

    request_id = forms.UUIDField(widget=forms.HiddenInput, initial=uuid4)
    name = forms.CharField(label=_("Name"), max_length=200, required=False)
    company = forms.CharField(label=_("Company"), max_length=200, required=False)
    phone = forms.CharField(
        label=_("Phone"), max_length=64, required=False, widget=forms.TextInput(attrs={"inputmode": "tel"})
    )
    email = forms.CharField(
        label=_("E-mail"), max_length=254, required=False, widget=forms.TextInput(attrs={"inputmode": "email"})
    )
    source = forms.CharField(
        label=_("Source"), max_length=100, required=False, help_text=_("As you call it; a new name becomes a source.")
    )
    campaign = forms.CharField(label=_("Campaign"), max_length=150, required=False)
    segment = forms.ChoiceField(label=_("Segment"), required=False)
    funnel = forms.ChoiceField(label=_("Funnel"))
    owner = forms.ChoiceField(label=_("Owner"), required=False)
    received_at = forms.DateTimeField(
        label=_("Came at"),
        required=False,
        help_text=_("Empty means now."),
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}),
    )
    message = forms.CharField(label=_("Message"), required=False, widget=forms.Textarea(attrs={"rows": 3}))

    def __init__(self, data: Mapping[str, Any] | None = None, *, actor: User) -> None:
        sources = list(sources_in_use()[:2])
        only = sources[0].name if len(sources) == 1 else ""  # a company with one source means that one
        super().__init__(data, initial={"owner": actor.email, "source": only})
        self._funnels = {funnel.code: funnel for funnel in funnels_in_use()}
        self._choose("funnel", [(code, funnel.name) for code, funnel in self._funnels.items()])
        segments = Segment.objects.filter(archived_at__isnull=True)
        self._choose("segment", [("", "—"), *((segment.code, segment.name) for segment in segments)])
        people = [(person.email, person.name) for person in holders(actor=actor)]
        may_leave_it = reach(actor.role, Permission.READ_LEADS) is not Reach.OWN
        self._choose("owner", [("", _("nobody yet")), *people] if may_leave_it else people)
        self.fields["owner"].required = not may_leave_it

    def _choose(self, name: str, choices: list[tuple[str, Any]]) -> None:
        cast(forms.ChoiceField, self.fields[name]).choices = choices

    def clean(self) -> None:
        """Ask for something to tell this person from others by."""
        if not any(self.cleaned_data.get(name) for name in ("name", "company", "phone", "email")):
            raise ValidationError(_("Say at least one of name, company, phone, e-mail."), code="nobody")

    @property
    def has_funnels(self) -> bool:
        """Whether there is a funnel at all: without, no lead can come in."""
        return bool(self._funnels)

    @property
    def funnel_chosen(self) -> Funnel:
        """The funnel the lead goes into."""
        return self._funnels[self.cleaned_data["funnel"]]

    def row(self) -> IntakeRow:
        """Return the request as told. Sent twice, it is recognised by the id this form was given."""
        told = {
            name: self.cleaned_data[name]
            for name in ("name", "company", "phone", "email", "source", "campaign", "segment", "owner", "message")
        }
        return IntakeRow(
            **told,
            external_id=f"page-{self.cleaned_data['request_id'].hex}",
            has_own_id=False,
            received_at=self.cleaned_data["received_at"],
        )
