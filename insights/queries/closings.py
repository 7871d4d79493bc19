"""Who was closed on the days of a slice, whenever they came: kept by the day they came, told by the day of closing."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final
from zoneinfo import ZoneInfo

from django.db.models import Count
from django.db.models.functions import TruncDate

from crm.queries.organisation import settings_at
from funnels.rules.moves import Outcome
from insights.queries.flow import closed_within, whenever_they_came
from insights.queries.scope import counted
from insights.queries.tallies import Days, Tally, tallied
from insights.rules.period import Week
from insights.rules.slice import GroupBy, Slice
from insights.rules.tally import Counted


@dataclass(frozen=True, slots=True, kw_only=True)
class ClosedCell:
    """How many leads of a group were closed within the period and are still closed so."""

    group: str | None
    outcome: Outcome
    count: int


def closed_cells(*, slice: Slice, at: datetime, by: GroupBy | None = None) -> list[ClosedCell]:
    """Count the leads that were won or lost within the period, as they stood at the slice's instant."""
    is_weekly = by is GroupBy.WEEK
    rows = tallied(CLOSINGS, slice=whenever_they_came(slice), at=at, by=None if is_weekly else by)
    found = []
    for row in rows:
        outcome, closed_on = Outcome(str(row.key[0])), date.fromisoformat(str(row.key[1]))
        if (slice.from_on or closed_on) <= closed_on <= (slice.to_on or closed_on):
            group = Week.of(closed_on).label if is_weekly else row.group
            found.append(ClosedCell(group=group, outcome=outcome, count=row.n))
    return found


def _rows(slice: Slice, at: datetime, group: Any, days: Days) -> Iterator[Counted]:
    zone = ZoneInfo(settings_at(at).time_zone)
    leads = closed_within(counted(slice=slice, days=days), slice=slice)
    told = leads.annotate(group=group, closed_on=TruncDate("closed_at", tzinfo=zone)).order_by()
    for of, outcome, closed_on, count in told.values_list("group", "closed", "closed_on").annotate(count=Count("pk")):
        yield Counted(of, (outcome, closed_on.isoformat()), count)


CLOSINGS: Final = Tally("closings", _rows, is_ageless=True)
