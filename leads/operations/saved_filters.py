"""Keep filters of the list under a name, and which columns a person wants."""

from collections.abc import Sequence
from datetime import datetime
from urllib.parse import parse_qs

from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from crm.models import User
from crm.operations import agreements
from crm.rules.errors import DomainError
from leads.models import ListColumns, SavedFilter


class NothingToSave(DomainError):
    """A filter that asks for nothing."""

    def __init__(self) -> None:
        super().__init__("nothing_to_save", _("Nothing is filtered, so there is nothing to keep."), "query")


class NameIsTaken(DomainError):
    """Two filters of one person under one name."""

    def __init__(self) -> None:
        super().__init__("name_taken", _("You have a filter of this name already."), "name")


class SearchIsNotShared(DomainError):
    """Sharing a search: it may name a person, and not everybody may know people."""

    def __init__(self) -> None:
        super().__init__(
            "search_not_shared", _("A filter with a search may name a person, so only you can keep it."), "is_shared"
        )


@transaction.atomic
def keep(*, name: str, query: str, is_shared: bool, by: User, at: datetime) -> SavedFilter:
    """Keep a filter; the same one kept twice under one name is one filter."""
    name = " ".join(name.split())
    if not query:
        raise NothingToSave
    _check_sharing(query, is_shared=is_shared)
    known = _held(by).filter(name=name).first()
    if known is not None:
        if (known.query, known.is_shared) == (query, is_shared):
            return known
        raise NameIsTaken
    kept = SavedFilter.objects.create(name=name, query=query, owner=by, is_shared=is_shared, created_at=at)
    agreements.record(action="filter.save", obj=kept, by=by, at=at, changes={"is_shared": is_shared})
    return kept


@transaction.atomic
def change(*, saved: SavedFilter, name: str, is_shared: bool, by: User, at: datetime) -> SavedFilter:
    """Give a filter another name, share it, or keep it to oneself again."""
    name = " ".join(name.split())
    _check_sharing(saved.query, is_shared=is_shared)
    if _held(by).filter(name=name).exclude(pk=saved.pk).exists():
        raise NameIsTaken
    saved.name, saved.is_shared = name, is_shared
    saved.save(update_fields=["name", "is_shared"])
    agreements.record(action="filter.change", obj=saved, by=by, at=at, changes={"is_shared": is_shared})
    return saved


@transaction.atomic
def archive(*, saved: SavedFilter, by: User, at: datetime) -> None:
    """Take a filter off the list; it can be brought back."""
    if saved.archived_at is not None:
        return
    agreements.hold()
    saved.archived_at = at
    saved.save(update_fields=["archived_at"])
    agreements.record(action="filter.archive", obj=saved, by=by, at=at)


@transaction.atomic
def restore(*, saved: SavedFilter, by: User, at: datetime) -> None:
    """Bring a filter back, unless another one has taken its name."""
    if saved.archived_at is None:
        return
    if _held(by).filter(name=saved.name).exists():
        raise NameIsTaken
    saved.archived_at = None
    saved.save(update_fields=["archived_at"])
    agreements.record(action="filter.restore", obj=saved, by=by, at=at)


@transaction.atomic
def choose_columns(*, columns: Sequence[str], by: User) -> None:
    """Remember which columns a person wants to see; none means the usual ones."""
    agreements.hold()
    ListColumns.objects.update_or_create(person=by, defaults={"columns": list(columns)})
    agreements.forget()


def _held(person: User) -> QuerySet[SavedFilter]:
    """Select a person's filters in use, while no other request of theirs names one."""
    agreements.hold()
    User.objects.select_for_update(no_key=True).get(pk=person.pk)
    return SavedFilter.objects.filter(owner=person, archived_at__isnull=True)


def _check_sharing(query: str, *, is_shared: bool) -> None:
    if is_shared and parse_qs(query).get("q"):
        raise SearchIsNotShared
