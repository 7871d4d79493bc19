"""The address of the audit log → what it is narrowed by."""

from typing import Any, cast

from django import forms
from django.utils.translation import gettext_lazy as _

from crm.models import User
from crm.queries.audit_log import Asked

AREAS = (
    ("", _("everything")),
    ("lead", _("leads")),
    ("step", _("next steps")),
    ("person", _("people")),
    ("second_factor", _("two-step sign-in")),
    ("team", _("teams")),
    ("settings", _("settings of the company")),
    ("definition", _("definitions of a target lead")),
    ("criterion", _("criteria")),
    ("stage", _("stages")),
    ("loss_reason", _("reasons for loss")),
    ("funnel", _("funnels")),
    ("preset", _("ready-made rules")),
    ("source", _("sources")),
    ("campaign", _("campaigns")),
    ("segment", _("segments")),
    ("assignment", _("assignment")),
    ("absence", _("absences")),
    ("import", _("imports")),
    ("filter", _("saved filters")),
    ("board", _("saved boards")),
    ("key", _("keys of integrations")),
    ("hook", _("senders")),
    ("form", _("forms")),
    ("webhook", _("webhooks")),
    ("submission", _("submissions")),
    ("start", _("first steps")),
)


class AuditForm(forms.Form):
    """Who, what, upon what, when."""

    person = forms.ModelChoiceField(label=_("Who"), queryset=User.objects.none(), required=False)
    area = forms.ChoiceField(label=_("What"), choices=AREAS, required=False)
    object_id = forms.CharField(label=_("Number of the object"), max_length=64, required=False)
    since = forms.DateField(label=_("From"), required=False, widget=forms.DateInput(attrs={"type": "date"}))
    until = forms.DateField(label=_("To"), required=False, widget=forms.DateInput(attrs={"type": "date"}))
    before = forms.IntegerField(required=False, min_value=1, widget=forms.HiddenInput)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = cast("forms.ModelChoiceField[User]", self.fields["person"])
        field.queryset = User.objects.order_by("name", "id")
        field.empty_label = cast(str, _("anybody"))

    def asked(self) -> Asked:
        """Return what the query takes."""
        told = self.cleaned_data
        return Asked(
            person=told["person"].pk if told["person"] else None,
            area=told["area"],
            object_id=told["object_id"].strip(),
            since=told["since"],
            until=told["until"],
        )
