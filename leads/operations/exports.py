"""Hand leads out as a file: who took what is written down."""

from datetime import datetime

from django.db import transaction

from crm.models import User
from crm.operations import audit
from crm.rules.permissions import Permission
from leads.models.lead import LeadQuerySet


@transaction.atomic
def hand_out(
    *, leads: LeadQuerySet, most: int, kind: str, filters: list[str], by: User, at: datetime
) -> tuple[LeadQuerySet, bool]:
    """Write down that a list is taken away as a file, and return it as far as that goes, with whether it was cut.

    Only the names of the filters are kept: their values may name a person.
    """
    allowed = leads.reached(by, Permission.EXPORT_ROWS)
    found = allowed.order_by()[: most + 1].count()
    changes = {"rows": min(found, most), "is_cut": found > most, "kind": kind, "filters": filters}
    audit.record(action="lead.export", obj=("leads.lead", "list"), by=by, at=at, changes=changes)
    return allowed, found > most
