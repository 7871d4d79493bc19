"""Who works here: invited, changed, put into teams."""

from typing import Any, cast

from django import forms
from django.utils.translation import gettext_lazy as _

from crm.models import Team, User
from crm.queries.people import teams_in_use
from crm.rules.choices import choices
from crm.rules.roles import ROLE_LABELS, Role


class PersonForm(forms.Form):
    """Name, address, role and team of somebody."""

    name = forms.CharField(label=_("Name"), max_length=150)
    email = forms.EmailField(label=_("E-mail"), max_length=254)
    role = forms.ChoiceField(label=_("Role"), choices=choices(Role, ROLE_LABELS), initial=Role.MANAGER.value)
    team = forms.ModelChoiceField(label=_("Team"), queryset=Team.objects.none(), required=False)

    def __init__(self, *args: Any, person: User | None = None, **kwargs: Any) -> None:
        if person is not None:
            told = {"name": person.name, "email": person.email, "role": person.role, "team": person.team_id}
            kwargs.setdefault("initial", told)
        super().__init__(*args, **kwargs)
        field = cast("forms.ModelChoiceField[Team]", self.fields["team"])
        own = Team.objects.filter(pk=person.team_id) if person and person.team_id else Team.objects.none()
        field.queryset = (teams_in_use() | own).distinct()
        field.empty_label = cast(str, _("no team"))


class TeamForm(forms.Form):
    """What a team is called."""

    name = forms.CharField(label=_("Name"), max_length=100)
