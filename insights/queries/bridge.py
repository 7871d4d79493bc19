"""From received to counted: nothing leaves a denominator in silence."""

from django.db.models import Count

from insights.queries.scope import is_of_kind, received, tied
from insights.rules.pick import Kind
from insights.rules.slice import Slice
from insights.rules.table import Bridge


def bridge(*, slice: Slice) -> Bridge:
    """Count what came and why some of it is not counted (R1)."""
    parts = (Kind.VALID, Kind.DUPLICATE, Kind.TEST)
    counts = tied(received(slice=slice), slice=slice).aggregate(
        **{kind.value: Count("pk", filter=is_of_kind(slice=slice, kind=kind)) for kind in parts}
    )
    return Bridge(received=sum(counts.values()), **counts)
