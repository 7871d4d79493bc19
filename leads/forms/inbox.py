"""The address of the list → what it is narrowed by. What is not understood is refused, never answered with nothing."""

from collections.abc import Iterable
from typing import Any, ClassVar, cast

from django import forms
from django.core.exceptions import ValidationError
from django.utils.datastructures import MultiValueDict
from django.utils.translation import gettext_lazy as _

from crm.models import User
from crm.rules.permissions import Permission, Reach, is_granted, reach
from funnels.models import Stage
from funnels.queries import funnels_in_use
from funnels.rules.moves import OUTCOME_LABELS
from funnels.rules.verdict import VERDICT_LABELS
from leads.intake import email, phone
from leads.models import Segment, Source
from leads.queries.inbox import NOBODY, Duplicates, Narrowing, Place, holders, owners_seen

Choice = tuple[str, Any]
Query = MultiValueDict[str, str]

PLACES = ("before", "after")


class InboxForm(forms.Form):
    """The filters of the list, with what each of them may be."""

    FILTERS: ClassVar[tuple[str, ...]] = (
        "funnel",
        "source",
        "segment",
        "owner",
        "stage",
        "outcome",
        "verdict",
        "duplicates",
    )

    q = forms.CharField(
        label=_("Phone, e-mail, name"), required=False, max_length=200, widget=forms.TextInput(attrs={"type": "search"})
    )
    funnel = forms.ChoiceField(label=_("Funnel"), required=False)
    source = forms.ChoiceField(label=_("Source"), required=False)
    segment = forms.ChoiceField(label=_("Segment"), required=False)
    owner = forms.ChoiceField(label=_("Owner"), required=False)
    stage = forms.ChoiceField(label=_("Stage"), required=False)
    outcome = forms.ChoiceField(
        label=_("Outcome"),
        required=False,
        choices=[("", _("any")), *((key.value.lower(), text) for key, text in OUTCOME_LABELS.items())],
    )
    verdict = forms.ChoiceField(
        label=_("Verdict"),
        required=False,
        choices=[("", _("any")), *((key.value.lower(), text) for key, text in VERDICT_LABELS.items())],
    )
    duplicates = forms.ChoiceField(
        label=_("Duplicates"),
        required=False,
        choices=[("", _("hidden")), ("shown", _("shown")), ("only", _("only they"))],
    )

    def __init__(self, data: Query, *, actor: User, region: str) -> None:
        super().__init__(data, auto_id="filter_%s")
        self._region = region
        self._choose("funnel", [(funnel.code, funnel.name) for funnel in funnels_in_use()])
        self._choose("source", [(source.code, source.label) for source in Source.objects.all()])
        self._choose("segment", [(segment.code, segment.name) for segment in Segment.objects.all()])
        self._choose("owner", _owners(actor))
        self._choose("stage", _stages())
        if not is_granted(actor.role, Permission.SEE_CONTACTS):
            del self.fields["q"]

    def _choose(self, name: str, choices: Iterable[Choice]) -> None:
        field = cast(forms.ChoiceField, self.fields[name])
        field.choices = [("", _("any")), *choices]

    def clean(self) -> None:
        """Refuse names that mean nothing here and values given twice: one of them would be dropped in silence."""
        data = cast(Query, self.data)
        for name in data:
            if name not in self.fields and name not in PLACES:
                message = _("“%(name)s” is not a filter of this list.")
                self.add_error(None, ValidationError(message, code="unknown_filter", params={"name": name[:50]}))
            elif len(data.getlist(name)) > 1:
                message = _("“%(name)s” is given more than once.")
                self.add_error(None, ValidationError(message, code="repeated_filter", params={"name": name}))
        if all(data.get(name) for name in PLACES):
            message = _("“before” and “after” name two pages of the list at once.")
            self.add_error(None, ValidationError(message, code="two_places"))

    def narrowing(self) -> Narrowing:
        """Return what was asked for."""
        values = {name: self.cleaned_data.get(name, "") for name in (*self.FILTERS, "q")}
        duplicates = cast(Duplicates, values.pop("duplicates"))
        point = point_in(text=values["q"], region=self._region)
        return Narrowing(**values, duplicates=duplicates, point=point)

    def place(self, name: str) -> Place | None:
        """Read where in the list to go on: `before` or `after`."""
        text = self.data.get(name)
        return Place.parse(text) if text else None

    @property
    def filters(self) -> list[forms.BoundField]:
        """The fields in which there is something to choose."""
        return [self[name] for name in self.FILTERS if len(list(self._choices(name))) > 2]

    @property
    def is_narrowed(self) -> bool:
        """Whether anything was asked for."""
        return any(self.data.get(name) for name in self.fields)

    def _choices(self, name: str) -> Iterable[Any]:
        return cast(Iterable[Any], cast(forms.ChoiceField, self.fields[name]).choices)


def point_in(*, text: str, region: str) -> str:
    """Read a text as the phone or e-mail it is, in the form contacts are kept in; empty when it is neither."""
    return email.normalise(text) or phone.normalise(text, region)


def _owners(actor: User) -> list[Choice]:
    if reach(actor.role, Permission.READ_LEADS) is Reach.OWN:
        return [(str(person.pk), person.name) for person in owners_seen(actor=actor)]
    return [(NOBODY, _("nobody")), *((str(person.pk), person.name) for person in holders(actor=actor))]


def _stages() -> list[Choice]:
    """Name each code once: funnels share codes, and the filter of the funnel stands beside."""
    stages = Stage.objects.filter(archived_at__isnull=True, funnel__archived_at__isnull=True)
    return list({stage.code: (stage.code, stage.name) for stage in stages.order_by("-funnel", "position")}.values())
