"""Receive a request with care: whoever brings the same person or the same id at this moment waits, or is seen."""

from collections.abc import Mapping
from datetime import datetime

from django.db import IntegrityError, transaction

from crm.models import User
from crm.operations.rows import Overtaken
from crm.rules.errors import DomainError
from funnels.models import Funnel
from leads.intake.row import IntakeRow
from leads.models import Lead
from leads.operations import contacts
from leads.operations.arrivals.arrival import Arrival, Received
from leads.operations.desk import Desk
from leads.rules.facts import Channel, SubmissionState


def receive(
    *,
    row: IntakeRow,
    funnel: Funnel,
    by: User | None,
    at: datetime,
    channel: Channel,
    default_received_at: datetime | None = None,
    raw: Mapping[str, object] | None = None,
) -> Received:
    """Take one request in as a lead.

    The raw request is kept whatever comes of it. A request whose external id its source has sent before is recognised
    and changes nothing. One from a known person within the window is a duplicate of the lead that is counted, and
    after the window a repeat; a technical test is neither. What rules of the definition can decide is judged at once,
    except for files, whose tags are the judgement.
    """
    arrival = Arrival(
        row=row, funnel=funnel, by=by, at=at, channel=channel, default_received_at=default_received_at, raw=raw
    )
    return receive_arrival(arrival)


def receive_arrival(arrival: Arrival, *, keeps_refused: bool = True) -> Received:
    """Take in a request that is prepared, as `receive` does; its rows are written when this returns.

    Whoever calls it in a transaction that a refusal takes back has to keep what is refused by themselves.
    """
    desk = arrival.desk
    try:
        return _received(arrival)
    except IntegrityError:
        # Somebody brought the same external id a moment ago; whatever else it may be is not ours to hide.
        desk.clear()
        with transaction.atomic():
            recognised = _recognised(arrival)
            if recognised is None:
                raise
            return _written(desk, recognised)
    except DomainError as refusal:
        desk.clear()
        if keeps_refused:
            submission = arrival.submission
            submission.state = SubmissionState.FAILED
            submission.error_code, submission.error_detail = refusal.code, str(refusal)
            submission.save(force_insert=True)
        raise


def _received(arrival: Arrival) -> Received:
    desk = arrival.desk
    try:
        with transaction.atomic():
            return _written(desk, _recognised(arrival) or _taken_in(arrival))
    except Overtaken:
        desk.clear()  # a name it was read by was joined to another one: by now it means that one
        with transaction.atomic():
            return _written(desk, _recognised(arrival) or _taken_in(arrival))


def _written(desk: Desk, received: Received) -> Received:
    desk.rows.write()
    return received


def _recognised(arrival: Arrival) -> Received | None:
    """Find the lead that its source has already sent under this external id."""
    external_id = arrival.row.external_id
    if not external_id:
        return None
    arrival.check_external_id()
    sent = Lead.objects.filter(source=arrival.source(), external_id=external_id)
    return arrival.answer(sent.get(), "existing") if sent.exists() else None  # most are new: ask no more than that


def _taken_in(arrival: Arrival) -> Received:
    arrival.check()
    row, points = arrival.row, arrival.person.points
    return arrival.take_in(contacts.claim(points=points, name=row.name, company=row.company, at=arrival.at))
