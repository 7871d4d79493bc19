"""Webhooks as an administrator types them."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from crm.models import WebhookEndpoint
from crm.rules.addresses import LONGEST_URL
from crm.rules.choices import choices
from crm.rules.events import EVENT_LABELS, EventType


class WebhookForm(forms.Form):
    """Where events go, and which."""

    url = forms.CharField(
        label=_("Address"),
        max_length=LONGEST_URL,
        help_text=_("Of the receiver, like https://example.com/hooks."),
        widget=forms.TextInput(attrs={"inputmode": "url", "autocomplete": "off", "spellcheck": "false"}),
    )
    description = forms.CharField(label=_("What is it for"), max_length=200, required=False)
    events = forms.MultipleChoiceField(
        label=_("Send when"),
        choices=choices(EventType, EVENT_LABELS),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=_("None ticked: always."),
    )

    @classmethod
    def of(cls, endpoint: WebhookEndpoint, *, data: Any) -> "WebhookForm":
        """Show an endpoint to be changed."""
        initial = {"url": endpoint.url, "description": endpoint.description, "events": endpoint.events}
        return cls(data, initial=initial)


class ReplayForm(forms.Form):
    """Since when everything is sent once more."""

    after = forms.IntegerField(
        label=_("After event number"),
        min_value=0,
        max_value=2**63 - 1,
        localize=False,
        help_text=_("The last one the receiver has; 0 is everything."),
    )
