"""Write down who did what, in the transaction of the change itself."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import structlog
from django.db.models import Model

from crm.models import AuditEvent, User
from crm.operations.rows import Rows

REQUEST_ID_LENGTH = 64


def record(
    *,
    action: str,
    obj: Model | tuple[str, str],
    by: User | None,
    at: datetime,
    changes: Mapping[str, object] | None = None,
    rows: Rows | None = None,
) -> AuditEvent:
    """Record one act upon one object; `changes` holds codes, ids and counts, never personal data.

    With `rows` it waits among them and is written when they are.
    """
    object_type, object_id = obj if isinstance(obj, tuple) else (obj._meta.label_lower, str(obj.pk))
    event = AuditEvent(
        at=at,
        actor_id=by.pk if by else None,
        action=action,
        object_type=object_type,
        object_id=object_id,
        changes=dict(changes or {}),
        **_of_the_request(),
    )
    if rows is not None:
        return rows.add(event)
    event.save(force_insert=True)
    return event


def _of_the_request() -> dict[str, Any]:
    """Tell during which request, and by which key, as the doors have noted it."""
    known = structlog.contextvars.get_contextvars()
    return {
        "request_id": str(known.get("request_id", ""))[:REQUEST_ID_LENGTH],
        "api_key_id": known.get("api_key_id"),
    }
