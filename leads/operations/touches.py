"""Log attempts to reach the person behind a lead."""

from datetime import datetime
from typing import Literal

from django.db import transaction

from crm.models import User
from crm.operations import audit
from leads.models import Lead, Touch
from leads.operations.desk import Desk
from leads.rules.facts import TouchActor, TouchChannel, TouchResult
from leads.rules.times import told_at

Direction = Literal["out", "in"]


@transaction.atomic
def log(
    *,
    lead: Lead,
    result: TouchResult,
    channel: TouchChannel,
    by: User | None,
    at: datetime,
    direction: Direction = "out",
    actor: TouchActor = TouchActor.HUMAN,
    occurred_at: datetime | None = None,
    telephony_code: str = "",
    duration_seconds: int | None = None,
    note: str = "",
    desk: Desk | None = None,
) -> Touch:
    """Record one attempt. The first of a person, or the first request they answered, is the lead's first touch.

    It may have been made before the lead came in: such a touch is kept as told.
    """
    held = (desk or Desk()).hold(lead)
    recorded_at = held.written_at(Touch, at=at)
    touch = Touch(
        lead=held.lead,
        actor=actor,
        channel=channel,
        is_inbound=direction == "in",
        result=result,
        telephony_code=telephony_code,
        duration_seconds=duration_seconds,
        note=note.strip(),
        by=by,
        occurred_at=told_at(told=occurred_at, at=recorded_at),
        recorded_at=recorded_at,
    )
    held.write(touch)
    held.settle(Touch)
    changes = {"touch": touch.pk, "channel": channel, "result": result, "direction": direction}
    audit.record(action="lead.touch", obj=lead, by=by, at=at, changes=changes)
    return touch
