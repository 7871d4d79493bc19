"""The address of the board of stages → whose open leads it shows; and what is sent from it with a lead."""

from typing import Any, cast

from django import forms
from django.utils.translation import gettext_lazy as _

from crm.models import User
from funnels.models import Funnel
from funnels.queries import funnels_in_use
from leads.forms.acts import LoseForm, MoveForm, WinForm
from leads.models import Segment
from leads.queries.kanban import KanbanFilter
from leads.queries.known_sources import sources_in_use
from leads.queries.list_choices import Choice, owner_choices
from leads.queries.listing import NOBODY


class KanbanForm(forms.Form):
    """Whose leads, of which funnel."""

    funnel = forms.ChoiceField(label=_("Funnel"), required=False)
    owner = forms.ChoiceField(label=_("Owner"), required=False)
    source = forms.ChoiceField(label=_("Source"), required=False)
    segment = forms.ChoiceField(label=_("Segment"), required=False)
    overdue = forms.BooleanField(label=_("Only overdue"), required=False)

    def __init__(self, *args: Any, actor: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._funnels = {funnel.code: funnel for funnel in funnels_in_use()}
        self._offer("funnel", [(code, funnel.name) for code, funnel in self._funnels.items()])
        self._offer("owner", [("", _("everybody")), (NOBODY, _("nobody")), *owner_choices(actor=actor)])
        self._offer("source", [("", _("any")), *((source.code, source.label) for source in sources_in_use())])
        segments = Segment.objects.filter(archived_at__isnull=True)
        self._offer("segment", [("", _("any")), *((segment.code, segment.name) for segment in segments)])

    def _offer(self, name: str, listed: list[Choice]) -> None:
        cast(forms.ChoiceField, self.fields[name]).choices = listed

    @property
    def funnels(self) -> list[Funnel]:
        """The funnels in use."""
        return list(self._funnels.values())

    def chosen(self) -> Funnel | None:
        """Return the funnel asked for, else the first; None when there is none."""
        return self._funnels.get(self.cleaned_data["funnel"]) or next(iter(self._funnels.values()), None)

    def narrowing(self) -> KanbanFilter:
        """Return what the query takes."""
        told = self.cleaned_data
        return KanbanFilter(
            owner=told["owner"], source=told["source"], segment=told["segment"], only_overdue=told["overdue"]
        )


class VersionForm(forms.Form):
    """Which version of the lead the person was looking at."""

    version = forms.IntegerField(widget=forms.HiddenInput, min_value=1)


class KanbanMoveForm(VersionForm, MoveForm):
    """Where to."""


class KanbanLoseForm(VersionForm, LoseForm):
    """Why it is lost."""


class KanbanWinForm(VersionForm, WinForm):
    """What it was won for."""
