"""Write down a change of what is agreed on: settings, rules, names, keys."""

from collections.abc import Mapping
from datetime import datetime
from uuid import uuid4

from django.db.models import Model

from crm.models import Agreements, AuditEvent, User
from crm.operations import audit
from crm.queries.agreements import ask_anew

THE_ONLY = 1


def record(
    *, action: str, obj: Model, by: User | None, at: datetime, changes: Mapping[str, object] | None = None
) -> AuditEvent:
    """Audit a change, and have every process read anew what it remembers, from the commit of the change on.

    A name that nobody has used before changes no answer already given: requests that bring one need not say so.
    """
    forget()
    return audit.record(action=action, obj=obj, by=by, at=at, changes=changes)


def forget() -> None:
    """Have every process read anew what it remembers, from the commit of this transaction on."""
    Agreements.objects.update_or_create(pk=THE_ONLY, defaults={"stamp": uuid4()})
    ask_anew()


def hold() -> None:
    """Wait until nobody else changes what is agreed on, and let nobody until the transaction ends."""
    Agreements.objects.select_for_update().get_or_create(pk=THE_ONLY, defaults={"stamp": uuid4()})
