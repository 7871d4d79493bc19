"""Keep the names of sources, campaigns and segments in order: make, confirm, rename, put out of use and back."""

from datetime import datetime
from typing import TypeVar, cast

from django.db import transaction
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from crm.models import User
from crm.operations import agreements
from crm.operations.rights import require_administrator
from crm.rules.errors import DomainError
from leads.models import Campaign, Segment, Source, SourceAlias
from leads.operations import dictionaries
from leads.operations.dictionaries import LONGEST_SEGMENT, LONGEST_SOURCE, require_a_name

LONGEST_NAME = 150

N = TypeVar("N", bound=Source | Campaign | Segment)


class NameIsMissing(DomainError):
    """A name without a letter in it."""

    def __init__(self) -> None:
        super().__init__("name_required", _("Give it a name."), "name")


class NameIsTooLong(DomainError):
    """A name no column would hold."""

    def __init__(self, *, longest: int) -> None:
        message = format_lazy(_("A name has at most {longest} characters."), longest=longest)
        super().__init__("name_too_long", message, "name")


class NameIsTaken(DomainError):
    """A name that means something else already: what arrives under it could not be told apart."""

    def __init__(self, *, name: str) -> None:
        message = format_lazy(_("“{name}” is taken already. If both are one, join them."), name=name)
        super().__init__("name_taken", message, "name")


class IsMerged(DomainError):
    """Acting upon a name that was joined to another one."""

    def __init__(self) -> None:
        super().__init__("is_merged", _("It was joined to another one for good."))


class AliasIsOfMerged(DomainError):
    """Taking away the name under which a joined source is still sent."""

    def __init__(self) -> None:
        message = _("This is the name of a source that was joined to this one; it stays, or its leads would be lost.")
        super().__init__("alias_of_merged", message)


@transaction.atomic
def create_source(*, name: str, by: User | None, at: datetime) -> Source:
    """Name a source by hand: confirmed, because a person says so. One of that name is confirmed."""
    require_administrator(by=by)
    name = _tidy(name, LONGEST_SOURCE)
    source = dictionaries.resolve_source(name=name, at=at)
    require_a_name(source=source)
    return dictionaries.confirm_source(source=source, by=by, at=at)


@transaction.atomic
def create_segment(*, name: str, by: User | None, at: datetime) -> Segment:
    """Name a segment by hand: confirmed, because a person says so. One of that name is confirmed."""
    require_administrator(by=by)
    segment = dictionaries.resolve_segment(name=_tidy(name, LONGEST_SEGMENT), at=at)
    assert segment is not None  # noqa: S101  a name was given
    return confirm_segment(segment=segment, by=by, at=at)


@transaction.atomic
def confirm_segment(*, segment: Segment, by: User | None, at: datetime) -> Segment:
    """Agree that a name is a segment; from now on its letters' case is overlooked."""
    require_administrator(by=by)
    segment = _held(segment)
    if not segment.is_confirmed:
        segment.is_confirmed = True
        segment.save(update_fields=["is_confirmed"])
        agreements.record(action="segment.confirm", obj=segment, by=by, at=at, changes={"code": segment.code})
    return segment


@transaction.atomic
def rename(*, row: N, name: str, by: User | None, at: datetime) -> N:
    """Show it under another name; what is sent under its code, and for a source under its old name, still means it."""
    require_administrator(by=by)
    _require_a_name(row)
    row, name = _held(row), _tidy(name, LONGEST_NAME)
    if row.name == name:
        return row
    if _is_taken(row, name):
        raise NameIsTaken(name=name)
    old, row.name = row.name, name
    if isinstance(row, Source) and old != row.code and len(old) <= LONGEST_SOURCE:
        SourceAlias.objects.get_or_create(name=old, defaults={"source": row})
    row.save(update_fields=["name"])
    _record("rename", row, by=by, at=at, old=old, new=name)
    return row


@transaction.atomic
def archive(*, row: N, by: User | None, at: datetime) -> N:
    """Put out of use: nobody chooses it any more. What still arrives under it is taken in as before."""
    require_administrator(by=by)
    _require_a_name(row)
    row = _held(row)
    if row.archived_at is None:
        row.archived_at = at
        row.save(update_fields=["archived_at"])
        _record("archive", row, by=by, at=at)
    return row


@transaction.atomic
def restore(*, row: N, by: User | None, at: datetime) -> N:
    """Put back in use."""
    require_administrator(by=by)
    row = _held(row)
    if row.merged_into_id is not None:
        raise IsMerged
    if row.archived_at is not None:
        row.archived_at = None
        row.save(update_fields=["archived_at"])
        _record("restore", row, by=by, at=at)
    return row


@transaction.atomic
def add_alias(*, source: Source, name: str, by: User | None, at: datetime) -> Source:
    """Agree that a name means this source from now on."""
    require_administrator(by=by)
    require_a_name(source=source)
    source, name = _held(source), _tidy(name, LONGEST_SOURCE)
    if source.merged_into_id is not None:
        raise IsMerged
    if _is_taken(source, name):
        raise NameIsTaken(name=name)
    if SourceAlias.objects.get_or_create(name=name, defaults={"source": source})[1]:
        _record("add_alias", source, by=by, at=at, name=name)
    return source


@transaction.atomic
def remove_alias(*, source: Source, name: str, by: User | None, at: datetime) -> Source:
    """Let a name mean this source no more; what arrives under it waits for a yes again."""
    require_administrator(by=by)
    source = _held(source)
    if any(name in (merged.code, merged.name) for merged in source.merged.all()):
        raise AliasIsOfMerged
    if source.aliases.filter(name=name).delete()[0]:
        _record("remove_alias", source, by=by, at=at, name=name)
    return source


def _is_taken(row: Source | Campaign | Segment, name: str) -> bool:
    """Tell whether a name means another row already."""
    meant: Source | Campaign | Segment | None
    if isinstance(row, Source):
        meant = dictionaries.source_meant(name=name)
    elif isinstance(row, Campaign):
        meant = dictionaries.campaign_meant(source=row.source, name=name)
    else:
        meant = dictionaries.segment_meant(name=name)
    return meant is not None and meant.pk != row.pk


def _record(act: str, row: Source | Campaign | Segment, *, by: User | None, at: datetime, **changes: str) -> None:
    action = f"{row._meta.model_name}.{act}"
    agreements.record(action=action, obj=row, by=by, at=at, changes={"code": row.code, **changes})


def _held(row: N) -> N:
    return cast("N", type(row)._default_manager.select_for_update().get(pk=row.pk))


def _require_a_name(row: Source | Campaign | Segment) -> None:
    if isinstance(row, Source):
        require_a_name(source=row)


def _tidy(name: str, longest: int) -> str:
    name = " ".join(name.split())
    if not name:
        raise NameIsMissing
    if len(name) > longest:
        raise NameIsTooLong(longest=longest)
    return name
