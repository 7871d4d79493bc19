"""Log attempts to reach the person behind a lead."""

from datetime import datetime
from typing import Literal
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from crm.models import User
from crm.operations import audit
from crm.rules.errors import DomainError
from leads.models import Lead, Touch
from leads.operations.desk import Desk
from leads.rules.facts import TouchActor, TouchChannel, TouchResult
from leads.rules.times import told_at

Direction = Literal["out", "in"]


class RequestIdIsTaken(DomainError):
    """A request id that already logged an attempt at another lead."""

    def __init__(self) -> None:
        super().__init__("request_id_taken", _("This request id belongs to another attempt."), "request_id")


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
    request_id: UUID | None = None,
    desk: Desk | None = None,
) -> Touch:
    """Record one attempt. The first of a person, or the first request they answered, is the lead's first touch.

    It may have been made before the lead came in: such a touch is kept as told. A repeated `request_id` returns the
    touch it made: two attempts instead of one would prove that somebody is unreachable.
    """
    desk = desk or Desk()
    held = desk.hold(lead)
    if request_id is not None and (made := Touch.objects.filter(request_id=request_id).first()):
        if made.lead_id != held.lead.pk:
            raise RequestIdIsTaken
        return made
    recorded_at = held.written_at(Touch, at=at)
    touch = Touch(
        request_id=request_id,
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
    audit.record(action="lead.touch", obj=lead, by=by, at=at, changes=changes, rows=held.rows)
    desk.done()
    return touch
