"""A public form as an administrator describes it."""

from collections.abc import Mapping
from typing import Any, cast

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from funnels.queries import funnels_in_use
from leads.models import PublicForm
from leads.operations.form_settings import FormContent
from leads.queries.known_sources import sources_in_use
from leads.rules.public_forms import FORM_FIELD_LABELS, FormField

ASKED = "asked_"
NO, YES, MUST = "", "ask", "require"
LONGEST_TEXT = 5000


def _text(label: Any, *, rows: int = 3, required: bool = False, help_text: Any = "") -> forms.CharField:
    widget = forms.Textarea(attrs={"rows": rows})
    return forms.CharField(label=label, required=required, max_length=LONGEST_TEXT, widget=widget, help_text=help_text)


class FormSettingsForm(forms.Form):
    """What a form asks, where its requests go, what it says."""

    title = forms.CharField(label=_("Title"), max_length=150, help_text=_("Visitors read it above the fields."))
    funnel = forms.ChoiceField(label=_("Funnel"))
    source = forms.ChoiceField(label=_("Source"), help_text=_("Where all requests of this form come from."))
    campaign = forms.CharField(label=_("Campaign"), max_length=150, required=False)
    consent_text = _text(
        _("What the visitor agrees to"),
        rows=4,
        required=True,
        help_text=_("With the address of your policy. Each change is a new version; who agreed to which is kept."),
    )
    thanks_text = _text(_("What is said afterwards"), help_text=_("Empty: “Your request has arrived.”"))
    thanks_url = forms.CharField(
        label=_("Page to go to instead"),
        max_length=500,
        required=False,
        widget=forms.URLInput(attrs={"placeholder": "https://example.com/thanks"}),
    )
    allowed_sites = _text(
        _("Sites that may show the form"),
        help_text=_("One a line: https://example.com. The form's own address works without."),
    )
    is_active = forms.BooleanField(label=_("Takes requests"), required=False, initial=True)

    def __init__(self, data: Mapping[str, Any] | None = None, *, form: PublicForm | None = None) -> None:
        super().__init__(data, initial=_initial(form))
        self._funnels = {funnel.code: funnel for funnel in funnels_in_use()}
        self._sources = {source.code: source for source in sources_in_use()}
        if form is not None:
            # What the form has stays among the choices, also when it was archived since.
            self._funnels.setdefault(form.funnel.code, form.funnel)
            self._sources.setdefault(form.source.code, form.source)
        self._choose("funnel", [(code, funnel.name) for code, funnel in self._funnels.items()])
        self._choose("source", [(code, source.name) for code, source in self._sources.items()])
        for name in FormField:
            self.fields[f"{ASKED}{name}"] = forms.ChoiceField(
                label=FORM_FIELD_LABELS[name],
                choices=[
                    (NO, pgettext_lazy("a field", "not asked")),
                    (YES, pgettext_lazy("a field", "asked")),
                    (MUST, pgettext_lazy("a field", "required")),
                ],
                required=False,
            )

    def _choose(self, name: str, choices: list[tuple[str, Any]]) -> None:
        cast(forms.ChoiceField, self.fields[name]).choices = choices

    @property
    def asked(self) -> list[forms.BoundField]:
        """List the questions about what is asked."""
        return [self[f"{ASKED}{name}"] for name in FormField]

    @property
    def others(self) -> list[forms.BoundField]:
        """List everything else."""
        return [field for field in self.visible_fields() if not field.name.startswith(ASKED)]

    def content(self) -> FormContent:
        """Return it as the operation takes it."""
        told = self.cleaned_data
        texts = {name: told[name] for name in ("title", "campaign", "consent_text", "thanks_text", "is_active")}
        return FormContent(
            **texts,
            thanks_url=told["thanks_url"],
            funnel=self._funnels[told["funnel"]],
            source=self._sources[told["source"]],
            fields={name: told[f"{ASKED}{name}"] == MUST for name in FormField if told[f"{ASKED}{name}"]},
            allowed_sites=told["allowed_sites"].splitlines(),
        )


def _initial(form: PublicForm | None) -> dict[str, Any]:
    if form is None:
        return {f"{ASKED}{FormField.NAME}": YES, f"{ASKED}{FormField.PHONE}": MUST}
    return {
        "title": form.title,
        "funnel": form.funnel.code,
        "source": form.source.code,
        "campaign": form.campaign,
        "consent_text": form.consent.text,
        "thanks_text": form.thanks_text,
        "thanks_url": form.thanks_url,
        "allowed_sites": "\n".join(form.allowed_sites),
        "is_active": form.is_active,
        **{f"{ASKED}{name}": MUST if required else YES for name, required in form.asked},
    }
