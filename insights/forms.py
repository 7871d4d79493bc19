"""From parameters, of a URL or a command line, to a slice. Each door has its own defaults; the checks are the same.

And what people fill in about a board they keep: its name, when its letter comes, for whom a link to it is.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any
from urllib.parse import parse_qs, urlencode
from zoneinfo import ZoneInfo

from django import forms
from django.utils.dates import WEEKDAYS as NAMES
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from crm.queries.organisation import settings_at
from crm.rules.errors import DomainError
from crm.rules.permissions import NotAllowed
from funnels.models import Funnel
from funnels.queries import funnel_named, funnels_in_use
from insights.models import SavedBoard
from insights.models.saved import LONGEST_QUESTION
from insights.operations.board_links import LASTS
from insights.queries.catalogue import Metric
from insights.queries.scope import counted
from insights.rules import pick as picks
from insights.rules.period import civil_day, last_weeks
from insights.rules.pick import Pick
from insights.rules.saved import kept_query, moving_weeks
from insights.rules.slice import RESTATED, Attribution, GroupBy, Query, Slice, UnknownValue, parse
from insights.rules.stages import Conversion
from insights.rules.words import age_words

LONGEST_PAGE = 9  # digits; a database takes no larger numbers for an offset
WEEKDAYS = {number + 1: name for number, name in NAMES.items()}
"""The days of the week as ISO counts them."""
SETTLES_IN = timedelta(minutes=5)
"""A fact stamped before an instant may be committed after it; by then all of them are (R4)."""


class NoFunnel(DomainError):
    """Numbers were asked for before there is a funnel to count."""

    def __init__(self) -> None:
        super().__init__("no_funnel", _("There is no funnel yet."), field="funnel")


class VisitOutOfReach(NotAllowed):
    """Numbers by another visit for a key of some sources: leads of others would be among them."""

    def __init__(self) -> None:
        super().__init__()
        self.code = "visit_not_allowed"
        self.message = _("This key is for some sources, so it counts leads by the source of their request only.")


class SourceOutOfReach(NotAllowed):
    """Numbers of a source that a key is not for."""

    def __init__(self, *, sources: Sequence[str]) -> None:
        super().__init__()
        self.code = "source_not_allowed"
        self.message = _("This key is for other sources: {sources}.").format(sources=", ".join(sources))


class NotYetKnown(DomainError):
    """An instant whose facts may still be on their way."""

    def __init__(self) -> None:
        message = _("Numbers can be given as of five minutes ago or earlier: later ones may still change.")
        super().__init__("not_yet_known", message, field="as_of")


@dataclass(frozen=True, slots=True)
class Question:
    """A slice, and how its answer is to be laid out."""

    slice: Slice
    by: GroupBy | None


def metric_question(*, metric: Metric, query: Query, at: datetime, within: tuple[str, ...] = ()) -> Question:
    """Read what a program or a command asks of a metric: all time and no age limit unless it says otherwise.

    Who may count only some sources, named `within`, counts all of these unless some of them are named; by another
    visit leads of others would be among theirs.
    """
    by = group_by(query.get("group_by", ()), groups=(None, *metric.groups))
    rest = {name: values for name, values in query.items() if name != "group_by"}
    slice = _read(rest, default=Slice(funnel="", sources=within), at=at)
    if slice.restated and not metric.is_of_verdicts:
        raise UnknownValue("definition", RESTATED)
    if within and slice.attribution is not Attribution.LAST_NON_DIRECT:
        raise VisitOutOfReach
    if within and not set(slice.sources) <= set(within):
        raise SourceOutOfReach(sources=within)
    return Question(slice, by)


def board_slice(*, query: Query, at: datetime) -> Slice:
    """Read what a page asks: the last twelve weeks at the organisation's first age unless it says otherwise.

    Where there are several funnels, a page that names none shows the oldest.
    """
    organisation = settings_at(at)
    weeks = last_weeks(_today(at))
    default = Slice(funnel=_first_funnel().code, from_on=weeks.from_on, to_on=weeks.to_on, age=organisation.age_a1_days)
    return _read(query, default=default, at=at)


class BoardForm(forms.Form):
    """A name for a question, and who sees it."""

    name = forms.CharField(label=pgettext_lazy("a board", "Name"), max_length=80)
    is_shared = forms.BooleanField(label=_("Show to the whole company"), required=False)


class SaveBoardForm(BoardForm):
    """The same, with the question as it stands in the address, and whether its days go with time."""

    query = forms.CharField(max_length=LONGEST_QUESTION, widget=forms.HiddenInput)
    is_moving = forms.BooleanField(required=False)

    def kept(self, *, at: datetime) -> str:
        """Write the question as it is kept."""
        return kept_question(text=self.cleaned_data["query"], is_moving=self.cleaned_data["is_moving"], at=at)


class LetterForm(forms.Form):
    """When a weekly letter comes."""

    weekday = forms.TypedChoiceField(label=_("Day"), coerce=int, choices=[*WEEKDAYS.items()])
    hour = forms.TypedChoiceField(label=_("Hour"), coerce=int, choices=[(hour, f"{hour:02d}:00") for hour in range(24)])


class LinkForm(forms.Form):
    """A link for people outside: to which board, for how long, for whom."""

    board = forms.TypedChoiceField(label=_("Saved board"), coerce=int)
    days = forms.TypedChoiceField(label=_("Opens for"), coerce=int, initial=LASTS[1])
    note = forms.CharField(
        label=_("For whom"), max_length=200, required=False, help_text=_("Whoever opens the link does not see this.")
    )

    def __init__(self, *args: Any, boards: Sequence[SavedBoard], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        offered: Mapping[str, list[tuple[int, str]]] = {
            "board": [(board.pk, board.name) for board in boards],
            "days": [(days, age_words(days)) for days in LASTS],
        }
        for name, choices in offered.items():
            self.fields[name].choices = choices  # type: ignore[attr-defined]


def kept_question(*, text: str, is_moving: bool, at: datetime) -> str:
    """Read a question of the board from its address and write it as it is kept, with the way its funnel is shown."""
    query = parse_qs(text)
    conversion = board_conversion(query.pop("conversion", []))
    slice = board_slice(query=query, at=at)
    counted(slice=slice)  # refuses names that do not exist: nobody is there to be told when a letter is written
    weeks = moving_weeks(slice=slice, today=_today(at)) if is_moving else None
    kept = kept_query(slice=slice, weeks=weeks)
    if conversion is not Conversion.STEP:
        kept["conversion"] = [conversion.value]
    return urlencode(flat(kept))


def board_conversion(values: Sequence[str]) -> Conversion:
    """Read what the funnel of a page is a share of; each step is one of the step before unless it says otherwise."""
    given = [value for value in values if value] or [Conversion.STEP.value]
    if len(given) > 1 or given[0] not in set(Conversion):
        raise UnknownValue("conversion", ", ".join(given))
    return Conversion(given[0])


def conversion_query(conversion: Conversion) -> list[tuple[str, str]]:
    """Write the same as parameters; what is so unless said otherwise is not said."""
    return [] if conversion is Conversion.STEP else [("conversion", conversion.value)]


def leads_question(*, query: Query, at: datetime) -> tuple[Slice, Pick]:
    """Read which leads a click on a number asks for."""
    of_slice, of_pick = picks.split(query)
    return board_slice(query=of_slice, at=at), picks.parse(of_pick)


def page_number(values: Sequence[str]) -> int:
    """Read which page of a list is asked for; nothing said is the first."""
    given = [value for value in values if value]
    if not given:
        return 1
    if len(given) > 1 or not _is_page(given[0]):
        raise UnknownValue("page", ", ".join(given))
    return int(given[0])


def _is_page(value: str) -> bool:
    return value.isascii() and value.isdecimal() and len(value) <= LONGEST_PAGE and int(value) >= 1


def flat(parameters: Mapping[str, Sequence[str]]) -> list[tuple[str, str]]:
    """Lay parameters out in pairs, as a URL or hidden fields of a form need them."""
    return [(name, value) for name, values in parameters.items() for value in values]


def _read(query: Query, *, default: Slice, at: datetime) -> Slice:
    zone = ZoneInfo(settings_at(at).time_zone)
    found = parse(query, default=default, today=civil_day(at, zone), zone=zone)
    if found.as_of is not None and found.as_of > at - SETTLES_IN:
        raise NotYetKnown
    return found if found.funnel else replace(found, funnel=funnel_named(code="").code)


def _today(at: datetime) -> date:
    return civil_day(at, ZoneInfo(settings_at(at).time_zone))


def _first_funnel() -> Funnel:
    funnel = funnels_in_use().first()
    if funnel is None:
        raise NoFunnel
    return funnel


def just_settled(at: datetime) -> datetime:
    """Find the last instant of which everything is known, by whole minutes: whoever asks at once asks the same."""
    return (at - SETTLES_IN).replace(second=0, microsecond=0)


def group_by(values: Sequence[str], *, groups: Sequence[GroupBy | None]) -> GroupBy | None:
    """Read by what a table is to be laid out; nothing said is the first of what it may be."""
    given = [value for value in values if value]
    if not given:
        return groups[0]
    known = {by.value: by for by in groups if by is not None}
    if len(given) > 1 or given[0] not in known:
        raise UnknownValue("group_by", ", ".join(given))
    return known[given[0]]
