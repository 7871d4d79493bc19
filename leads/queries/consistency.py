"""Where a Lead row says otherwise than its facts."""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from itertools import islice
from typing import Any

from django.db.models import QuerySet

from crm.queries.organisation import settings_history
from crm.rules.calendar import civil_day
from leads.models import Lead, LeadLink
from leads.queries.derived import DERIVED, Values
from leads.rules.facts import LinkKind

CHUNK = 500


@dataclass(frozen=True, slots=True)
class Difference:
    """A field of a Lead row that the facts do not bear out."""

    lead: str
    field: str
    stored: object
    derived: object

    def __str__(self) -> str:
        return f"{self.lead} {self.field}: stored {self.stored}, derived {self.derived}"


def ties_of(ids: Collection[int]) -> dict[int, dict[str, object]]:
    """Derive what a lead duplicates and repeats. A duplicate of a duplicate points at the lead that is counted."""
    masters = _masters(ids)
    repeats = LeadLink.objects.filter(lead_id__in=ids, kind=LinkKind.REPEAT).order_by("recorded_at", "id")
    repeated = dict(repeats.values_list("lead_id", "master_id"))
    return {pk: {"duplicate_of_id": _root(pk, masters), "repeat_of_id": repeated.get(pk)} for pk in ids}


def _masters(ids: Collection[int]) -> dict[int, int | None]:
    """Read the last tie of these leads, of their masters, and so on upwards."""
    masters: dict[int, int | None] = {}
    asked = set(ids)
    while asked:
        links = LeadLink.objects.filter(lead_id__in=asked).exclude(kind=LinkKind.REPEAT).order_by("recorded_at", "id")
        last = {lead: (kind, master) for lead, kind, master in links.values_list("lead_id", "kind", "master_id")}
        for pk in asked:
            kind, master = last.get(pk, (LinkKind.UNMERGE, None))
            masters[pk] = None if kind == LinkKind.UNMERGE else master
        asked = {master for pk in asked if (master := masters[pk]) is not None} - set(masters)
    return masters


def _root(pk: int, masters: Mapping[int, int | None]) -> int | None:
    root = masters[pk]
    while root is not None and (above := masters[root]) is not None:
        root = above
    return root


def differences(*, leads: QuerySet[Lead] | None = None) -> list[Difference]:
    """List every field of these leads, or of all, that differs from what the facts say."""
    agreed = settings_history()
    found: list[Difference] = []
    for chunk in _chunks((Lead.objects.all() if leads is None else leads).order_by("id")):
        ids = [lead.pk for lead in chunk]
        facts = {kind: _facts(kind, ids) for kind in DERIVED}
        ties = ties_of(ids)
        for lead in chunk:
            derived: dict[str, object] = {
                "cohort_day": civil_day(lead.received_at, agreed.at(lead.received_at).time_zone)
            }
            for kind, derive in DERIVED.items():
                derived |= derive(facts[kind][lead.pk])
            found += _compared(lead, derived | ties[lead.pk])
    return found


def _facts(kind: type[Any], ids: Collection[int]) -> dict[int, list[Any]]:
    """Read the facts of one kind, lead by lead."""
    found: dict[int, list[Any]] = {pk: [] for pk in ids}
    for fact in kind.objects.filter(lead_id__in=ids):
        found[fact.lead_id].append(fact)
    return found


def _compared(lead: Lead, derived: Values) -> Iterator[Difference]:
    for name, value in derived.items():
        stored = getattr(lead, name)
        if stored != value:
            yield Difference(lead=lead.code, field=name.removesuffix("_id"), stored=stored, derived=value)


def _chunks(leads: QuerySet[Lead]) -> Iterator[list[Lead]]:
    rows = leads.iterator(chunk_size=CHUNK)
    while chunk := list(islice(rows, CHUNK)):
        yield chunk
