"""Who tags more strictly than others at the same sources? Not a ranking: most people are within the usual."""

from collections import Counter, defaultdict
from collections.abc import Iterator
from datetime import datetime
from typing import Any, Final

from django.db.models import Count

from crm.queries.organisation import settings_at
from funnels.rules.verdict import Verdict
from insights.queries.cells import cells
from insights.queries.frame import table_of
from insights.queries.keys import keys_of
from insights.queries.scope import counted, holder, origin
from insights.queries.states import unpacked, with_state
from insights.queries.tallies import Days, Tally, tallied
from insights.rules.slice import GroupBy, Slice
from insights.rules.strictness import STRICTNESS_COLUMNS, OwnerCount, SourceOfOwner
from insights.rules.strictness import strictness as rule
from insights.rules.table import Key, Table
from insights.rules.tally import Counted


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
    counts = rule(strictness_cells(slice=slice, at=at), enough=settings_at(at).minimum_sample_to_rank)
    keys = keys_of(by=GroupBy.OWNER, groups=list(counts), slice=slice)
    in_order = sorted(keys.items(), key=lambda entry: (entry[0] is None, entry[1].label.casefold(), entry[1].value))
    return [(key, counts[group]) for group, key in in_order]


def strictness_cells(*, slice: Slice, at: datetime) -> list[SourceOfOwner]:
    """Count the valid leads of a slice, and the non-target among them, by person and source."""
    found: defaultdict[tuple[Any, Any], Counter[bool]] = defaultdict(Counter)
    for row in tallied(OWNERS, slice=slice, at=at):
        owner, source, is_bad = row.key
        found[owner, source][bool(is_bad)] += row.n
    return [
        SourceOfOwner(
            owner=None if owner is None else str(owner), source=str(source), n=counts.total(), non_target=counts[True]
        )
        for (owner, source), counts in found.items()
    ]


def _rows(slice: Slice, at: datetime, group: Any, days: Days) -> Iterator[Counted]:
    leads, state = with_state(counted(slice=slice, days=days), slice=slice, at=at)
    asked = leads.annotate(group=group, answers=holder(slice=slice), brought=origin(slice=slice)).order_by()
    for of, owner, source, *told, count in asked.values_list("group", "answers", "brought", *state).annotate(
        count=Count("pk")
    ):
        verdict, _failed, _asked = unpacked(told)
        yield Counted(of, (owner, source, verdict is Verdict.NON_TARGET), count)


OWNERS: Final = Tally("owners", _rows)
