"""Funnels, stages and reasons of loss as people describe them."""

from collections.abc import Mapping
from typing import Any, cast

from django import forms
from django.utils.datastructures import MultiValueDict
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from crm.rules.choices import choices
from funnels.models import Criterion, Funnel, LossReason, Stage
from funnels.operations.reasons import Offer, ReasonContent
from funnels.queries import stages_of
from funnels.queries.overview import newest_versions
from funnels.rules.definitions import SIDE_LABELS, Side
from funnels.rules.moves import MILESTONE_LABELS, Milestone

LONGEST_NAME = 150
CELL = "offered"
SHOWN = "shown"


class NameForm(forms.Form):
    """What a funnel or a stage is called."""

    name = forms.CharField(label=pgettext_lazy("a rule", "Name"), max_length=LONGEST_NAME)


class StageForm(NameForm):
    """A new stage: its name and what reaching it means."""

    milestone = forms.ChoiceField(
        label=_("Milestone"),
        choices=choices(Milestone, MILESTONE_LABELS),
        initial=Milestone.CONTACTED.value,
        help_text=_("What reaching this stage means. Conversions are counted by it, whatever the stage is called."),
    )


class ReasonForm(forms.Form):
    """A reason of loss, but for its stages."""

    name = forms.CharField(label=pgettext_lazy("a rule", "Name"), max_length=LONGEST_NAME)
    side = forms.ChoiceField(
        label=_("Side"), choices=choices(Side, SIDE_LABELS), help_text=_("Whose part of the work it speaks of.")
    )
    group = forms.CharField(
        label=_("Group"), max_length=64, required=False, help_text=_("Reasons of one group are counted together too.")
    )
    implied_criterion = forms.ChoiceField(
        label=_("Implied failed criterion"),
        required=False,
        help_text=_("Losing for this reason says that the criterion was not met; the card reminds of it."),
    )
    needs_note = forms.BooleanField(label=_("A note is required"), required=False)

    def __init__(
        self, data: Mapping[str, Any] | None = None, *, funnel: Funnel, reason: LossReason | None = None
    ) -> None:
        super().__init__(data, initial=_initial(reason))
        self._criteria = _criteria(funnel, reason)
        named = [(code, name) for code, (_criterion, name) in self._criteria.items()]
        cast(forms.ChoiceField, self.fields["implied_criterion"]).choices = [("", "—"), *named]

    def content(self) -> ReasonContent:
        """Return it as the operation takes it."""
        told = self.cleaned_data
        implied = self._criteria.get(told["implied_criterion"])
        return ReasonContent(
            name=" ".join(told["name"].split()),
            side=Side(told["side"]),
            group=told["group"],
            needs_note=told["needs_note"],
            implied_criterion=implied[0] if implied else None,
        )


class NewReasonForm(ReasonForm):
    """A new reason and the stages it is offered at."""

    stages = forms.MultipleChoiceField(
        label=_("Offered at"), required=False, widget=forms.CheckboxSelectMultiple, choices=()
    )

    def __init__(self, data: Mapping[str, Any] | None = None, *, funnel: Funnel) -> None:
        super().__init__(data, funnel=funnel)
        self._stages = {stage.code: stage for stage in stages_of(funnel=funnel) if stage.milestone != Milestone.WON}
        named = [(code, stage.name) for code, stage in self._stages.items()]
        cast(forms.MultipleChoiceField, self.fields["stages"]).choices = named

    def chosen(self) -> list[Stage]:
        """Return the stages that were ticked."""
        return [self._stages[code] for code in self.cleaned_data["stages"]]


class OffersForm(forms.Form):
    """The table of reasons and stages: what was ticked when it was shown, and what is ticked now."""

    def __init__(self, data: MultiValueDict[str, str] | None) -> None:
        super().__init__(data)
        self._cells = data.getlist(CELL) if data is not None else []
        self._shown = str(data.get(SHOWN, "")).split() if data is not None else []

    def clean(self) -> None:
        """Refuse what is no cell of the table."""
        try:
            self.cleaned_data["chosen"] = [_cell(text) for text in self._cells]
            self.cleaned_data["shown"] = [_cell(text) for text in self._shown]
        except ValueError:
            raise forms.ValidationError(_("This table is not understood; load the page again."), code="table") from None


def _cell(text: str) -> Offer:
    stage, _colon, reason = text.partition(":")
    if not (stage.isdecimal() and reason.isdecimal() and len(text) <= 20):
        raise ValueError(text)
    return int(stage), int(reason)


def _criteria(funnel: Funnel, reason: LossReason | None) -> dict[str, tuple[Criterion, str]]:
    kept = reason.implied_criterion_id if reason else None
    return {
        version.criterion.code: (version.criterion, version.name)
        for version in newest_versions(funnel=funnel)
        if version.criterion.archived_at is None or version.criterion_id == kept
    }


def _initial(reason: LossReason | None) -> dict[str, Any]:
    if reason is None:
        return {}
    return {
        "name": reason.name,
        "side": reason.side,
        "group": reason.group,
        "needs_note": reason.needs_note,
        "implied_criterion": reason.implied_criterion.code if reason.implied_criterion else "",
    }
