"""Which leads a slice is about, and what was known of them at its instant."""

from collections.abc import Collection, Mapping, Sequence
from datetime import date, datetime
from typing import Any

from django.db.models import F, Model, OuterRef, Q, QuerySet, Subquery, Value
from django.db.models.functions import Coalesce, Concat

from crm.models import User
from crm.queries.snapshot import once
from funnels.models import Funnel
from insights.rules.pick import Kind
from insights.rules.slice import NOBODY, Attribution, Slice, UnknownValue
from leads.models import Campaign, Lead, LeadLink, OwnerChange, Segment, Source
from leads.models.lead import TELLS_OF_VISITS
from leads.rules.facts import LinkKind

DUPLICATES = (LinkKind.DUPLICATE.value, LinkKind.MERGE.value)
TIES = (*DUPLICATES, LinkKind.UNMERGE.value)
VISITS: Mapping[Attribution, str] = {Attribution.FIRST: "first_source", Attribution.LAST: "last_source"}
"""Where leads tell of a visit that their source is not of."""


def received(*, slice: Slice) -> QuerySet[Lead]:
    """Select everything that came within the slice, counted or not.

    Raises UnknownValue for a funnel, source, campaign, segment or person that does not exist: a mistyped name must
    not look like a channel that brings nothing.
    """
    leads = Lead.objects.filter(funnel=funnel_of(slice=slice))
    if slice.from_on is not None:
        leads = leads.filter(cohort_day__gte=slice.from_on)
    if slice.to_on is not None:
        leads = leads.filter(cohort_day__lte=slice.to_on)
    if slice.as_of is not None:
        leads = leads.filter(recorded_at__lte=slice.as_of)
    leads = leads.alias(holder=holder(slice=slice), origin=origin(slice=slice))
    for name, column, chosen in (
        ("source", "origin", slice.sources),
        ("campaign", "campaign", slice.campaigns),
        ("segment", "segment", slice.segments),
        ("owner", "holder", slice.owners),
    ):
        if chosen:
            leads = leads.filter(among(column, identify(name=name, values=chosen)))
    return leads


def counted(*, slice: Slice, days: Collection[date] | None = None) -> QuerySet[Lead]:
    """Select the valid leads of a slice, or of some of its days: what is received less tests and duplicates (R1)."""
    leads = of_kind(received(slice=slice), slice=slice, kind=Kind.VALID)
    return leads if days is None else leads.filter(cohort_day__in=days)


def of_kind(leads: QuerySet[Lead], *, slice: Slice, kind: Kind) -> QuerySet[Lead]:
    """Keep one part of what was received, as known at the slice's instant."""
    return tied(leads, slice=slice).filter(is_of_kind(slice=slice, kind=kind))


def tied(leads: QuerySet[Lead], *, slice: Slice) -> QuerySet[Lead]:
    """Let conditions of `is_of_kind` be asked of these leads."""
    return leads if slice.as_of is None else leads.alias(last_link=_last_link(slice.as_of))


def is_of_kind(*, slice: Slice, kind: Kind) -> Q:
    """Tell a part of what was received from the others. A test that is a duplicate is a test."""
    is_duplicate = Q(duplicate_of__isnull=False) if slice.as_of is None else Q(last_link__in=DUPLICATES)
    match kind:
        case Kind.RECEIVED:
            return Q()
        case Kind.TEST:
            return Q(is_test=True)
        case Kind.DUPLICATE:
            return Q(is_test=False) & is_duplicate
        case Kind.VALID:
            return Q(is_test=False) & ~is_duplicate


def holder(*, slice: Slice) -> Any:
    """Tell who answers for the lead, or did at the slice's instant."""
    if slice.as_of is None:
        return F("owner_id")
    changes = OwnerChange.objects.filter(lead=OuterRef("pk"), recorded_at__lte=slice.as_of)
    return Subquery(changes.order_by("-recorded_at", "-id").values("owner_id")[:1])


def origin(*, slice: Slice) -> Any:
    """Tell which source the lead is counted under; a visit nobody told of is the one its source is of."""
    visit = VISITS.get(slice.attribution)
    return Coalesce(f"{visit}_id", "source_id") if visit else F("source_id")


def funnel_of(*, slice: Slice) -> Funnel:
    """Find the funnel a slice names; also an archived one, whose numbers stay."""
    return once(_funnel, code=slice.funnel)


def _funnel(*, code: str) -> Funnel:
    funnel = Funnel.objects.filter(code=code).first()
    if funnel is None:
        raise UnknownValue("funnel", code)
    return funnel


def has_other_visits(*, slice: Slice) -> bool:
    """Tell whether any lead of the funnel may be counted under another source than its own."""
    return Lead.objects.filter(TELLS_OF_VISITS, funnel=funnel_of(slice=slice)).order_by().exists()


def identify(*, name: str, values: Sequence[str]) -> list[int | None]:
    """Turn the values of a parameter into primary keys; None stands for leads that have none of the kind."""
    named = [value for value in values if value != NOBODY or name == "source"]
    found = _known(name, named)
    for value in named:
        if value not in found:
            raise UnknownValue(name, value)
    keys: list[int | None] = [found[value] for value in named]
    return keys if len(named) == len(values) else [*keys, None]


def _known(name: str, values: Sequence[str]) -> dict[str, int]:
    if name == "owner":
        numbers = [int(value) for value in values if value.isascii() and value.isdecimal() and len(value) < 19]
        return {str(pk): pk for pk in User.objects.filter(pk__in=numbers).values_list("pk", flat=True)}
    model: type[Model] = {"source": Source, "campaign": Campaign, "segment": Segment}[name]
    path: Any = Concat("source__code", Value("/"), "code") if name == "campaign" else F("code")
    rows = model._default_manager.alias(path=path).filter(path__in=values)
    # A link from before two names were joined asks for what both are now.
    return dict(rows.values_list(path, Coalesce("merged_into", "pk")))


def among(column: str, keys: Sequence[int | None]) -> Q:
    """Keep leads whose column holds one of these keys; None among them keeps leads whose column is empty."""
    chosen = Q(**{f"{column}__in": [key for key in keys if key is not None]})
    return chosen | Q(**{f"{column}__isnull": True}) if None in keys else chosen


def _last_link(as_of: datetime) -> Coalesce:
    """Tell how a lead was last tied to an earlier one by then; nothing is written as an empty word."""
    links = LeadLink.objects.filter(lead=OuterRef("pk"), kind__in=TIES, recorded_at__lte=as_of)
    return Coalesce(Subquery(links.order_by("-recorded_at", "-id").values("kind")[:1]), Value(""))
