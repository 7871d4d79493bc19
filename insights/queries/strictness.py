"""Who tags more strictly than others at the same sources? Not a ranking: most people are within the usual."""

from datetime import datetime

from django.db.models import Count, F, Q, Subquery

from crm.queries.organisation import settings_at
from funnels.rules.verdict import Verdict
from insights.queries.cells import cells
from insights.queries.frame import table_of
from insights.queries.keys import keys_of
from insights.queries.scope import counted
from insights.queries.states import group_label, group_of, in_force
from insights.rules.slice import GroupBy, Slice
from insights.rules.strictness import STRICTNESS_COLUMNS, OwnerCount, SourceOfOwner
from insights.rules.strictness import strictness as rule
from insights.rules.table import Key, Table


def strictness(*, slice: Slice, at: datetime, by: GroupBy | None = None) -> Table[OwnerCount]:
    """Compare what everybody tagged with what their sources let expect; in the order of names."""
    by = by or GroupBy.OWNER
    return table_of(
        metric="strictness",
        slice=slice,
        at=at,
        by=by,
        cells=cells(slice=slice, at=at),
        columns=STRICTNESS_COLUMNS,
        rows=people(slice=slice, at=at),
    )


def people(*, slice: Slice, at: datetime) -> list[tuple[Key, OwnerCount]]:
    """Count for everybody who answers for leads, in the order of names; leads of nobody come last."""
    counts = rule(strictness_cells(slice=slice), enough=settings_at(at).minimum_sample_to_rank)
    keys = keys_of(by=GroupBy.OWNER, groups=list(counts), slice=slice)
    in_order = sorted(keys.items(), key=lambda entry: (entry[0] is None, entry[1].label.casefold(), entry[1].value))
    return [(key, counts[group]) for group, key in in_order]


def strictness_cells(*, slice: Slice) -> list[SourceOfOwner]:
    """Count the valid leads of a slice, and the non-target among them, by person and source."""
    leads = counted(slice=slice).annotate(
        group=group_of(slice=slice, by=GroupBy.OWNER),
        from_source=F("source_id"),
        stands=Subquery(in_force(slice).values("verdict")[:1]),
    )
    counts = {"n": Count("pk"), "bad": Count("pk", filter=Q(stands=Verdict.NON_TARGET))}
    rows = leads.order_by().values_list("group", "from_source").annotate(**counts)
    return [
        SourceOfOwner(owner=group_label(by=GroupBy.OWNER, group=group), source=str(source), n=n, non_target=bad)
        for group, source, n, bad in rows
    ]
