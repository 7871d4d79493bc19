"""Know the person behind a request by phone and e-mail, also when two requests come in the same instant."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from crm.operations.rows import Rows
from leads.models import Contact, ContactPoint
from leads.queries.duplicates import Point, points_known
from leads.rules.search import search_key

LONGEST_NAME = 200


@dataclass(frozen=True, slots=True)
class Claimed:
    """The contact of a request, and whoever was known before by any of its points."""

    contact: Contact
    known: tuple[int, ...] = ()


def claim(*, points: Sequence[Point], name: str, company: str, at: datetime) -> Claimed:
    """Find the contacts these points belong to, or make one.

    `points` come in the order in which they are trusted. Of two contacts that a request joins each keeps its own
    points. Contacts stay locked until the transaction ends: whoever brings a request of the same person waits, and
    then finds this one.
    """
    name, company = _tidy(name), _tidy(company)
    if not points:
        return Claimed(_create(name, company, (), at=at))
    known = points_known(points=points)
    missing = [point for point in points if point not in known]
    if missing:
        fresh = None if known else _create(name, company, points, at=at)
        _attach(missing, fresh.pk if fresh else _first(points, known), at=at)
        known = points_known(points=points)  # as they are now: somebody may have been faster
        if fresh is not None and set(known.values()) == {fresh.pk}:
            return Claimed(fresh)
        if fresh is not None and fresh.pk not in known.values():
            fresh.delete()
    locked = Contact.objects.select_for_update(no_key=True).filter(pk__in=set(known.values())).order_by("pk")
    contacts = {contact.pk: contact for contact in locked}
    contact = contacts[_first(points, known)]
    _complete(contact, name, company, has_new_points=bool(missing))
    return Claimed(contact, tuple(contacts))


def newcomer(*, points: Sequence[Point], name: str, company: str, at: datetime, rows: Rows) -> Claimed:
    """Add the contact of somebody nobody knows to the rows; of two who do so at once the tables refuse the second."""
    name, company = _tidy(name), _tidy(company)
    contact = rows.name(Contact(name=name, company=company, search_key=_key(name, company, points), created_at=at))
    for kind, value in sorted(points):
        rows.add(ContactPoint(contact=contact, kind=kind, value=value, created_at=at))
    return Claimed(contact)


def lock(*, contact: Contact) -> Contact:
    """Take a contact for oneself until the transaction ends, and read it as it is now."""
    return Contact.objects.select_for_update(no_key=True).get(pk=contact.pk)


def rename(*, contact: Contact, name: str | None = None, company: str | None = None) -> Contact:
    """Correct the name or company of a contact held; what is None stays. Its points are read anew for the search."""
    contact.name = contact.name if name is None else _tidy(name)
    contact.company = contact.company if company is None else _tidy(company)
    values = contact.points.values_list("value", flat=True)
    contact.search_key = search_key(contact.name, contact.company, *values)
    contact.save(update_fields=["name", "company", "search_key"])
    return contact


def _create(name: str, company: str, points: Sequence[Point], *, at: datetime) -> Contact:
    return Contact.objects.create(name=name, company=company, search_key=_key(name, company, points), created_at=at)


def _key(name: str, company: str, points: Sequence[Point]) -> str:
    return search_key(name, company, *(value for _kind, value in points))


def _attach(points: Sequence[Point], contact_id: int, *, at: datetime) -> None:
    """Write the points that nobody has; in one order, so that two requests do not wait for each other."""
    ContactPoint.objects.bulk_create(
        (ContactPoint(contact_id=contact_id, kind=kind, value=value, created_at=at) for kind, value in sorted(points)),
        ignore_conflicts=True,
    )


def _first(points: Sequence[Point], known: dict[Point, int]) -> int:
    return next(known[point] for point in points if point in known)


def _complete(contact: Contact, name: str, company: str, *, has_new_points: bool) -> None:
    """Fill in what was not known of a contact; what is known is not overwritten by a later request."""
    told = (contact.name or name, contact.company or company)
    if told == (contact.name, contact.company) and not has_new_points:
        return
    contact.name, contact.company = told
    values = contact.points.values_list("value", flat=True)
    key = search_key(contact.name, contact.company, *values)
    if key != contact.search_key:
        contact.search_key = key
        contact.save(update_fields=["name", "company", "search_key"])


def _tidy(text: str) -> str:
    return " ".join(text.split())[:LONGEST_NAME]
