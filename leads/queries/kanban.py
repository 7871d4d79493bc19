"""Open leads by stage: what stands where, for how long, for how much, and what of it is late."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from statistics import median
from types import MappingProxyType
from typing import Any

from django.db import connection
from django.db.models import Aggregate, Count, DateTimeField, Min, Q, Sum
from django.utils.translation import ngettext

from crm.models import User
from crm.rules import formats
from crm.rules.permissions import Permission
from funnels.models import Funnel, LossReason, Stage
from funnels.queries.overview import StageShown, stages_shown
from funnels.rules.moves import Outcome
from leads.models import Lead
from leads.models.lead import LeadQuerySet
from leads.queries import presentation
from leads.queries.bulk import with_codes
from leads.queries.inbox import Place
from leads.queries.listing import NOBODY
from leads.queries.overdue import overdue
from leads.queries.presentation import LeadRow
from leads.rules.sla import Late

SHOWN = 25  # of a column at once
ON_A_CARD = ("version", "stage_since_at", "expected_amount", "first_touch_due_at")


@dataclass(frozen=True, slots=True, kw_only=True)
class KanbanFilter:
    """Whose open leads; empty is everybody's. Values are codes, of a person the number."""

    owner: str = ""
    source: str = ""
    segment: str = ""
    only_overdue: bool = False


@dataclass(frozen=True, slots=True)
class KanbanCard:
    """One lead at its stage."""

    row: LeadRow
    version: int
    since: datetime
    waits: timedelta
    amount: Decimal | None
    is_overdue: bool

    @property
    def stay(self) -> str:
        """Say for how many whole days it has been here."""
        days = self.waits.days
        return ngettext("%(n)s day here", "%(n)s days here", days) % {"n": formats.number(days)}


@dataclass(frozen=True, slots=True)
class KanbanColumn:
    """One stage: `amount` is the sum of the `priced` leads among `count`; ages are in days, None without leads."""

    stage: Stage
    count: int
    overdue: int
    priced: int
    amount: Decimal
    median_days: int | None
    oldest_days: int | None
    reasons: Sequence[LossReason]
    cards: Sequence[KanbanCard]
    more: str


@dataclass(frozen=True, slots=True)
class Kanban:
    """A funnel's open leads, stage by stage, with the reasons for which they may be lost there."""

    funnel: Funnel
    columns: Sequence[KanbanColumn]

    @property
    def count(self) -> int:
        """How many open leads there are in all columns."""
        return sum(column.count for column in self.columns)


class _MedianTime(Aggregate):
    """The middle of some times, told by PostgreSQL."""

    function = "PERCENTILE_DISC"
    template = "%(function)s(0.5) WITHIN GROUP (ORDER BY %(expressions)s)"
    output_field = DateTimeField()


def kanban(
    *,
    funnel: Funnel,
    actor: User,
    by: KanbanFilter,
    at: datetime,
    going_on: Mapping[int, str] = MappingProxyType({}),
    on_top: str = "",
) -> Kanban:
    """Lay out a funnel's open leads as far as a person may act on them.

    `going_on` tells by stage after which place its column goes on. `on_top` is the code of a lead that is shown first
    in its column, however many have waited longer: whoever has just moved it looks for it there.
    """
    offered = [shown for shown in stages_shown(funnel=funnel) if not shown.is_won]
    stages = [shown.stage for shown in offered]
    leads = _open(actor, by, at=at).filter(stage__in=stages)
    counted = _counted(leads, at=at)
    pages = {stage.pk: _page(leads, stage, after=going_on.get(stage.pk, "")) for stage in stages}
    for pk, stage in with_codes(leads=leads, codes=[on_top]).values_list("pk", "stage_id") if on_top else ():
        found, more = pages[stage]
        pages[stage] = [pk, *(other for other in found if other != pk)], more
    cards = _cards([pk for found, _more in pages.values() for pk in found], actor, at=at)
    return Kanban(
        funnel,
        [_column(one, counted.get(one.stage.pk, {}), pages[one.stage.pk], cards, at=at) for one in offered],
    )


