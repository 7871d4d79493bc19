"""Where a person's day begins: what waits for them, or how the leads of today and of this week stand."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from crm.models import User
from crm.queries.organisation import settings_at
from crm.queries.snapshot import one_snapshot
from crm.rules.permissions import Permission, is_granted
from crm.rules.roles import Role
from funnels.queries import funnels_in_use
from insights.queries.quality import quality
from insights.rules.period import civil_day, last_weeks
from insights.rules.quality import Quality
from insights.rules.slice import Slice
from insights.rules.table import Table
from leads.queries import day as days
from leads.queries.day import AdministratorsDay, HeadsDay, SellersDay


@dataclass(frozen=True, slots=True, kw_only=True)
class Day:
    """The parts of the page that are for this person; the others are None or empty."""

    seller: SellersDay | None = None
    head: HeadsDay | None = None
    administrator: AdministratorsDay | None = None
    tables: Sequence[Table[Quality]] = ()


def day(*, actor: User, at: datetime) -> Day:
    """Read the day of a person: a manager's leads, a head's team, for others the shares and what they administer."""
    if actor.role == Role.MANAGER:
        return Day(seller=days.sellers_day(actor=actor, at=at))
    if actor.role == Role.HEAD:
        return Day(head=days.heads_day(actor=actor, at=at))
    machinery = days.administrators_day() if is_granted(actor.role, Permission.ADMINISTER) else None
    return Day(administrator=machinery, tables=_tables(at=at))


def _tables(*, at: datetime) -> list[Table[Quality]]:
    """Count the leads of today and of this week in the oldest funnel, as the board does where none is named."""
    funnel = funnels_in_use().first()
    if funnel is None:
        return []
    today = civil_day(at, ZoneInfo(settings_at(at).time_zone))
    week = last_weeks(today, 1)
    slices = (
        Slice(funnel=funnel.code, from_on=today, to_on=today),
        Slice(funnel=funnel.code, from_on=week.from_on, to_on=week.to_on),
    )
    with one_snapshot():
        return [quality(slice=one, at=at) for one in slices]
