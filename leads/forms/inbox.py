"""The address of the list → what it is narrowed by. What is not understood is refused, never answered with nothing."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from html import escape
from typing import Any, ClassVar, cast
from urllib.parse import urlencode

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.datastructures import MultiValueDict
from django.utils.formats import date_format
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext_lazy as _

from crm.models import User
from crm.rules.permissions import Permission, is_granted
from funnels.rules.moves import OUTCOME_LABELS
from funnels.rules.verdict import VERDICT_LABELS
from leads.intake import email, phone
from leads.queries.inbox import Place
from leads.queries.list_choices import Choice, list_choices
from leads.queries.narrowing import Narrowing
from leads.rules.sla import LATE_LABELS

Query = MultiValueDict[str, str]

SELECTED = " selected"
PLACES = ("before", "after")
FROM, TO, PERIOD = "from", "to", "period"
PERIODS = {
    "today": (_("today"), 1),
    "week": (_("7 days"), 7),
    "month": (_("30 days"), 30),
    "quarter": (_("90 days"), 90),
    "year": (_("365 days"), 365),
}
WORDS: Mapping[str, tuple[Any, list[Choice]]] = {
    "outcome": (_("Outcome"), [(key.value.lower(), text) for key, text in OUTCOME_LABELS.items()]),
    "verdict": (_("Verdict"), [(key.value.lower(), text) for key, text in VERDICT_LABELS.items()]),
    "overdue": (_("Overdue"), [(kind.value, name) for kind, name in LATE_LABELS.items()]),
    "duplicates": (_("Duplicates"), [("shown", _("shown")), ("only", _("only they"))]),
    PERIOD: (_("Received within"), [(name, label) for name, (label, _days) in PERIODS.items()]),
}
DICTIONARIES = {
    "funnel": _("Funnel"),
    "source": _("Source"),
    "campaign": _("Campaign"),
    "segment": _("Segment"),
    "owner": _("Owner"),
    "stage": _("Stage"),
    "failed": _("Criterion not met"),
    "reason": _("Reason of loss"),
    "batch": _("Import"),
}


@dataclass(frozen=True, slots=True)
class Select:
    """One filter as the page draws it: Django's own widgets take ten times as long for as many options."""

    name: str
    label: Any
    chosen: str
    empty: Any
    choices: list[Choice]

    @property
    def options(self) -> SafeString:
        """What may be chosen, with what was."""
        told = (
            f'<option value="{escape(value)}"{SELECTED if value == self.chosen else ""}>{escape(str(label))}</option>'
            for value, label in self.choices
        )
        return mark_safe("".join(told))  # noqa: S308  values and labels are escaped


@dataclass(frozen=True, slots=True)
class Chip:
    """One thing that was asked for, and the address of the list without it."""

    label: Any
    value: Any
    url: str


