"""How one person likes to look at the list."""

from collections.abc import Sequence

from django.db.models import Q, QuerySet

from crm.models import User
from leads.models import ListColumns, SavedFilter


def saved_filters(*, actor: User) -> QuerySet[SavedFilter]:
    """List the filters offered to a person: their own, then what others share."""
    offered = SavedFilter.objects.filter(Q(owner=actor) | Q(is_shared=True), archived_at__isnull=True)
    return offered.order_by("name", "id")


def own_filter(*, actor: User, pk: int) -> SavedFilter | None:
    """Find a filter of a person's own, also an archived one; somebody else's is not there."""
    return SavedFilter.objects.filter(owner=actor, pk=pk).first()


def columns_chosen(*, actor: User) -> Sequence[str]:
    """Read the columns a person has chosen; empty when they never have."""
    chosen = ListColumns.objects.filter(person=actor).values_list("columns", flat=True).first()
    return chosen or ()
