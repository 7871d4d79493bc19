"""From received to counted: nothing leaves a denominator in silence."""

from collections import Counter
from collections.abc import Collection, Mapping
from datetime import date

from django.db.models import Count

from crm.queries.snapshot import once
from insights.queries.kept import days_of, is_kept, kept_kinds
from insights.queries.scope import is_of_kind, received, tied
from insights.rules.pick import Kind
from insights.rules.slice import Slice
from insights.rules.table import Bridge

PARTS = (Kind.VALID, Kind.DUPLICATE, Kind.TEST)


def bridge(*, slice: Slice) -> Bridge:
    """Count what came and why some of it is not counted (R1)."""
    if not is_kept(slice=slice):
        return _bridge(_of_leads(slice))
    days = once(days_of, slice=slice)
    counts = Counter(_of_leads(slice, days.others))
    if days.kept:
        counts.update(kept_kinds(slice=slice, days=days.kept))
    return _bridge(counts)


def _of_leads(slice: Slice, days: Collection[date] | None = None) -> dict[Kind, int]:
    leads = tied(received(slice=slice), slice=slice)
    if days is not None:
        leads = leads.filter(cohort_day__in=days)
    told = leads.aggregate(**{kind: Count("pk", filter=is_of_kind(slice=slice, kind=kind)) for kind in PARTS})
    return {kind: told[kind] for kind in PARTS}


def _bridge(counts: Mapping[Kind, int]) -> Bridge:
    return Bridge(
        received=sum(counts.values()),
        valid=counts[Kind.VALID],
        duplicate=counts[Kind.DUPLICATE],
        test=counts[Kind.TEST],
    )
