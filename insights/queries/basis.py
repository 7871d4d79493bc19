"""What leads are counted by that is not written on them: kept counts hold only while it is the same."""

from datetime import datetime
from hashlib import blake2b

from crm.queries.organisation import settings_at
from crm.queries.snapshot import once
from funnels.models import CriterionVersion, LossReason
from funnels.rules.criteria import EvidenceRule
from insights.queries.scope import funnel_of
from insights.rules.slice import Slice

WAY_OF_COUNTING = 2
"""To be raised with every change of how leads are counted into rows that are kept."""


def basis_of(*, slice: Slice, at: datetime) -> str:
    """Tell what the leads of a slice's funnel are counted by: equal texts mean equal counts of the same leads."""
    return once(_basis, funnel=funnel_of(slice=slice).pk, at=at)


def unreachable_mask(*, funnel: int) -> int:
    """Join the bits of the criteria that say that somebody cannot be reached, in any version."""
    versions = CriterionVersion.objects.filter(criterion__funnel=funnel, evidence=EvidenceRule.UNREACHABLE)
    return sum(1 << bit for bit in set(versions.values_list("criterion__bit", flat=True)))


def _basis(*, funnel: int, at: datetime) -> str:
    agreed = settings_at(at)
    to_explain = LossReason.objects.filter(funnel=funnel, needs_note=True).order_by("pk")
    told = (
        WAY_OF_COUNTING,
        agreed.time_zone,
        agreed.unreachable_attempts,
        agreed.unreachable_days,
        agreed.unreachable_channels,
        unreachable_mask(funnel=funnel),
        *to_explain.values_list("pk", flat=True),
    )
    return blake2b(repr(told).encode(), digest_size=16).hexdigest()
