"""The whole question behind a number: which leads, at what age, as known when. The URL holds all of it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, tzinfo
from enum import StrEnum
from typing import Final

from django.utils.translation import gettext_lazy as _

from crm.rules.errors import DomainError
from insights.rules.period import Period, last_weeks, start_of_day

Query = Mapping[str, Sequence[str]]

NOBODY: Final = "-"
"""Stands for leads without a campaign, a segment or an owner."""
NO_LIMIT: Final = "none"
ALL_TIME: Final = "all"
AS_JUDGED: Final = "then"
RESTATED: Final = "current"
LONGEST_AGE: Final = 3650
MOST_WEEKS: Final = 520
YEARS: Final = range(1990, 2101)


class GroupBy(StrEnum):
    """What the leads of a slice may be laid out by."""

    SOURCE = "source"
    CAMPAIGN = "campaign"
    SEGMENT = "segment"
    OWNER = "owner"
    WEEK = "week"


class Attribution(StrEnum):
    """Which visit before a request tells the source its lead is counted under; by each all leads are the same."""

    FIRST = "first_touch"
    LAST_NON_DIRECT = "last_non_direct_touch"
    LAST = "last_touch"


class UnknownParameter(DomainError):
    """A mistyped parameter must not change a figure in silence."""

    def __init__(self, name: str) -> None:
        super().__init__("unknown_parameter", _("There is no parameter “%(name)s”.") % {"name": name}, field=name)


class UnknownValue(DomainError):
    """A mistyped value must not give a figure of zero."""

    def __init__(self, name: str, value: str) -> None:
        message = _("“%(value)s” is not a value of “%(name)s”.") % {"value": value, "name": name}
        super().__init__("unknown_value", message, field=name)


@dataclass(frozen=True, slots=True, kw_only=True)
class Slice:
    """Leads of one funnel by the day they came; an empty tuple means all, no bound means all time.

    `age` is the number of days each lead is given to be judged, None is no limit. `as_of` is the instant whose
    knowledge is asked for, None is now. `restated` asks what the answers given say under the definition in force at
    that instant, instead of what was judged then. `attribution` tells by which visit sources are meant. Campaigns are
    "source code/campaign code", owners are people's ids.
    """

    funnel: str
    from_on: date | None = None
    to_on: date | None = None
    age: int | None = None
    as_of: datetime | None = None
    restated: bool = False
    attribution: Attribution = Attribution.LAST_NON_DIRECT
    sources: tuple[str, ...] = ()
    campaigns: tuple[str, ...] = ()
    segments: tuple[str, ...] = ()
    owners: tuple[str, ...] = ()

    @property
    def period(self) -> Period | None:
        """The cohort's days; nothing when an end is open."""
        return Period(self.from_on, self.to_on) if self.from_on and self.to_on else None

    @property
    def as_judged(self) -> "Slice":
        """The same question about what was judged then."""
        return replace(self, restated=False)

    @property
    def is_usual(self) -> bool:
        """Whether leads stand as they were judged, under the sources everybody sees them under."""
        return not self.restated and self.attribution is Attribution.LAST_NON_DIRECT

    @property
    def usual(self) -> "Slice":
        """The same question read as it usually is."""
        return replace(self, restated=False, attribution=Attribution.LAST_NON_DIRECT)

    @property
    def previous(self) -> "Slice | None":
        """The same question about the period before; nothing when the period has an open end."""
        if self.period is None:
            return None
        before = self.period.previous
        return replace(self, from_on=before.from_on, to_on=before.to_on)

    def to_query(self) -> dict[str, list[str]]:
        """Write the question as parameters, complete: whoever opens them sees the same whatever the defaults are."""
        query = {"funnel": [self.funnel], "age": [NO_LIMIT if self.age is None else str(self.age)]}
        if self.from_on is None and self.to_on is None:
            query["period"] = [ALL_TIME]
        if self.from_on is not None:
            query["from"] = [self.from_on.isoformat()]
        if self.to_on is not None:
            query["to"] = [self.to_on.isoformat()]
        if self.as_of is not None:
            query["as_of"] = [self.as_of.astimezone(UTC).isoformat().replace("+00:00", "Z")]
        if self.restated:
            query["definition"] = [RESTATED]
        if self.attribution is not Attribution.LAST_NON_DIRECT:
            query["attribution"] = [self.attribution.value]
        for name, field in LISTS.items():
            values: tuple[str, ...] = getattr(self, field)
            if values:
                query[name] = list(values)
        return query