def more_cards(
    *, stage: Stage, actor: User, by: KanbanFilter, after: str, at: datetime
) -> tuple[Sequence[KanbanCard], str]:
    """Go on with a column after a place in it; return the cards, and the place to go on from."""
    found, more = _page(_open(actor, by, at=at), stage, after=after)
    cards = _cards(found, actor, at=at)
    return [cards[pk] for pk in found if pk in cards], more


def _open(actor: User, by: KanbanFilter, *, at: datetime) -> LeadQuerySet:
    leads = LeadQuerySet(Lead).reached(actor, Permission.EDIT_LEAD).valid().filter(outcome=Outcome.OPEN)
    if by.owner:
        leads = leads.filter(owner=None if by.owner == NOBODY else int(by.owner))
    if by.source:
        leads = leads.filter(source__code=by.source)
    if by.segment:
        leads = leads.filter(segment__code=by.segment)
    return leads.filter(_late(at)) if by.only_overdue else leads


def _late(at: datetime) -> Q:
    return Q(overdue(kind=Late.FIRST_TOUCH, at=at) | overdue(kind=Late.VERDICT, at=at))


def _counted(leads: LeadQuerySet, *, at: datetime) -> dict[int, dict[str, Any]]:
    """Count every column at once."""
    told = {
        "count": Count("pk"),
        "overdue": Count("pk", filter=_late(at)),
        "priced": Count("expected_amount"),
        "amount": Sum("expected_amount"),
        "oldest": Min("stage_since_at"),
    }
    if connection.vendor == "postgresql":
        told["middle"] = _MedianTime("stage_since_at")
    found: Iterable[Any] = leads.order_by().values("stage").annotate(**told)
    rows: dict[int, dict[str, Any]] = {row["stage"]: row for row in found}
    if connection.vendor != "postgresql":
        for stage, row in rows.items():
            since = leads.order_by().filter(stage=stage).values_list("stage_since_at", flat=True)
            row["middle"] = datetime.fromtimestamp(median(one.timestamp() for one in since), at.tzinfo)
    return rows


def _page(leads: LeadQuerySet, stage: Stage, *, after: str = "") -> tuple[list[int], str]:
    """Take the leads that have waited longest at a stage, after a place; read along one index."""
    here = leads.filter(stage=stage).order_by("stage_since_at", "id")
    if after:
        place = Place.parse(after)
        since, pk = place.received_at, place.pk
        here = here.filter(Q(stage_since_at__gt=since) | Q(stage_since_at=since, pk__gt=pk), stage_since_at__gte=since)
    found = list(here.values_list("pk", "stage_since_at")[: SHOWN + 1])
    last = found[SHOWN - 1] if len(found) > SHOWN else None
    return [pk for pk, _since in found[:SHOWN]], str(Place(last[1], last[0])) if last else ""


def _cards(ids: Sequence[int], actor: User, *, at: datetime) -> dict[int, KanbanCard]:
    leads = list(Lead.objects.filter(pk__in=ids).order_by().only(*presentation.LISTED, *ON_A_CARD))
    rows = presentation.listed_rows(leads=leads, actor=actor, at=at)
    return {lead.pk: _card(lead, row, at=at) for lead, row in zip(leads, rows, strict=True)}


def _card(lead: Lead, row: LeadRow, *, at: datetime) -> KanbanCard:
    is_untouched = lead.first_touch_at is None and lead.first_touch_due_at < at
    return KanbanCard(
        row=row,
        version=lead.version,
        since=lead.stage_since_at,
        waits=max(at - lead.stage_since_at, timedelta(0)),
        amount=lead.expected_amount,
        is_overdue=row.is_late or is_untouched,
    )


def _column(
    shown: StageShown,
    counted: Mapping[str, Any],
    page: tuple[Sequence[int], str],
    cards: Mapping[int, KanbanCard],
    *,
    at: datetime,
) -> KanbanColumn:
    found, more = page
    middle, oldest = counted.get("middle"), counted.get("oldest")
    return KanbanColumn(
        stage=shown.stage,
        count=counted.get("count", 0),
        overdue=counted.get("overdue", 0),
        priced=counted.get("priced", 0),
        amount=counted.get("amount") or Decimal(0),
        median_days=max((at - middle).days, 0) if middle else None,
        oldest_days=max((at - oldest).days, 0) if oldest else None,
        reasons=shown.reasons,
        cards=[cards[pk] for pk in found if pk in cards],
        more=more,
    )
