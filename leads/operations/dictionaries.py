"""Sources, campaigns and segments: names as they arrive, and what a person has agreed they mean."""

from collections.abc import Iterable
from datetime import datetime
from typing import TypeVar

from django.db import transaction
from django.db.models import F, Q, QuerySet
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from crm.models import User
from crm.operations import agreements, keys
from crm.rules.errors import DomainError
from leads.models import Campaign, Lead, Segment, Source, SourceAlias
from leads.models.source import UNDEFINED_SOURCE

LONGEST_SOURCE = 100
LONGEST_CAMPAIGN = 150
LONGEST_SEGMENT = 100

N = TypeVar("N", Source, Campaign, Segment)


class UndefinedSourceIsNoName(DomainError):
    """Confirming or joining the row of leads that came without a source."""

    def __init__(self) -> None:
        super().__init__("undefined_source", _("Leads without a source have a row of their own; it is not a name."))


class SourceIsItself(DomainError):
    """Joining a source to itself."""

    def __init__(self) -> None:
        super().__init__("source_is_itself", _("Choose another source to join this one to."), "into")


class SourceIsArchived(DomainError):
    """Joining a source that is out of use, or joining to one."""

    def __init__(self) -> None:
        super().__init__("source_archived", _("This source is archived."), "into")


class ExternalIdsCollide(DomainError):
    """Joining two sources that both brought a lead of one external id."""

    def __init__(self, *, count: int) -> None:
        message = format_lazy(_("Both sources have leads with the same external ids: {count}."), count=count)
        super().__init__("external_ids_collide", message)


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
    return found or next((twin for twin in _twins(name) if twin.is_confirmed), None)


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
    return _exact(source.campaigns.order_by("id"), name) if name else None


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
    return found


@transaction.atomic
def confirm_source(*, source: Source, by: User | None, at: datetime) -> Source:
    """Agree that a name is a source; from now on its letters' case is overlooked."""
    source = _own(source)
    if not source.is_confirmed:
        source.is_confirmed, source.looks_like = True, None
        source.save(update_fields=["is_confirmed", "looks_like"])
        agreements.record(action="source.confirm", obj=source, by=by, at=at, changes={"code": source.code})
    return source


@transaction.atomic
def merge_source_as_alias(*, source: Source, into: Source, by: User | None, at: datetime) -> int:
    """Agree that a source is another name of one known: its leads, campaigns and names move there in one act.

    The row itself stays, archived. Returns how many leads were moved.
    """
    source, into = _own(source), _own(into)
    if source == into:
        raise SourceIsItself
    if source.archived_at or into.archived_at:
        raise SourceIsArchived
    _refuse_collisions(source, into)
    for campaign in source.campaigns.filter(archived_at__isnull=True):
        _move_campaign(campaign, into, at=at)
    count = source.leads.update(source=into, version=F("version") + 1)
    SourceAlias.objects.filter(source=source).update(source=into)
    for name in dict.fromkeys((source.code, source.name)):
        SourceAlias.objects.update_or_create(name=name[:LONGEST_SOURCE], defaults={"source": into})
    Source.objects.filter(looks_like=source).update(looks_like=into)
    source.archived_at, source.looks_like = at, None
    source.save(update_fields=["archived_at", "looks_like"])
    bound = keys.follow_source(old=source.code, new=into.code)
    changes = {"code": source.code, "into": into.code, "leads": count, "keys": bound}
    agreements.record(action="source.merge", obj=source, by=by, at=at, changes=changes)
    return count


def _refuse_collisions(source: Source, into: Source) -> None:
    ids = source.leads.filter(external_id__isnull=False).values("external_id")
    count = into.leads.filter(external_id__in=ids).count()
    if count:
        raise ExternalIdsCollide(count=count)


def _move_campaign(campaign: Campaign, into: Source, *, at: datetime) -> None:
    same = into.campaigns.filter(code=campaign.code).first()
    if same is None:
        campaign.source = into
        campaign.save(update_fields=["source"])
        return
    Lead.objects.filter(campaign=campaign).update(campaign=same)
    campaign.archived_at = at
    campaign.save(update_fields=["archived_at"])


def _own(source: Source) -> Source:
    if source.code == UNDEFINED_SOURCE:
        raise UndefinedSourceIsNoName
    return Source.objects.select_for_update().get(pk=source.pk)


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
