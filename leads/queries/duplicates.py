"""Which earlier request a new one repeats."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import timedelta

from django.db.models import Q

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
    # Kind by kind: so the index, which begins with it, is walked.
    values = {kind: [value for one, value in points if one == kind] for kind in PointKind}
    asked = Q(*(Q(kind=kind, value__in=told) for kind, told in values.items() if told), _connector=Q.OR)
    rows = ContactPoint.objects.filter(asked).values_list("kind", "value", "contact_id")
    found = {(PointKind(kind), value): contact_id for kind, value, contact_id in rows}
    return {point: found[point] for point in points if point in found}


def external_ids_known(*, sent: Collection[tuple[int, str]]) -> set[tuple[int, str]]:
    """Tell which external ids, each beside the id of its source, have been sent before."""
    ids: dict[int, list[str]] = {}
    for source_id, external_id in sent:
        ids.setdefault(source_id, []).append(external_id)
    if not ids:
        return set()
    asked = Q(*(Q(source=source_id, external_id__in=told) for source_id, told in ids.items()), _connector=Q.OR)
    found = Lead.objects.filter(asked).order_by().values_list("source_id", "external_id")
    return {(source_id, external_id) for source_id, external_id in found if external_id is not None}


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