class InboxForm(forms.Form):
    """The filters of the list, with what each of them may be."""

    ORDER: ClassVar[tuple[str, ...]] = (
        PERIOD, "source", "campaign", "segment", "owner", "stage", "outcome", "verdict", "failed", "reason", "overdue",
        "funnel", "batch", "duplicates",
    )  # fmt: skip

    q = forms.CharField(required=False, max_length=200)

    def __init__(self, data: Query, *, actor: User, region: str, at: datetime) -> None:
        super().__init__(data, auto_id="filter_%s")
        self._region = region
        self._today = at.astimezone(timezone.get_current_timezone()).date()
        self.choices = {**list_choices(actor=actor), **{name: choices for name, (_label, choices) in WORDS.items()}}
        self.may_know = is_granted(actor.role, Permission.SEE_CONTACTS)
        for name in self.ORDER:
            self.fields[name] = forms.ChoiceField(label=_label_of(name), required=False, choices=self._offered(name))
        for name, label in ((FROM, _("Received from")), (TO, _("Received to"))):
            self.fields[name] = forms.DateField(label=label, required=False, input_formats=["%Y-%m-%d"])

    def clean(self) -> None:
        """Refuse names that mean nothing here and values given twice: one of them would be dropped in silence."""
        data = cast(Query, self.data)
        for name in data:
            if name not in self.fields and name not in (*PLACES, "count"):
                message = _("“%(name)s” is not a filter of this list.")
                self.add_error(None, ValidationError(message, code="unknown_filter", params={"name": name[:50]}))
            elif len(data.getlist(name)) > 1:
                message = _("“%(name)s” is given more than once.")
                self.add_error(None, ValidationError(message, code="repeated_filter", params={"name": name}))
        if all(data.get(name) for name in PLACES):
            message = _("“before” and “after” name two pages of the list at once.")
            self.add_error(None, ValidationError(message, code="two_places"))
        first, last = self.cleaned_data.get(FROM), self.cleaned_data.get(TO)
        if first and last and first > last:
            self.add_error(TO, ValidationError(_("The last day is before the first one."), code="days_crossed"))

    def narrowing(self) -> Narrowing:
        """Return what was asked for."""
        told = dict(self.cleaned_data)
        days = [told.pop(FROM), self._first_day(told.pop(PERIOD))]
        first, last = max((day for day in days if day), default=None), told.pop(TO)
        point = point_in(text=told["q"], region=self._region) if self.may_know else ""
        return Narrowing(
            **told,
            point=point,
            received_from=_midnight(first) if first else None,
            received_before=_midnight(last + timedelta(days=1)) if last else None,
        )

    def place(self, name: str) -> Place | None:
        """Read where in the list to go on: `before` or `after`."""
        text = self.data.get(name)
        return Place.parse(text) if text else None

    @property
    def selects(self) -> list[Select]:
        """The filters in which there is something to choose, or something was chosen."""
        return [
            Select(name, _label_of(name), self.data.get(name, ""), _EMPTY.get(name, _("any")), list(self.choices[name]))
            for name in self.ORDER
            if len(self.choices[name]) > 1 or self.data.get(name)
        ]

    @property
    def days(self) -> list[forms.BoundField]:
        """The first and the last day."""
        return [self[FROM], self[TO]]

    @property
    def is_narrowed(self) -> bool:
        """Whether anything was asked for."""
        return any(self.data.get(name) for name in self.fields)

    @property
    def query(self) -> str:
        """What was asked for as it stands in an address, without the page one is on."""
        return _encoded({name: self.data.get(name, "") for name in self.fields})

    @property
    def chips(self) -> list[Chip]:
        """What was asked for, each with a way to take it back."""
        asked = {name: self.data[name] for name in self.fields if self.data.get(name)}
        return [
            Chip(self._label(name), self._said(name, value), _encoded({k: v for k, v in asked.items() if k != name}))
            for name, value in asked.items()
        ]

    @property
    def question(self) -> str:
        """What was asked for in words."""
        return " · ".join(f"{chip.label}: {chip.value}" for chip in self.chips) or str(_("all leads"))

    @property
    def refusals(self) -> Iterator[str]:
        """Why the list was not made; each names the filter and the value it does not know."""
        for name, errors in self.errors.items():
            for error in errors.as_data():
                text = " ".join(map(str, error.messages))
                value = str(self.data.get(name, ""))[:100]
                yield f"{self._label(name)}: “{value}” — {text}" if name in self.fields else text

    def _offered(self, name: str) -> Callable[[], Iterator[Choice]]:
        """Look through what may be chosen only once something was: most filters of most pages are empty."""
        return lambda: iter(self.choices[name])

    def _label(self, name: str) -> Any:
        return _("Search") if name == "q" else self.fields[name].label if name in self.fields else name

    def _said(self, name: str, value: str) -> Any:
        if name in (FROM, TO):
            day = cast("date | None", self.cleaned_data.get(name)) if self.is_valid() else None
            return date_format(day, "SHORT_DATE_FORMAT") if day else value
        return dict(self.choices.get(name, ())).get(value, value)

    def _first_day(self, period: str) -> date | None:
        return self._today - timedelta(days=PERIODS[period][1] - 1) if period else None


_EMPTY = {"duplicates": _("hidden"), PERIOD: _("any time")}


def point_in(*, text: str, region: str) -> str:
    """Read a text as the phone or e-mail it is, in the form contacts are kept in; empty when it is neither."""
    return email.normalise(text) or phone.normalise(text, region)


def _label_of(name: str) -> Any:
    return DICTIONARIES[name] if name in DICTIONARIES else WORDS[name][0]


def _encoded(values: Mapping[str, str]) -> str:
    return urlencode({name: value for name, value in values.items() if value})


def _midnight(day: date) -> datetime:
    """Find the first moment of a day of the company: its zone is the current one."""
    return timezone.make_aware(datetime.combine(day, time.min))
