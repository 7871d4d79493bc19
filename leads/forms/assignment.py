"""A rule by which leads are handed out, and an absence, as they are typed."""

from collections.abc import Mapping
from typing import Any, cast

from django import forms
from django.utils.translation import gettext_lazy as _

from crm.models import Team, User
from crm.rules.choices import choices
from funnels.models import Funnel
from leads.models import Segment, Source
from leads.operations.assignment_rules import RuleContent
from leads.queries.assignment import people_of, sellers
from leads.rules.assignment import METHOD_LABELS, Method


def _any(label: Any, model: Any) -> "forms.ModelChoiceField[Any]":
    in_use = model.objects.filter(archived_at__isnull=True)
    return forms.ModelChoiceField(label=label, queryset=in_use, required=False, empty_label=_("any"))


class RuleForm(forms.Form):
    """For which leads, how, among whom."""

    funnel = _any(_("Funnel"), Funnel)
    source = _any(_("Source"), Source)
    segment = _any(_("Segment"), Segment)
    method = forms.ChoiceField(label=_("Hand out"), choices=choices(Method, METHOD_LABELS))
    team = forms.ModelChoiceField(
        label=_("Among a team"),
        queryset=Team.objects.filter(archived_at__isnull=True),
        required=False,
        empty_label=_("no team"),
    )
    people = forms.ModelMultipleChoiceField(
        label=_("… or among these people"),
        queryset=User.objects.none(),
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )
    only_working_hours = forms.BooleanField(label=_("Only for leads that come in working hours"), required=False)

    def __init__(self, data: Mapping[str, Any] | None = None) -> None:
        super().__init__(data, auto_id="rule_%s")
        cast("forms.ModelMultipleChoiceField[User]", self.fields["people"]).queryset = sellers()

    def content(self) -> RuleContent:
        """Return the rule as the operation takes it."""
        told = self.cleaned_data
        return RuleContent(
            method=Method(told["method"]),
            funnel=told["funnel"],
            source=told["source"],
            segment=told["segment"],
            team=told["team"],
            people=list(told["people"]),
            only_working_hours=told["only_working_hours"],
        )


class AbsenceForm(forms.Form):
    """Who is away, and on which days."""

    person = forms.ModelChoiceField(label=_("Who"), queryset=User.objects.none(), empty_label=None)
    from_on = forms.DateField(label=_("First day"), widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"))
    until_on = forms.DateField(label=_("Last day"), widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"))

    def __init__(self, data: Mapping[str, Any] | None = None, *, actor: User) -> None:
        super().__init__(data, auto_id="away_%s")
        cast("forms.ModelChoiceField[User]", self.fields["person"]).queryset = people_of(actor=actor)
