"""The slice as words and as controls: what is asked, and what else could be."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from crm.models import OrganisationSettings
from crm.rules import formats
from funnels.queries import funnels_in_use
from insights.forms import flat
from insights.queries.choices import Choice, choices
from insights.rules.period import READY_WEEKS, last_weeks
from insights.rules.slice import LISTS, Slice
from insights.rules.table import Table
from insights.rules.words import age_words, attribution_words, period_words
from insights.views.attribution import Attributing, attributing_of
from insights.views.judging import Judging, judging_of
from insights.views.links import board_url
from insights.views.option import Option

LONGEST_NAME = 24


@dataclass(frozen=True, slots=True)
class Filter:
    """A list of values that narrows the slice; `hidden` carries the rest of the question through the form."""

    name: str
    label: str
    chosen: Sequence[str]
    choices: Sequence[Choice]
    hidden: Sequence[tuple[str, str]]
    clear_url: str

    @property
    def told(self) -> str:
        """Name the value that is chosen; of several tell how many, for the strip has no room."""
        names = [choice.label for choice in self.choices if choice.value in self.chosen]
        if len(self.chosen) != 1 or not names:
            return formats.number(len(self.chosen))
        return names[0] if len(names[0]) <= LONGEST_NAME else names[0][: LONGEST_NAME - 1].rstrip() + "…"


@dataclass(frozen=True, slots=True)
class Asked:
    """The question strip of the board; what stands on paper says the whole day and names what is filtered."""

    slice: Slice
    period: str
    age: str
    funnel: str
    definition: str
    judging: Judging | None
    attributing: Attributing | None
    as_of: str
    printed: str
    narrowed: Sequence[str]
    now_url: str
    periods: Sequence[Option]
    ages: Sequence[Option]
    funnels: Sequence[Option]
    filters: Sequence[Filter]
    period_hidden: Sequence[tuple[str, str]]


def asked(
    *,
    slice: Slice,
    table: Table[object],
    organisation: OrganisationSettings,
    at: datetime,
    url_of: Callable[[Slice], str] = board_url,
    kept: Sequence[tuple[str, str]] = (),
    restates: bool = True,
) -> Asked:
    """Lay a slice out as the words of a question and the ways to change it.

    Every way leads to `url_of` the changed slice; `kept` are parameters of the page that no part of the slice is.
    `restates` tells whether its numbers are of verdicts, which may be judged anew.
    """
    funnels = list(funnels_in_use())
    return Asked(
        slice=slice,
        period=period_words(slice),
        age=age_words(slice.age),
        funnel=next((funnel.name for funnel in funnels if funnel.code == slice.funnel), slice.funnel),
        definition=definition_words(table),
        judging=judging_of(table=table, slice=slice, url_of=url_of) if restates else None,
        attributing=attributing_of(slice=slice, url_of=url_of),
        as_of=as_of_words(slice, at),
        printed=moment_words(slice.as_of or at),
        narrowed=filter_words(slice),
        now_url=url_of(replace(slice, as_of=None)) if slice.as_of else "",
        periods=_periods(slice, at, url_of),
        ages=_ages(slice, organisation, url_of),
        funnels=[
            Option(funnel.name, url_of(replace(slice, funnel=funnel.code)), funnel.code == slice.funnel)
            for funnel in funnels
        ],
        filters=_filters(slice, url_of, kept),
        period_hidden=[*_without(slice, ("from", "to", "period")), *kept],
    )


def scope_words(slice: Slice) -> str:
    """Say in short which leads are counted and at what age, as stands under every panel."""
    return _("age %(age)s · %(period)s") % {"age": age_words(slice.age), "period": period_words(slice)}


def filter_words(slice: Slice, known: Mapping[str, Sequence[Choice]] | None = None) -> list[str]:
    """Say what the slice is narrowed to, and by which visit; who says it of many gives the names, read but once."""
    known = known or choices()
    labels = filter_labels()
    words = []
    for name, field in LISTS.items():
        chosen = getattr(slice, field)
        if chosen:
            names = {choice.value: choice.label for choice in known[name]}
            words.append(f"{labels[name]}: {', '.join(names.get(value, value) for value in chosen)}")
    return [*words, *attribution_words(slice)]


def filter_labels() -> dict[str, str]:
    """Name the filters in the reader's language."""
    return {"source": _("Source"), "campaign": _("Campaign"), "segment": _("Segment"), "owner": _("Manager")}


def definition_words(table: Table[object]) -> str:
    """Name the definition of a target lead the numbers were counted under."""
    if table.definition is None:
        return _("none yet")
    since = formats.day(localtime(table.definition.effective_from_at).date())
    return _("v%(number)s since %(day)s") % {"number": table.definition.number, "day": since}


def moment_words(at: datetime) -> str:
    """Say a day with its year, and the time."""
    when = localtime(at)
    return f"{formats.day(when.date(), with_year=True)}, {when:%H:%M}"


def as_of_words(slice: Slice, at: datetime) -> str:
    """Say as of when the facts are known."""
    return f"{localtime(at):%H:%M}" if slice.as_of is None else moment_words(slice.as_of)


def _periods(slice: Slice, at: datetime, url_of: Callable[[Slice], str]) -> list[Option]:
    options = []
    for weeks in READY_WEEKS:
        period = last_weeks(localtime(at).date(), weeks)
        other = replace(slice, from_on=period.from_on, to_on=period.to_on)
        label = ngettext("%(count)s week", "%(count)s weeks", weeks) % {"count": weeks}
        options.append(Option(label, url_of(other), other == slice))
    ever = replace(slice, from_on=None, to_on=None)
    return [*options, Option(_("all time"), url_of(ever), ever == slice)]


def _ages(slice: Slice, organisation: OrganisationSettings, url_of: Callable[[Slice], str]) -> list[Option]:
    ages = dict.fromkeys((organisation.age_a1_days, organisation.age_a2_days, None))
    return [Option(age_words(age), url_of(replace(slice, age=age)), age == slice.age) for age in ages]


def _filters(slice: Slice, url_of: Callable[[Slice], str], kept: Sequence[tuple[str, str]]) -> list[Filter]:
    labels, known = filter_labels(), choices()
    return [
        Filter(
            name=name,
            label=labels[name],
            chosen=getattr(slice, field),
            choices=known[name],
            hidden=[*_without(slice, (name,)), *kept],
            clear_url=url_of(_cleared(slice, field)),
        )
        for name, field in LISTS.items()
    ]


def _cleared(slice: Slice, field: str) -> Slice:
    nothing: dict[str, Any] = {field: ()}
    return replace(slice, **nothing)


def _without(slice: Slice, names: Sequence[str]) -> list[tuple[str, str]]:
    return [(name, value) for name, value in flat(slice.to_query()) if name not in names]
