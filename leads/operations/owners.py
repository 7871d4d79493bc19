"""Say who answers for a lead."""

from datetime import datetime

from django.db import transaction
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


@transaction.atomic
def assign(*, lead: Lead, owner: User | None, by: User | None, at: datetime) -> OwnerChange | None:
    """Hand a lead to somebody, or to nobody; to hand it to who has it already is no act."""
    held = Desk().hold(lead)
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
    return change
