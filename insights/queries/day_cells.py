"""All that is kept of a day beside the states, and the leads of days counted into it."""

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from typing import Any, Final

from django.db.models import CharField, Value
from django.db.models.functions import Cast, Coalesce, Concat

from funnels.models import Funnel
from insights.models import DayCells
from insights.models.kept import NO_LIMIT
from insights.queries.closings import CLOSINGS
from insights.queries.effort_cells import EFFORT
from insights.queries.hygiene import FLAWS
from insights.queries.journeys import JOURNEYS
from insights.queries.strictness import OWNERS
from insights.queries.tags import TAGS
from insights.queries.tallies import Tally
from insights.rules.slice import Slice
from insights.rules.tally import Counted, joined, to_text

TALLIES: Final = (JOURNEYS, CLOSINGS, EFFORT, TAGS, OWNERS, FLAWS)
BETWEEN: Final = "|"
PLACE: Final = Concat(
    Cast("cohort_day", CharField()),
    Value(BETWEEN),
    Cast("source_id", CharField()),
    Value(BETWEEN),
    Coalesce(Cast("segment_id", CharField()), Value("")),
    output_field=CharField(),
)


def tallies_at(*, age: int) -> list[Tally]:
    """List what is kept at an age: what says the same at every age is kept once."""
    return [tally for tally in TALLIES if age == NO_LIMIT or not tally.is_ageless]


def day_cells(*, tally: Tally, funnel: Funnel, first: date, last: date, age: int, at: datetime) -> Iterator[DayCells]:
    """Count the leads of some days, both ends included, as they are kept; also days without any."""
    slice = Slice(funnel=funnel.code, from_on=first, to_on=last, age=age or None)
    days: dict[date, list[Counted]] = {first + timedelta(days=n): [] for n in range((last - first).days + 1)}
    for row in joined(tally.of_leads(slice, at, PLACE, None)):
        day, place = _placed(row.group)
        days[day].append(row._replace(group=place))
    for day, rows in days.items():
        whole = joined(row._replace(group=None) for row in rows)
        yield DayCells(funnel=funnel, kind=tally.code, age=age, day=day, whole=to_text(whole), by_place=to_text(rows))


def _placed(group: Any) -> tuple[date, tuple[int, int | None]]:
    day, source, segment = str(group).split(BETWEEN)
    return date.fromisoformat(day), (int(source), int(segment) if segment else None)
