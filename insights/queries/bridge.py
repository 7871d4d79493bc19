"""From received to counted: nothing leaves a denominator in silence."""

from insights.queries.scope import of_kind, received
from insights.rules.pick import Kind
from insights.rules.slice import Slice
from insights.rules.table import Bridge


def bridge(*, slice: Slice) -> Bridge:
    """Count what came and why some of it is not counted (R1)."""
    leads = received(slice=slice)
    duplicate, test, valid = (
        of_kind(leads, slice=slice, kind=kind).count() for kind in (Kind.DUPLICATE, Kind.TEST, Kind.VALID)
    )
    return Bridge(received=duplicate + test + valid, valid=valid, duplicate=duplicate, test=test)
