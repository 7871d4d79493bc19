"""Join two names of one thing: what was counted under the first is counted under the second from then on.

The row that is joined stays, archived, and points at the other: what old integrations send is still understood.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import TypeVar

from django.db import OperationalError, connection, transaction
from django.db.models import F
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from crm.models import User
from crm.operations import agreements, keys
from crm.operations.rights import require_administrator
from crm.rules.errors import DomainError
from leads.models import AssignmentRule, Campaign, Lead, PublicForm, Segment, Source, SourceAlias
from leads.operations.dictionaries import LONGEST_SOURCE, require_a_name

N = TypeVar("N", Source, Campaign, Segment)

PATIENCE_MS = 400  # less than PostgreSQL takes to find a deadlock: whoever joins names gives way, and no lead does
GAVE_WAY = ("55P03", "40P01")  # PostgreSQL's SQLSTATEs: a lock was not to be had; a deadlock


class SourceIsItself(DomainError):
    """Joining a name to itself."""

    def __init__(self) -> None:
        super().__init__("source_is_itself", _("Choose another one to join this one to."), "into")


class SourceIsArchived(DomainError):
    """Joining a name that is out of use, or joining to one."""

    def __init__(self) -> None:
        super().__init__("source_archived", _("This one is archived."), "into")


class ExternalIdsCollide(DomainError):
    """Joining two sources that both brought a lead of one external id."""

    def __init__(self, *, count: int) -> None:
        message = format_lazy(_("Both sources have leads with the same external ids: {count}."), count=count)
        super().__init__("external_ids_collide", message)


class CampaignsOfTwoSources(DomainError):
    """Joining campaigns that are paid for in two places."""

    def __init__(self) -> None:
        super().__init__("campaigns_of_two_sources", _("Choose a campaign of the same source."), "into")


class LeadsAreArriving(DomainError):
    """Joining names at the very moment at which somebody writes leads of them."""

    def __init__(self) -> None:
        super().__init__("leads_are_arriving", _("Leads of this name are being written just now. Try again."))


def merge_source_as_alias(*, source: Source, into: Source, by: User | None, at: datetime) -> int:
    """Agree that a source is another name of one known: its leads, campaigns, forms, keys, names and rules of
    assignment move in one act.

    Returns how many leads were moved; asked for a second time it moves none.
    """
    require_administrator(by=by)
    with _giving_way():
        return _merge_source(source, into, by=by, at=at)


def _merge_source(source: Source, into: Source, *, by: User | None, at: datetime) -> int:
    require_a_name(source=source)
    require_a_name(source=into)
    source, into = _held(source, into)
    if source.merged_into_id == into.pk:
        return 0
    _require_in_use(source, into)
    _refuse_collisions(source, into)
    for campaign in source.campaigns.filter(archived_at__isnull=True):
        _move_campaign(campaign, into, at=at)
    count = source.leads.update(source=into, version=F("version") + 1)
    for visit in ("first_source", "last_source"):
        Lead.objects.filter(**{visit: source}).update(**{visit: into, "version": F("version") + 1})
    PublicForm.objects.filter(source=source).update(source=into)
    AssignmentRule.objects.filter(source=source).update(source=into)
    SourceAlias.objects.filter(source=source).update(source=into)
    for name in dict.fromkeys((source.code, source.name)):
        SourceAlias.objects.update_or_create(name=name[:LONGEST_SOURCE], defaults={"source": into})
    Source.objects.filter(looks_like=source).exclude(pk=into.pk).update(looks_like=into)
    Source.objects.filter(pk=into.pk, looks_like=source).update(looks_like=None)
    _put_out_of_use(source, into, at=at)
    bound = keys.follow_source(old=source.code, new=into.code)
    changes = {"code": source.code, "into": into.code, "leads": count, "keys": bound}
    agreements.record(action="source.merge", obj=source, by=by, at=at, changes=changes)
    return count


def merge_campaign(*, campaign: Campaign, into: Campaign, by: User | None, at: datetime) -> int:
    """Agree that two campaigns of a source are one; returns how many leads were moved."""
    require_administrator(by=by)
    with _giving_way():
        campaign, into = _held(campaign, into)
        if campaign.source_id != into.source_id:
            raise CampaignsOfTwoSources
        return _merge(campaign, into, action="campaign.merge", by=by, at=at)


def merge_segment(*, segment: Segment, into: Segment, by: User | None, at: datetime) -> int:
    """Agree that two segments are one; returns how many leads were moved."""
    require_administrator(by=by)
    with _giving_way():
        segment, into = _held(segment, into)
        count = _merge(segment, into, action="segment.merge", by=by, at=at)
        AssignmentRule.objects.filter(segment=segment).update(segment=into)
        return count


def _merge(row: N, into: N, *, action: str, by: User | None, at: datetime) -> int:
    if row.merged_into_id == into.pk:
        return 0
    _require_in_use(row, into)
    column = row._meta.model_name
    count: int = row.leads.update(**{str(column): into, "version": F("version") + 1})
    _put_out_of_use(row, into, at=at)
    changes = {"code": row.code, "into": into.code, "leads": count}
    agreements.record(action=action, obj=row, by=by, at=at, changes=changes)
    return count


@contextmanager
def _giving_way() -> Iterator[None]:
    """Do it whole or not at all, and rather not than keep an arriving lead waiting for long."""
    try:
        with transaction.atomic():
            if connection.vendor == "postgresql":
                with connection.cursor() as cursor:
                    cursor.execute("SELECT set_config('lock_timeout', %s, true)", [f"{PATIENCE_MS}ms"])
            yield
    except OperationalError as error:
        if getattr(error.__cause__, "sqlstate", None) in GAVE_WAY:
            raise LeadsAreArriving from error
        raise


def _held(row: N, into: N) -> tuple[N, N]:
    """Hold both, in one order for everybody: who writes a lead of either waits, and then reads what became of it."""
    if row.pk == into.pk:
        raise SourceIsItself
    model = type(row)
    rows = {found.pk: found for found in model._default_manager.select_for_update().filter(pk__in=(row.pk, into.pk))}
    return rows[row.pk], rows[into.pk]


def _require_in_use(row: N, into: N) -> None:
    if row.archived_at or into.archived_at:
        raise SourceIsArchived


def _put_out_of_use(row: N, into: N, *, at: datetime) -> None:
    type(row)._default_manager.filter(merged_into=row).update(merged_into=into)
    row.archived_at, row.merged_into = at, into
    if isinstance(row, Source):
        row.looks_like = None
    row.save()


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
    same = same.merged_into or same
    Lead.objects.filter(campaign=campaign).update(campaign=same)
    _put_out_of_use(campaign, same, at=at)
