"""Say who answers for a lead."""

from datetime import datetime

from django.db import transaction
from django.db.models import QuerySet
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from crm.models import User
from crm.operations import audit
from crm.rules.errors import DomainError
from leads.models import Lead, OwnerChange
from leads.operations.desk import Desk


class OwnerHasLeft(DomainError):
    """Giving a lead to somebody who no longer signs in."""

    def __init__(self) -> None:
        super().__init__("owner_has_left", _("This person no longer works here."), "owner")


class UnknownOwner(DomainError):
    """A request for somebody who does not work here."""

    def __init__(self, *, owner: str) -> None:
        message = format_lazy(_("Nobody signs in as “{owner}”: the lead has no such owner to go to."), owner=owner)
        super().__init__("unknown_owner", message, "owner")


def named(*, email: str, among: QuerySet[User] | None = None) -> User:
    """Find the person who signs in with this e-mail, among all who work here unless told among whom.

    Raises UnknownOwner.
    """
    people = User.objects.filter(is_active=True) if among is None else among
    owner = people.filter(email=email.strip().lower()).first()
    if owner is None:
        raise UnknownOwner(owner=email.strip())
    return owner


@transaction.atomic
def assign(*, lead: Lead, owner: User | None, by: User | None, at: datetime) -> OwnerChange | None:
    """Hand a lead to somebody, or to nobody; to hand it to who has it already is no act."""
    desk = Desk()
    held = desk.hold(lead)
    if owner is not None and not owner.is_active:
        raise OwnerHasLeft
    before = held.lead.owner_id
    if before == (owner.pk if owner else None):
        return None
    recorded_at = held.written_at(OwnerChange, at=at)
    change = OwnerChange(lead=held.lead, owner=owner, by=by, occurred_at=recorded_at, recorded_at=recorded_at)
    held.write(change)
    held.settle(OwnerChange)
    audit.record(action="lead.assign", obj=lead, by=by, at=at, changes={"owner": [before, change.owner_id]})
    desk.done()
    return change
