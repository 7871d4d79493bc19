"""How one person likes to look at the list: remembered, because it stands on every page of it."""

from collections.abc import Sequence

from django.db.models import Q, QuerySet

from crm.models import User
from crm.queries.agreements import remembered
from leads.models import ListColumns, SavedFilter


def saved_filters(*, actor: User) -> QuerySet[SavedFilter]:
    """List the filters offered to a person: their own, then what others share."""
    offered = SavedFilter.objects.filter(Q(owner=actor) | Q(is_shared=True), archived_at__isnull=True)
    return offered.order_by("name", "id")


def filters_at_hand(*, actor: User) -> Sequence[SavedFilter]:
    """List the same as `saved_filters`, read but once until somebody keeps, changes or takes away one."""
    return remembered().once(_offered, actor=actor)


def own_filter(*, actor: User, pk: int) -> SavedFilter | None:
    """Find a filter of a person's own, also an archived one; somebody else's is not there."""
    return SavedFilter.objects.filter(owner=actor, pk=pk).first()


def columns_chosen(*, actor: User) -> Sequence[str]:
    """Read the columns a person has chosen; empty when they never have."""
    return remembered().once(_chosen, actor=actor)


def _offered(*, actor: User) -> Sequence[SavedFilter]:
    return list(saved_filters(actor=actor))


def _chosen(*, actor: User) -> Sequence[str]:
    return ListColumns.objects.filter(person=actor).values_list("columns", flat=True).first() or ()
