"""Keys as an administrator asks for them."""

from collections.abc import Mapping
from typing import Any, cast
from uuid import uuid4

from django import forms
from django.utils.translation import gettext_lazy as _

from crm.rules.choices import choices
from crm.rules.scopes import SCOPE_LABELS, Scope
from leads.queries.known_sources import sources_in_use


class OnceForm(forms.Form):
    """An act that must not happen again when its page is loaded again."""

    request_id = forms.UUIDField(widget=forms.HiddenInput, initial=uuid4)

    @property
    def asked_once(self) -> str:
        """The number of this very form."""
        return self.cleaned_data["request_id"].hex  # type: ignore[no-any-return]


class KeyForm(OnceForm):
    """Whom a key is for, and how far it goes."""

    name = forms.CharField(label=_("What is it for"), max_length=100, help_text=_("As you will know it: site, amoCRM."))
    scopes = forms.MultipleChoiceField(
        label=_("What it may do"), choices=choices(Scope, SCOPE_LABELS), widget=forms.CheckboxSelectMultiple
    )
    sources = forms.MultipleChoiceField(
        label=_("Only for these sources"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=_("None ticked: for every source."),
    )
    expires_at = forms.DateTimeField(
        label=_("Expires"),
        required=False,
        help_text=_("Empty: never."),
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M"),
    )

    def __init__(self, data: Mapping[str, Any] | None = None) -> None:
        super().__init__(data)
        field = cast(forms.MultipleChoiceField, self.fields["sources"])
        field.choices = [(source.code, source.name) for source in sources_in_use()]

    def values(self) -> dict[str, Any]:
        """Return what the operation takes."""
        return {name: self.cleaned_data[name] for name in ("name", "scopes", "sources", "expires_at")}
