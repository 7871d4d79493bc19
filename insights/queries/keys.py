"""The rows a grouped table has: what to call them, how to ask for them again, in which order."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta, tzinfo
from typing import Protocol

from django.utils.translation import gettext as _

from crm.models import User
from insights.rules.period import Week, is_mature, weeks_between
from insights.rules.slice import NOBODY, GroupBy, Slice
from insights.rules.table import Key
from leads.models import Campaign, Segment, Source

WHOLE = Key(value="", label="", parts={})
A_YEAR = timedelta(weeks=53)


class Sized(Protocol):
    """What a group is ordered by."""

    @property
    def n(self) -> int: ...


def keys_of(*, by: GroupBy, groups: Sequence[str | None], slice: Slice) -> dict[str | None, Key]:
    """Name the groups that were found; weeks without a lead are added, so that no axis has a gap."""
    if by is GroupBy.WEEK:
        return {week.label: _week(week) for week in _weeks([group for group in groups if group], slice)}
    keys = {str(pk): key for pk, key in _NAMED[by]([int(group) for group in groups if group is not None]).items()}
    nobody = Key(value=NOBODY, label=_("not set"), parts={by.value: None, "name": _("not set")})
    return {group: nobody if group is None else keys[group] for group in groups}


def week_is_mature(key: Key, *, slice: Slice, at: datetime, zone: tzinfo) -> bool:
    """Tell whether every lead of a week had its full age."""
    last_on = Week.parse(key.value).last_on
    return is_mature(min(last_on, slice.to_on or last_on), age=slice.age, as_of=slice.as_of or at, zone=zone)


def _weeks(labels: Sequence[str], slice: Slice) -> list[Week]:
    """Lay out the weeks of a slice up to a year wide, also where nothing came: a form that fell silent must be seen.

    Of a wider one, which may be centuries, those from the first that has leads to the last.
    """
    if slice.from_on and slice.to_on and slice.to_on - slice.from_on <= A_YEAR:
        return list(weeks_between(slice.from_on, slice.to_on))
    found = sorted(Week.parse(label) for label in labels)
    return list(weeks_between(found[0].first_on, found[-1].last_on)) if found else []


def _week(week: Week) -> Key:
    days = {"from": week.first_on.isoformat(), "to": week.last_on.isoformat()}
    return Key(value=week.label, label=week.label, parts={"week": week.label, **days})


def _sources(pks: Sequence[int]) -> Mapping[int, Key]:
    return {
        source.pk: Key(value=source.code, label=source.label, parts={"source": source.code, "name": source.label})
        for source in Source.objects.filter(pk__in=pks)
    }


def _campaigns(pks: Sequence[int]) -> Mapping[int, Key]:
    keys = {}
    for campaign in Campaign.objects.filter(pk__in=pks).select_related("source"):
        value = f"{campaign.source.code}/{campaign.code}"
        parts: dict[str, str | None] = {"campaign": value, "source": campaign.source.code, "name": campaign.name}
        keys[campaign.pk] = Key(value=value, label=f"{campaign.source.label} · {campaign.name}", parts=parts)
    return keys


def _segments(pks: Sequence[int]) -> Mapping[int, Key]:
    return {
        segment.pk: Key(value=segment.code, label=segment.name, parts={"segment": segment.code, "name": segment.name})
        for segment in Segment.objects.filter(pk__in=pks)
    }


def _owners(pks: Sequence[int]) -> Mapping[int, Key]:
    return {
        person.pk: Key(value=str(person.pk), label=person.name, parts={"owner": str(person.pk), "name": person.name})
        for person in User.objects.filter(pk__in=pks)
    }


_NAMED = {
    GroupBy.SOURCE: _sources,
    GroupBy.CAMPAIGN: _campaigns,
    GroupBy.SEGMENT: _segments,
    GroupBy.OWNER: _owners,
}
