"""Which earlier request a new one repeats."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import timedelta

from leads.models import ContactPoint, Lead
from leads.models.lead import LeadQuerySet
from leads.rules.facts import LinkKind, PointKind


@dataclass(frozen=True, slots=True)
class Match:
    """The earlier lead: this one is its duplicate, or a repeat after the window."""

    kind: LinkKind
    master: Lead


def points_known(*, points: Collection[tuple[PointKind, str]]) -> dict[tuple[PointKind, str], int]:
    """Tell which contact each phone or e-mail belongs to, for those that are known."""
    if not points:
        return {}
    values = {value for _kind, value in points}
    rows = ContactPoint.objects.filter(value__in=values).values_list("kind", "value", "contact_id")
    found = {(PointKind(kind), value): contact_id for kind, value, contact_id in rows}
    return {point: found[point] for point in points if point in found}


def find(*, lead: Lead, contacts: Collection[int], window_days: int) -> Match | None:
    """Find what a lead of these contacts repeats (R2): the earliest counted lead within the window, else the last one
    before it.

    The window looks both ways, so that a file sorted from the newest still finds its duplicates; the lead that is
    already known stays the one that is counted. Only counted leads are looked at, so duplicates never form a chain.
    """
    counted = LeadQuerySet(Lead).valid().filter(funnel=lead.funnel_id, contact__in=contacts).exclude(pk=lead.pk)
    window = timedelta(days=window_days)
    near = counted.filter(received_at__gte=lead.received_at - window, received_at__lte=lead.received_at + window)
    if master := near.order_by("received_at", "id").first():
        return Match(LinkKind.DUPLICATE, master)
    if earlier := counted.filter(received_at__lt=lead.received_at).order_by("-received_at", "-id").first():
        return Match(LinkKind.REPEAT, earlier)
    return None
