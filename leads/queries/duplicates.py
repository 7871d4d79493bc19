"""Which earlier request a new one repeats."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import timedelta
from typing import TypeVar

from django.db import connection
from django.db.models import Q

from leads.models import ContactPoint, Lead
from leads.models.lead import LeadQuerySet
from leads.rules.facts import LinkKind, PointKind

Point = tuple[PointKind, str]
G = TypeVar("G", PointKind, int)

POINTS_SEEN = "SELECT kind, 0, value FROM leads_contactpoint WHERE kind = %s AND value IN ({})"
IDS_SEEN = "SELECT '', source_id, external_id FROM leads_lead WHERE source_id = %s AND external_id IN ({})"


@dataclass(frozen=True, slots=True)
class Match:
    """The earlier lead: this one is its duplicate, or a repeat after the window."""

    kind: LinkKind
    master: Lead


def points_known(*, points: Collection[Point]) -> dict[Point, int]:
    """Tell which contact each phone or e-mail belongs to, for those that are known."""
    if not points:
        return {}
    # Kind by kind: so the index, which begins with it, is walked.
    asked = Q(*(Q(kind=kind, value__in=told) for kind, told in _grouped(points).items()), _connector=Q.OR)
    rows = ContactPoint.objects.filter(asked).values_list("kind", "value", "contact_id")
    found = {(PointKind(kind), value): contact_id for kind, value, contact_id in rows}
    return {point: found[point] for point in points if point in found}


def seen_before(
    *, points: Collection[Point], sent: Collection[tuple[int, str]]
) -> tuple[set[Point], set[tuple[int, str]]]:
    """Tell which phones and e-mails are known, and which external ids were sent, each beside the id of its source.

    One question, asked of every request that comes in; each part of it walks the index of a uniqueness.
    """
    parts: list[str] = []
    told: list[str | int] = []
    for words, groups in ((POINTS_SEEN, _grouped(points)), (IDS_SEEN, _grouped(sent))):
        for first, values in groups.items():
            parts.append(words.format(", ".join(["%s"] * len(values))))
            told += [first, *values]
    if not parts:
        return set(), set()
    with connection.cursor() as cursor:
        cursor.execute(" UNION ALL ".join(parts), told)
        found = cursor.fetchall()
    return (
        {(PointKind(kind), value) for kind, _source, value in found if kind},
        {(source, external_id) for kind, source, external_id in found if not kind},
    )


def _grouped(pairs: Collection[tuple[G, str]]) -> dict[G, list[str]]:
    groups: dict[G, list[str]] = {}
    for first, value in pairs:
        groups.setdefault(first, []).append(value)
    return groups


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
