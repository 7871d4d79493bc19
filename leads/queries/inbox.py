"""The plain list of leads, one page after another, and the people who may stand in it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Literal

from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy as _

from crm.models import User
from crm.rules.errors import DomainError
from crm.rules.permissions import Permission, Reach, is_granted, reach
from crm.rules.roles import Role
from leads.models import Lead
from leads.models.lead import managers_see_team

PAGE = 50
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MICROSECOND = timedelta(microseconds=1)
MOST_COUNTED = 10_000


class PlaceIsNotUnderstood(DomainError):
    """A page of the list named by something that is not a place in it."""

    def __init__(self) -> None:
        super().__init__("place_not_understood", _("This address is not a page of the list."))


@dataclass(frozen=True, slots=True)
class Place:
    """A place between two leads of the list: leads are ordered by arrival, then by number."""

    received_at: datetime
    pk: int

    @classmethod
    def of(cls, lead: Lead) -> "Place":
        """Point at a lead."""
        return cls(lead.received_at, lead.pk)

    @classmethod
    def parse(cls, text: str) -> "Place":
        """Read a place back from an address."""
        stamp, _dot, pk = text.partition(".")
        try:
            return cls(EPOCH + int(stamp) * MICROSECOND, int(pk))
        except (ValueError, OverflowError):
            raise PlaceIsNotUnderstood from None

    def __str__(self) -> str:
        return f"{(self.received_at - EPOCH) // MICROSECOND}.{self.pk}"


@dataclass(frozen=True, slots=True)
class Page:
    """Some leads in a row, and where to go on from them."""

    leads: Sequence[Lead]
    newer: Place | None
    older: Place | None


def page(
    *,
    leads: QuerySet[Lead],
    older_than: Place | None = None,
    newer_than: Place | None = None,
    size: int | None = None,
    columns: Sequence[str] = (),
) -> Page:
    """Take the newest page, or the one on either side of a place. Costs the same however deep in the list it is.

    With `columns` only these are read, and of no other leads than the page's: those that do not fit are passed over in
    the index of the newest, without being read.
    """
    size = size or PAGE
    if newer_than is not None:
        found = _first(leads.filter(_beyond(newer_than, "gt")), ("received_at", "id"), size + 1, columns)
        rows, there_is_more = found[:size][::-1], len(found) > size
        has_newer, has_older = there_is_more, True
    else:
        if older_than is not None:
            leads = leads.filter(_beyond(older_than, "lt"))
        found = _first(leads, ("-received_at", "-id"), size + 1, columns)
        rows, has_newer, has_older = found[:size], older_than is not None, len(found) > size
    if not rows:
        return Page((), None, None)
    newer = Place.of(rows[0]) if has_newer else None
    return Page(rows, newer, Place.of(rows[-1]) if has_older else None)


def _first(leads: QuerySet[Lead], order: Sequence[str], most: int, columns: Sequence[str]) -> list[Lead]:
    chosen = leads.order_by(*order)[:most]
    if not columns:
        return list(chosen)
    return list(Lead.objects.filter(pk__in=chosen.values("pk")).order_by(*order).only(*columns))


def count(*, leads: QuerySet[Lead]) -> int:
    """Count leads as far as it is worth waiting for: one more than MOST_COUNTED stands for any number above it."""
    return leads.order_by()[: MOST_COUNTED + 1].count()


def holders(*, actor: User) -> QuerySet[User]:
    """List the people who may answer for a lead, as far as this person's leads go."""
    people = User.objects.filter(is_active=True, role__in=[role for role in Role if _may_hold(role)])
    granted = reach(actor.role, Permission.READ_LEADS)
    if granted in (Reach.ALL, Reach.MASKED):
        return people.order_by("name", "id")
    if actor.team_id is None:
        return people.filter(pk=actor.pk)
    return people.filter(team=actor.team_id).order_by("name", "id")


def owners_seen(*, actor: User) -> QuerySet[User]:
    """List the people whose leads this person may see, also those who have left or do something else now.

    Told by roles and teams, and of others by an index of theirs: of a million leads the list of owners would take long.
    """
    granted = reach(actor.role, Permission.READ_LEADS)
    holding = [role for role in Role if _may_hold(role)]
    others = list(User.objects.exclude(role__in=holding).values_list("pk", flat=True))
    had = Lead.objects.filter(owner__in=others).order_by().values_list("owner", flat=True).distinct()
    people = User.objects.filter(Q(role__in=holding) | Q(pk__in=list(had)))
    if granted not in (Reach.ALL, Reach.MASKED):
        people = people.filter(Q(pk=actor.pk) | _team_seen(actor, granted))
    return people.order_by("name", "id")


def _team_seen(actor: User, granted: Reach) -> Q:
    if actor.team_id is None:
        return Q(pk=actor.pk)
    team = Q(team=actor.team_id)
    return team & Q(managers_see_team()) if granted is Reach.OWN else team


def _may_hold(role: Role) -> bool:
    return is_granted(role, Permission.EDIT_LEAD)


def _beyond(place: Place, side: Literal["lt", "gt"]) -> Q:
    # The first condition alone lets the index on (received_at, id) be entered at the right place.
    later = Q(**{f"received_at__{side}": place.received_at})
    level = Q(received_at=place.received_at, **{f"pk__{side}": place.pk})
    return Q(**{f"received_at__{side}e": place.received_at}) & (later | level)
