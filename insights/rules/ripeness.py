"""The part of a slice that may be compared: weeks whose leads have all had their full age."""

from dataclasses import replace
from datetime import datetime, timedelta, tzinfo

from insights.rules.period import DAY, Week, civil_day, is_mature
from insights.rules.slice import Slice


def ripe_part(slice: Slice, *, age: int, as_of: datetime, zone: tzinfo) -> Slice | None:
    """Cut a slice down to its weeks that are ripe at an age, and ask for that age; None when no week is.

    A slice that is ripe as a whole keeps its last day, be it the end of a week or not.
    """
    if slice.to_on is not None and is_mature(slice.to_on, age=age, as_of=as_of, zone=zone):
        return replace(slice, age=age)
    last_on = Week.of(civil_day(as_of - timedelta(days=age), zone)).last_on
    while not is_mature(last_on, age=age, as_of=as_of, zone=zone):
        last_on = Week.of(last_on).first_on - DAY
    if slice.from_on is not None and last_on < slice.from_on:
        return None
    return replace(slice, age=age, to_on=last_on)
