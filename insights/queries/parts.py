"""What a board reads, part by part, so that it can be counted ahead: its panels ask the same and find it kept."""

from collections.abc import Callable, Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

from crm.queries.organisation import settings_at
from insights.queries.control import control
from insights.queries.criteria import criteria
from insights.queries.hygiene import flaw_counts
from insights.queries.mix import mix
from insights.queries.previous import previous
from insights.queries.quality import quality
from insights.queries.sources import sources
from insights.queries.strictness import people
from insights.queries.where_lost import where_lost
from insights.queries.work import work
from insights.rules.ripeness import ripe_part
from insights.rules.slice import GroupBy, Slice

Part = Callable[[], object]


def parts_of(*, slice: Slice, by: GroupBy | None, at: datetime) -> Sequence[Part]:
    """List what a board reads, and what the page of a panel laid out by something else reads besides."""
    found: list[Part] = [
        lambda: quality(slice=slice, at=at, by=GroupBy.WEEK),
        lambda: criteria(slice=slice, at=at),
        lambda: sources(slice=slice, at=at),
        lambda: mix(slice=slice, at=at),
        lambda: previous(slice=slice, at=at),
        lambda: control(slice=slice, at=at),
        lambda: _where_lost(slice.as_judged, at),
        lambda: work(slice=slice.as_judged, at=at),
        lambda: people(slice=slice.as_judged, at=at),
        lambda: flaw_counts(slice=slice, at=at),
    ]
    if by is not None:
        found.append(lambda: quality(slice=slice, at=at, by=by))
        found.append(lambda: mix(slice=slice, at=at, by=by))
    return found


def _where_lost(slice: Slice, at: datetime) -> None:
    organisation = settings_at(at)
    zone = ZoneInfo(organisation.time_zone)
    ripe = ripe_part(slice, age=organisation.age_a2_days, as_of=slice.as_of or at, zone=zone)
    if ripe is not None:
        where_lost(slice=ripe, closed_slice=slice, at=at)
