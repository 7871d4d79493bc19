"""Say who answers for a lead."""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from crm.models import User
from crm.operations import audit
from crm.rules.errors import DomainError
from leads.models import Lead, OwnerChange
from leads.operations import states
from leads.queries.consistency import owner_of


class OwnerHasLeft(DomainError):
    """Giving a lead to somebody who no longer signs in."""

    def __init__(self) -> None:
        super().__init__("owner_has_left", _("This person no longer works here."), "owner")


@transaction.atomic
def assign(*, lead: Lead, owner: User | None, by: User | None, at: datetime) -> OwnerChange | None:
    """Hand a lead to somebody, or to nobody; to hand it to who has it already is no act."""
    lead = states.lock(lead=lead)
    if owner is not None and not owner.is_active:
        raise OwnerHasLeft
    before = lead.owner_id
    if before == (owner.pk if owner else None):
        return None
    recorded_at = states.written_at(lead=lead, facts=lead.owner_changes.all(), at=at)
    change = OwnerChange.objects.create(lead=lead, owner=owner, by=by, occurred_at=recorded_at, recorded_at=recorded_at)
    states.settle(lead=lead, part=owner_of)
    audit.record(action="lead.assign", obj=lead, by=by, at=at, changes={"owner": [before, change.owner_id]})
    return change
