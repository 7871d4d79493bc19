"""Sources, campaigns and segments as their pages tell of them: in use, waiting for a yes, out of use."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from django.db.models import Count, Max, QuerySet

from crm.queries.keys import keys
from leads.models import AssignmentRule, Campaign, Lead, PublicForm, Segment, Source
from leads.models.source import UNDEFINED_SOURCE

Named = Source | Campaign | Segment
Kind = Literal["source", "campaign", "segment"]
State = Literal["in_use", "waiting", "archived", "merged", "fixed"]
MODELS: dict[Kind, type[Source] | type[Campaign] | type[Segment]] = {
    "source": Source,
    "campaign": Campaign,
    "segment": Segment,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class NameShown:
    """One name with what came under it."""

    pk: int
    code: str
    name: str
    state: State
    leads: int
    last_at: datetime | None
    aliases: Sequence[str] = ()
    looks_like: Named | None = None
    merged_into: Named | None = None
    source: Source | None = None

    @property
    def is_archived_but_arriving(self) -> bool:
        """Tell whether leads are still sent under a name nobody chooses any more."""
        return self.state == "archived" and self.leads > 0


@dataclass(frozen=True, slots=True)
class NamesPage:
    """The names of one kind, the ones to decide about first."""

    waiting: Sequence[NameShown]
    in_use: Sequence[NameShown]
    archived: Sequence[NameShown]

    @property
    def waiting_leads(self) -> int:
        """Count the leads that came under names nobody has agreed on."""
        return sum(row.leads for row in self.waiting)


@dataclass(frozen=True, slots=True, kw_only=True)
class MergePreview:
    """What joining two names would move."""

    leads: int
    campaigns: int = 0
    same_campaigns: int = 0
    forms: int = 0
    keys: int = 0
    rules: int = 0
    aliases: Sequence[str] = ()
    collisions: int = 0


def names_page(*, kind: Kind, source: Source | None = None) -> NamesPage:
    """Read every name of a kind with its leads, counted by one query; campaigns of one source, if it is given."""
    rows = _rows(kind, source)
    counted = {
        found[kind]: found
        for found in Lead.objects.filter(**{f"{kind}__isnull": False})
        .values(kind)
        .order_by()
        .annotate(leads=Count("pk"), last_at=Max("received_at"))
    }
    shown = [_shown(row, counted.get(row.pk, {})) for row in rows]
    waiting = sorted((row for row in shown if row.state == "waiting"), key=lambda row: -row.leads)
    in_use = [row for row in shown if row.state in ("in_use", "fixed")]
    return NamesPage(waiting, in_use, [row for row in shown if row.state in ("archived", "merged")])


def name_of(*, kind: Kind, pk: int) -> Named | None:
    """Find one name by its number."""
    found = MODELS[kind]._default_manager.select_related("merged_into", *(["source"] if kind == "campaign" else []))
    row: Named | None = found.filter(pk=pk).first()
    return row


def name_shown(*, row: Named) -> NameShown:
    """Tell of one name."""
    counted = row.leads.aggregate(leads=Count("pk"), last_at=Max("received_at"))
    return _shown(row, counted)


def may_take_in(*, row: Named) -> list[Named]:
    """List the names that this one may be joined to."""
    others: QuerySet[Any]
    if isinstance(row, Source):
        others = Source.objects.exclude(code=UNDEFINED_SOURCE)
    elif isinstance(row, Campaign):
        others = Campaign.objects.filter(source=row.source_id)
    else:
        others = Segment.objects.all()
    return list(others.filter(archived_at__isnull=True).exclude(pk=row.pk).order_by("name", "code"))


def merge_preview(*, row: Named, into: Named) -> MergePreview:
    """Count what would be moved."""
    leads = row.leads.count()
    if isinstance(row, Campaign):
        return MergePreview(leads=leads)
    in_force = AssignmentRule.objects.filter(archived_at__isnull=True)
    rules = in_force.filter(**{str(row._meta.model_name): row}).count()
    if not isinstance(row, Source) or not isinstance(into, Source):
        return MergePreview(leads=leads, rules=rules)
    own = set(row.campaigns.filter(archived_at__isnull=True).values_list("code", flat=True))
    same = own & set(into.campaigns.values_list("code", flat=True))
    sent = row.leads.filter(external_id__isnull=False).values("external_id")
    return MergePreview(
        leads=leads,
        campaigns=len(own) - len(same),
        same_campaigns=len(same),
        forms=PublicForm.objects.filter(source=row).count(),
        keys=sum(row.code in key.sources for key in keys()),
        rules=rules,
        aliases=list(row.aliases.values_list("name", flat=True)),
        collisions=into.leads.filter(external_id__in=sent).count(),
    )


def waiting_counts() -> dict[Kind, int]:
    """Count the names that wait for a yes."""
    return {
        "source": Source.objects.filter(is_confirmed=False, archived_at__isnull=True).count(),
        "segment": Segment.objects.filter(is_confirmed=False, archived_at__isnull=True).count(),
    }


def _rows(kind: Kind, source: Source | None) -> list[Named]:
    rows: list[Named]
    if kind == "campaign":
        campaigns = Campaign.objects.select_related("merged_into", "source").order_by("source__name", "name", "code")
        rows = list(campaigns.filter(source=source) if source else campaigns)
    elif kind == "source":
        sources = Source.objects.select_related("merged_into", "looks_like").prefetch_related("aliases")
        rows = list(sources.order_by("name", "code"))
    else:
        rows = list(Segment.objects.select_related("merged_into").order_by("name", "code"))
    return rows


def _shown(row: Named, counted: dict[str, object]) -> NameShown:
    last_at = counted.get("last_at")
    return NameShown(
        pk=row.pk,
        code=row.code,
        name=row.label if isinstance(row, Source) else row.name,
        state=_state(row),
        leads=int(str(counted.get("leads") or 0)),
        last_at=last_at if isinstance(last_at, datetime) else None,
        aliases=sorted(alias.name for alias in row.aliases.all()) if isinstance(row, Source) else (),
        looks_like=row.looks_like if isinstance(row, Source) else None,
        merged_into=row.merged_into,
        source=row.source if isinstance(row, Campaign) else None,
    )


def _state(row: Named) -> State:
    if row.merged_into_id is not None:
        return "merged"
    if row.archived_at is not None:
        return "archived"
    if isinstance(row, Source) and row.code == UNDEFINED_SOURCE:
        return "fixed"
    is_confirmed = True if isinstance(row, Campaign) else row.is_confirmed
    return "in_use" if is_confirmed else "waiting"
