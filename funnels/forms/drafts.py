"""A draft of a definition: which criteria are asked, in which words, in which order, from when."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any, cast
from zoneinfo import ZoneInfo

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from crm.queries.organisation import settings_at
from funnels.models import CriterionVersion, Definition, Funnel

ASK, VERSION, PLACE = "ask", "version", "place"


@dataclass(frozen=True, slots=True)
class Line:
    """One criterion of the form."""

    name: str
    is_archived: bool
    ask: forms.BoundField
    version: forms.BoundField
    place: forms.BoundField


class DraftForm(forms.Form):
    """What a draft asks. Every criterion of the funnel is a line; the ticked ones are asked."""

    note = forms.CharField(
        label=gettext_lazy("Why it changes"),
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=gettext_lazy("Both sides read it before signing, and everybody later in the history."),
    )
    effective_on = forms.DateField(
        label=gettext_lazy("In force from"),
        required=False,
        widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"}),
        input_formats=["%Y-%m-%d"],
        help_text=gettext_lazy("Empty: as soon as it is published. It never reaches back."),
    )

    def __init__(
        self,
        data: Mapping[str, Any] | None = None,
        *,
        funnel: Funnel,
        at: datetime,
        asked: Sequence[int] = (),
        draft: Definition | None = None,
    ) -> None:
        """Offer the versions of the funnel; `asked` are those that are asked now, in their order."""
        self._at, self._draft = at, draft
        self._zone = ZoneInfo(settings_at(at).time_zone)
        self._versions = _versions(funnel, asked)
        super().__init__(data, initial=self._known())
        self._ordered = sorted(self._versions, key=lambda pk: _turn(self._versions[pk], asked))
        for place, pk in enumerate(self._ordered, start=1):
            self._add_line(pk, place, asked)

    def _known(self) -> dict[str, Any]:
        if self._draft is None:
            return {}
        starts = self._draft.effective_from_at
        day = starts.astimezone(self._zone).date() if starts > self._at else None
        return {"note": self._draft.note, "effective_on": day}

    def _add_line(self, pk: int, place: int, asked: Sequence[int]) -> None:
        versions = self._versions[pk]
        chosen = next((version for version in versions if version.pk in asked), None)
        name = versions[0].name
        self.fields[f"{ASK}_{pk}"] = forms.BooleanField(label=name, required=False, initial=chosen is not None)
        version = forms.ChoiceField(
            label=_("Version of “%(name)s”") % {"name": name}, initial=str((chosen or versions[0]).pk)
        )
        cast(Any, version).choices = [(str(each.pk), _version_words(each)) for each in versions]
        self.fields[f"{VERSION}_{pk}"] = version
        self.fields[f"{PLACE}_{pk}"] = forms.IntegerField(
            label=_("Place of “%(name)s”") % {"name": name}, min_value=1, max_value=99, initial=place
        )

    def lines(self) -> list[Line]:
        """List the criteria in the order they are asked, those not asked last."""
        return [
            Line(
                name=self._versions[pk][0].name,
                is_archived=self._versions[pk][0].criterion.archived_at is not None,
                ask=self[f"{ASK}_{pk}"],
                version=self[f"{VERSION}_{pk}"],
                place=self[f"{PLACE}_{pk}"],
            )
            for pk in self._ordered
        ]

    def words(self) -> list[forms.BoundField]:
        """List the fields beside the criteria."""
        return [self["note"], self["effective_on"]]

    def versions(self) -> list[CriterionVersion]:
        """Return what is asked, in order; of equal places the one that was shown first."""
        told = self.cleaned_data
        ticked = [pk for pk in self._ordered if told[f"{ASK}_{pk}"]]
        ticked.sort(key=lambda pk: told[f"{PLACE}_{pk}"])
        by_pk = {str(version.pk): version for pk in ticked for version in self._versions[pk]}
        return [by_pk[told[f"{VERSION}_{pk}"]] for pk in ticked]

    def effective_from_at(self) -> datetime:
        """Return the beginning of the chosen day; with none chosen, of today, or what the draft has if that is past."""
        day: date | None = self.cleaned_data["effective_on"]
        if day is None and self._draft is not None and self._draft.effective_from_at <= self._at:
            return self._draft.effective_from_at
        return datetime.combine(day or self._at.astimezone(self._zone).date(), time.min, tzinfo=self._zone)


def _versions(funnel: Funnel, asked: Sequence[int]) -> dict[int, list[CriterionVersion]]:
    """Sort the versions of each criterion, the newest first; of an archived criterion only when it is asked."""
    found: dict[int, list[CriterionVersion]] = {}
    versions = CriterionVersion.objects.filter(criterion__funnel=funnel).select_related("criterion")
    for version in versions.order_by("criterion__bit", "-number"):
        found.setdefault(version.criterion_id, []).append(version)
    return {
        pk: each
        for pk, each in found.items()
        if each[0].criterion.archived_at is None or any(version.pk in asked for version in each)
    }


def _turn(versions: Sequence[CriterionVersion], asked: Sequence[int]) -> tuple[int, int]:
    places = [asked.index(version.pk) for version in versions if version.pk in asked]
    return (places[0] if places else len(asked), versions[0].criterion.bit)


def _version_words(version: CriterionVersion) -> str:
    blocking = _("blocking") if version.is_blocking else _("does not block")
    threshold = f" · {version.threshold.normalize():f} {version.unit}".rstrip() if version.threshold is not None else ""
    return f"v{version.number} · {blocking}{threshold}"
