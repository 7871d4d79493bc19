"""Sources, campaigns and segments: what the names that arrive mean, by what people have agreed on."""

from collections.abc import Iterable
from datetime import datetime
from typing import TypeVar

from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy as _

from crm.models import User
from crm.operations import agreements
from crm.operations.rights import require_administrator
from crm.rules.errors import DomainError
from leads.models import Campaign, Segment, Source
from leads.models.source import UNDEFINED_SOURCE

LONGEST_SOURCE = 100
LONGEST_CAMPAIGN = 150
LONGEST_SEGMENT = 100

N = TypeVar("N", Source, Campaign, Segment)


class UndefinedSourceIsNoName(DomainError):
    """Confirming or joining the row of leads that came without a source."""

    def __init__(self) -> None:
        super().__init__("undefined_source", _("Leads without a source have a row of their own; it is not a name."))


def undefined_source(*, at: datetime) -> Source:
    """Find, or make, the row of leads that came without a source."""
    defaults = {"name": UNDEFINED_SOURCE, "is_confirmed": True, "created_at": at}
    return Source.objects.get_or_create(code=UNDEFINED_SOURCE, defaults=defaults)[0]


def resolve_source(*, name: str, at: datetime) -> Source:
    """Find the source a name means, or make a new one that waits for a person's yes.

    A name means what a person has agreed on (an alias), else the source of exactly that code or name. Letters' case
    is overlooked only under a source that a person has confirmed: joining two budgets in silence is worse than showing
    two rows that look alike.
    """
    found = source_meant(name=name)
    if found is not None:
        return found
    name = _tidy(name, LONGEST_SOURCE)
    if not name or name == UNDEFINED_SOURCE:
        return undefined_source(at=at)
    twins = _twins(name)
    defaults = {"name": name, "looks_like": twins[0] if twins else None, "created_at": at}
    return Source.objects.get_or_create(code=name, defaults=defaults)[0]


def source_meant(*, name: str) -> Source | None:
    """Find the source a name means as `resolve_source` does; None when it would be a new one."""
    name = _tidy(name, LONGEST_SOURCE)
    if not name or name == UNDEFINED_SOURCE:
        return Source.objects.filter(code=UNDEFINED_SOURCE).first()
    found = Source.objects.filter(aliases__name=name).first() or _exact(Source.objects.order_by("id"), name)
    return _followed(found) or next((twin for twin in _twins(name) if twin.is_confirmed), None)


def resolve_campaign(*, source: Source, name: str, at: datetime) -> Campaign | None:
    """Find the campaign of a source by its code or name, or make it; nothing when no campaign is named."""
    found = campaign_meant(source=source, name=name)
    name = _tidy(name, LONGEST_CAMPAIGN)
    if found is not None or not name:
        return found
    return source.campaigns.get_or_create(code=name, defaults={"name": name, "created_at": at})[0]


def campaign_meant(*, source: Source, name: str) -> Campaign | None:
    """Find the campaign of a source a name means; None also when it would be a new one."""
    name = _tidy(name, LONGEST_CAMPAIGN)
    return _followed(_exact(source.campaigns.order_by("id"), name)) if name else None


def resolve_segment(*, name: str, at: datetime) -> Segment | None:
    """Find the segment a name means, or make one that waits for a yes; nothing when no segment is named."""
    found = segment_meant(name=name)
    name = _tidy(name, LONGEST_SEGMENT)
    if found is not None or not name:
        return found
    return Segment.objects.get_or_create(code=name, defaults={"name": name, "created_at": at})[0]


def segment_meant(*, name: str) -> Segment | None:
    """Find the segment a name means as `resolve_segment` does; None also when it would be a new one."""
    name = _tidy(name, LONGEST_SEGMENT)
    if not name:
        return None
    found = _exact(Segment.objects.order_by("id"), name)
    if found is None:
        confirmed = Segment.objects.filter(is_confirmed=True).order_by("id")
        found = next((segment for segment in confirmed if _alike(name, (segment.code, segment.name))), None)
    return _followed(found)


@transaction.atomic
def confirm_source(*, source: Source, by: User | None, at: datetime) -> Source:
    """Agree that a name is a source; from now on its letters' case is overlooked."""
    require_administrator(by=by)
    require_a_name(source=source)
    source = Source.objects.select_for_update().get(pk=source.pk)
    if not source.is_confirmed:
        source.is_confirmed, source.looks_like = True, None
        source.save(update_fields=["is_confirmed", "looks_like"])
        agreements.record(action="source.confirm", obj=source, by=by, at=at, changes={"code": source.code})
    return source


def require_a_name(*, source: Source) -> None:
    """Refuse to act upon the row of leads that came without a source."""
    if source.code == UNDEFINED_SOURCE:
        raise UndefinedSourceIsNoName


def _followed(row: N | None) -> N | None:
    """Go on to what a name was joined to."""
    return row.merged_into or row if row is not None else None


def _exact(rows: QuerySet[N], name: str) -> N | None:
    """Find the row of this code, else of this name."""
    found = list(rows.filter(Q(code=name) | Q(name=name)))
    return next((row for row in found if row.code == name), found[0] if found else None)


def _twins(name: str) -> list[Source]:
    """List the sources in use of the same letters. Compared here: databases fold Cyrillic each in its own way."""
    sources = Source.objects.filter(archived_at__isnull=True).prefetch_related("aliases").order_by("id")
    return [
        source
        for source in sources
        if _alike(name, (source.code, source.name, *(alias.name for alias in source.aliases.all())))
    ]


def _alike(name: str, others: Iterable[str]) -> bool:
    return name.casefold() in {other.casefold() for other in others}


def _tidy(name: str, longest: int) -> str:
    return " ".join(name.split())[:longest].strip()