LISTS: Final = {"source": "sources", "campaign": "campaigns", "segment": "segments", "owner": "owners"}
BOUNDS: Final = ("period", "from", "to")
PARAMETERS: Final = frozenset({"funnel", "age", "as_of", "definition", "attribution", *BOUNDS, *LISTS})


def parse(query: Query, *, default: Slice, today: date, zone: tzinfo) -> Slice:
    """Read a question from parameters; what they do not say is as in `default`.

    An empty value says nothing, since forms send empty fields. Raises UnknownParameter or UnknownValue, which name
    the parameter.
    """
    for name in query:
        if name not in PARAMETERS:
            raise UnknownParameter(name)
    said = {name: tuple(dict.fromkeys(v for v in values if v)) for name, values in query.items()}
    said = {name: values for name, values in said.items() if values}
    single = {name: _single(name, values) for name, values in said.items() if name not in LISTS}
    from_on, to_on = default.from_on, default.to_on
    if any(name in single for name in BOUNDS):
        from_on, to_on = _bounds(single, today)
    return Slice(
        funnel=single.get("funnel", default.funnel),
        from_on=from_on,
        to_on=to_on,
        age=_age(single["age"]) if "age" in single else default.age,
        as_of=_instant("as_of", single["as_of"], zone) if "as_of" in single else default.as_of,
        restated=_restated(single["definition"]) if "definition" in single else default.restated,
        attribution=_attribution(single["attribution"]) if "attribution" in single else default.attribution,
        sources=said.get("source", default.sources),
        campaigns=said.get("campaign", default.campaigns),
        segments=said.get("segment", default.segments),
        owners=said.get("owner", default.owners),
    )


def _single(name: str, values: Sequence[str]) -> str:
    if len(values) > 1:
        raise UnknownValue(name, ", ".join(values))
    return values[0]


def _age(value: str) -> int | None:
    if value == NO_LIMIT:
        return None
    if not _counts(value, up_to=LONGEST_AGE):
        raise UnknownValue("age", value)
    return int(value)


def _restated(value: str) -> bool:
    if value not in (RESTATED, AS_JUDGED):
        raise UnknownValue("definition", value)
    return value == RESTATED


def _attribution(value: str) -> Attribution:
    if value not in set(Attribution):
        raise UnknownValue("attribution", value)
    return Attribution(value)


def _counts(value: str, *, up_to: int) -> bool:
    """Tell whether a value is a number from one on; its length first, as endless digits are not even readable."""
    is_short = value.isascii() and value.isdecimal() and len(value) <= len(str(up_to))
    return is_short and 1 <= int(value) <= up_to


def _day(name: str, value: str) -> date:
    try:
        day = date.fromisoformat(value)
    except ValueError:
        raise UnknownValue(name, value) from None
    if day.year not in YEARS:
        raise UnknownValue(name, value)
    return day


def _instant(name: str, value: str, zone: tzinfo) -> datetime:
    """Read a time; one without an offset is the organisation's, a day alone is its beginning."""
    try:
        at = datetime.fromisoformat(value)
    except ValueError:
        raise UnknownValue(name, value) from None
    if at.year not in YEARS:
        raise UnknownValue(name, value)
    if at.tzinfo is not None:
        return at.astimezone(UTC)
    if at == datetime.combine(at.date(), datetime.min.time()):
        return start_of_day(at.date(), zone)
    return at.replace(tzinfo=zone).astimezone(UTC)


def _bounds(said: Mapping[str, str], today: date) -> tuple[date | None, date | None]:
    period = said.get("period")
    if period is not None:
        if "from" in said or "to" in said:
            raise UnknownValue("period", period)
        return _named_period(period, today)
    from_on = _day("from", said["from"]) if "from" in said else None
    to_on = _day("to", said["to"]) if "to" in said else None
    if from_on and to_on and from_on > to_on:
        raise UnknownValue("to", said["to"])
    return from_on, to_on


def _named_period(value: str, today: date) -> tuple[date | None, date | None]:
    """Read "all" or a number of weeks such as "12w", the current one included."""
    if value == ALL_TIME:
        return None, None
    count = value.removesuffix("w")
    if not (value.endswith("w") and _counts(count, up_to=MOST_WEEKS)):
        raise UnknownValue("period", value)
    weeks = last_weeks(today, int(count))
    return weeks.from_on, weeks.to_on
